// What the board says: to all in a notice, to those who listen in a live region.
import { lines } from "./setup.js";

const notice = document.getElementById("refused");
const said = document.getElementById("said");

/** Says what happened, for screen readers. */
export function say(words) {
  said.textContent = words;
}

/** Shows what was refused and why; stays until something else is done. */
export function refuse(words, reasons = []) {
  notice.querySelector("[data-text]").textContent = words;
  const items = lines(reasons).map((reason) => {
    const line = document.createElement("li");
    line.textContent = reason;
    return line;
  });
  notice.querySelector("[data-reasons]").replaceChildren(...items);
  notice.hidden = false;
  notice.scrollIntoView({ block: "nearest" });
}

export function calm() {
  notice.hidden = true;
}
