// What stands on a session's card.
import { lines, setup, text } from "./setup.js";
import { span } from "./walls.js";

const SVG = "http://www.w3.org/2000/svg";

function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** Makes an element of a class with parts inside. */
export function element(tag, className, ...parts) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...parts);
  return made;
}

/** Returns what a state of a place looks like, by the worst that stands in its way: icon and word. */
export function sign(worst) {
  return worst === "warn"
    ? element("span", "sign warn", icon("triangle-alert"), text("warning"))
    : element("span", "sign bad", icon("ban"), text("conflict"));
}

function signOf(session) {
  if (session.state === "cancelled") {
    return element("span", "sign bad", icon("calendar-x"), text("cancelled"));
  }
  return session.reasons.length ? sign(session.reasons[0].severity) : "";
}

/** Returns the inside of a card; `start` and `end` are wall times, which a drag may have moved. */
export function content(session, start, end, roomName) {
  const inside = element(
    "div",
    "card-inside",
    element("p", "card-time", element("time", "", span(start, end)), signOf(session)),
    element("p", "card-title", session.title),
    element("span", "hidden", `, ${roomName}`),
  );
  inside.dataset.code = session.code;
  const reasons = lines(session.reasons.map((reason) => reason.text), session.more);
  if (reasons.length) inside.append(element("p", "card-reason", reasons.join(" ")));
  inside.title = [session.title, session.track, ...reasons].filter(Boolean).join("\n");
  return inside;
}

/** Returns the classes of a card, by what stands in its way and whether it was chosen by the filters. */
export function classes(session, { isLifted, isFresh, isLeaving }) {
  const found = ["session"];
  if (session.state === "cancelled") found.push("off");
  if (!session.matches) found.push("faded");
  if (session.reasons.length) found.push(session.reasons[0].severity === "warn" ? "warn" : "bad");
  if (isLifted) found.push("lifted");
  if (isFresh) found.push("fresh");
  if (isLeaving) found.push("leaving");
  if (!setup.mayWrite) found.push("fixed");
  return found;
}
