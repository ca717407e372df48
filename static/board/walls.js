// Wall times of the event's zone, as text: 2021-02-25T09:00:00. Never a Date in the browser's zone.

export const STEP_MS = 15 * 60_000;

const milliseconds = (wall) => Date.parse(`${wall}Z`);

/** Returns the wall time some milliseconds later. */
export function later(wall, ms) {
  return new Date(milliseconds(wall) + ms).toISOString().slice(0, 19);
}

/** Returns how long it is from one wall time to another, in milliseconds. */
export function between(start, end) {
  return milliseconds(end) - milliseconds(start);
}

/** Writes a span as the page's language does: 09.00–10.00 in Indonesian. */
export function span(start, end) {
  const separator = document.documentElement.lang === "id" ? "." : ":";
  return [start, end].map((wall) => wall.slice(11, 16).replace(":", separator)).join("–");
}
