// What the server wrote into the page: addresses and every text in the reader's language.
const setup = JSON.parse(document.getElementById("setup").textContent);

export const urls = setup.urls;
export const engine = setup.engine;

/** Returns the text `name` with its `{values}` filled in. */
export function text(name, values = {}) {
  return setup.texts[name].replace(/\{(\w+)\}/g, (_, key) => String(values[key]));
}

/** Writes a number as the page's language does: 36,4 in Indonesian. */
export function decimal(number) {
  return number.toLocaleString(document.documentElement.lang, { minimumFractionDigits: 1 });
}
