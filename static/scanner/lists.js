// What stands in the options: what is not sent, not taken, does not fit, and the last answers.
import * as device from "./device.js";
import { text } from "./setup.js";

const part = (name) => document.getElementById(name);
const TIME = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const MOST_LINES = 50;
const DAY = { day: "numeric", month: "short", year: "numeric" };

/** Returns a moment as the event's wall clock shows it, with its day where wanted. */
export function clock(at, { withDay = false } = {}) {
  const timeZone = device.known()?.event.time_zone;
  return new Date(at).toLocaleString(document.documentElement.lang, { ...(withDay ? DAY : {}), ...TIME, timeZone });
}

export function symbol(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** Returns a line of a list: symbol, words, small print below, and perhaps a button. */
export function line(icon, words, more = [], button = null) {
  const item = document.createElement("li");
  const block = document.createElement("div");
  block.append(words);
  for (const told of [more].flat().filter(Boolean)) {
    const small = document.createElement("small");
    small.textContent = told;
    block.append(small);
  }
  item.append(symbol(icon), block);
  if (button) item.append(button);
  return item;
}

function fill(section, rows, draw) {
  part(section).hidden = rows.length === 0;
  const lines = rows.slice(0, MOST_LINES).map(draw);
  if (rows.length > MOST_LINES) lines.push(line("more", text("more_lines", { count: rows.length - MOST_LINES })));
  part(`${section}-list`).replaceChildren(...lines);
}

/** Shows what is kept for the server: `rows` as the queue has them. */
export function drawKept(rows) {
  const mine = device.known()?.event.slug;
  const told = ({ passage, event }) => [clock(passage.scanned_at), event !== mine ? text("other_event") : ""].filter(Boolean).join(" · ");
  const icons = { ok: "ok", refused: "refused", null: "waiting" };
  const [faulty, waiting] = [rows.filter((row) => row.fault !== undefined), rows.filter((row) => row.fault === undefined)];
  fill("kept", waiting, (row) => line(icons[row.passage.decided], text(`way_${row.passage.type}`), told(row)));
  fill("faulty", faulty, (row) => line("ask", text(`way_${row.passage.type}`), [told(row), row.fault]));
}

/** Shows conflicts as the server tells them. */
export function drawConflicts(conflicts) {
  fill("conflicts", conflicts, (one) => line("ask", one.name || text("somebody"), [one.explanation, one.remedy]));
}

/** Shows the last answers; `undo(scan)` is offered where a scan may still be taken back. */
export function drawRecent(scans, mayUndo, undo) {
  const icons = { ok: "ok", refused: "refused" };
  fill("recent", scans, (scan) => {
    const more = [clock(scan.at), scan.undone ? text("undone") : scan.reason].filter(Boolean).join(" · ");
    const who = scan.name || text(scan.status === "ok" ? scan.way : scan.status);
    return line(icons[scan.status], who, more, mayUndo(scan) ? undoButton(scan, undo) : null);
  });
}

function undoButton(scan, undo) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text("undo");
  button.addEventListener("click", () => undo(scan));
  return button;
}

/** Shows what cannot be known without a connection; `madeAt` is null where there is no list at all. */
export function drawAway(madeAt, minutes, canVerify) {
  part("away").hidden = false;
  const known = madeAt !== null;
  const age = text("away_age", { count: minutes });
  part("away-text").textContent = known ? text("away_text", { at: clock(madeAt, { withDay: minutes > 600 }), age }) : text("away_none");
  const rules = known ? ["away_tickets", "away_others", "away_full", ...(canVerify ? [] : ["away_signature"])] : [];
  part("away-list").replaceChildren(...rules.map((rule) => line("ask", text(rule))));
}
