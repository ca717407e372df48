// What the server wrote into the page: addresses, the day's sessions, every text in the reader's language.
export const setup = JSON.parse(document.getElementById("setup").textContent);

/** Returns the text `name` with its `{values}` filled in. */
export function text(name, values = {}) {
  return setup.texts[name].replace(/\{(\w+)\}/g, (_, key) => String(values[key]));
}
