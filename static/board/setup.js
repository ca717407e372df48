// What the server wrote into the page: addresses, the day's sessions, every text in the reader's language.
export const setup = JSON.parse(document.getElementById("setup").textContent);

/** Returns the text `name` with its `{values}` filled in. */
export function text(name, values = {}) {
  return setup.texts[name].replace(/\{(\w+)\}/g, (_, key) => String(values[key]));
}

const MOST_LINES = 3;

/** Returns some of many reasons as lines: the first few, and how many more there are. */
export function lines(reasons, more = 0) {
  const hidden = more + Math.max(0, reasons.length - MOST_LINES);
  return [...reasons.slice(0, MOST_LINES), ...(hidden ? [text("more", { n: hidden })] : [])];
}
