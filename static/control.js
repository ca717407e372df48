// The control room: follows what happens, counts down, and asks for a second click before anything viewers would see.
import { listen } from "./live.js";

// Long enough to read what the second click does, short enough that nobody finds a loaded button.
const ARMED_MS = 6000;
const TOGETHER_MS = 300;
// What nobody tells, such as who has come to watch, is looked at now and then; without the line, often.
const SLOWLY_MS = 60_000;
const OFTEN_MS = 10_000;

const room = document.getElementById("control");
const said = document.querySelector("[data-said]");

// --- The second click

let armed = null;

function disarm() {
  if (!armed) return;
  clearTimeout(armed.timer);
  const button = document.getElementById(armed.id);
  if (button) {
    button.classList.remove("armed");
    const text = button.querySelector("[data-text]");
    if (armed.text && text.textContent === armed.sure) text.textContent = armed.text;
  }
  armed = null;
}

function arm(form, button) {
  disarm();
  armed = { id: button.id, until: Date.now() + ARMED_MS };
  show(form, button);
  if (said) said.textContent = form.dataset.again;
}

function show(form, button) {
  const text = button.querySelector("[data-text]");
  armed.text = text.textContent;
  armed.sure = form.dataset.sure;
  text.textContent = armed.sure;
  button.classList.add("armed");
  clearTimeout(armed.timer);
  armed.timer = setTimeout(disarm, armed.until - Date.now());
}

// A card that was fetched anew keeps its loaded button, if there is still anything to confirm.
function armAgain() {
  if (!armed) return;
  const button = document.getElementById(armed.id);
  const form = button?.closest("form[data-sure]");
  if (form) show(form, button);
  else disarm();
}

function confirmed(form, button) {
  if (!form.dataset.sure) return true;
  if (armed?.id === button.id) return true;
  arm(form, button);
  return false;
}

document.addEventListener("submit", (submit) => {
  const form = submit.target.closest("form[data-quick]");
  if (!form) return;
  const button = form.querySelector("button");
  if (!confirmed(form, button)) {
    submit.preventDefault();
    return;
  }
  disarm();
  const values = new FormData(form);
  if (form.dataset.sure) values.set("confirm", "1");
  if (room && form.closest("[data-lane]")) {
    submit.preventDefault();
    values.set("back", "card");
    send(form, button, values);
  } else if (form.dataset.sure) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: "confirm", value: "1" });
    form.append(field);
  }
});

// A double click is one click, and a key held down is one press.
document.addEventListener("click", (click) => {
  if (click.detail > 1 && click.target.closest("form[data-sure] button")) click.preventDefault();
}, true);
document.addEventListener("keydown", (press) => {
  if (press.key === "Escape") disarm();
  if (press.repeat && press.target.closest?.("form[data-sure] button")) press.preventDefault();
});

async function send(form, button, values) {
  button.setAttribute("aria-busy", "true");
  const lane = form.closest("[data-lane]").dataset.lane;
  const answer = await fetch(`${form.action}?day=${shownDay()}`, { method: "POST", body: new URLSearchParams(values) }).catch(() => null);
  if (answer?.ok) put(await answer.text());
  else {
    if (said) said.textContent = room.dataset.failed;
    document.getElementById(button.id)?.removeAttribute("aria-busy");
    ask(lane);
  }
}

// --- What is shown

function put(text, isWhole = false) {
  const parts = [...new DOMParser().parseFromString(text, "text/html").querySelectorAll("[data-part]")];
  if (!parts.length) {
    // Signed out meanwhile, most likely.
    location.reload();
    return;
  }
  const day = parts.find((part) => part.dataset.day)?.dataset.day;
  if (day && day !== shownDay()) {
    // The next day of the event has begun.
    location.reload();
    return;
  }
  const ids = parts.map((part) => part.id);
  for (const part of parts) {
    const old = document.getElementById(part.id);
    const fresh = document.adoptNode(part);
    if (old) replace(old, fresh);
    else room.append(fresh);
  }
  if (isWhole) setInOrder(ids);
  setClock();
  showLine(isOpen);
  armAgain();
  tick();
}

function shownDay() {
  return document.getElementById("room-head").dataset.day;
}

function setInOrder(ids) {
  for (const old of room.querySelectorAll("[data-part]")) if (!ids.includes(old.id)) old.remove();
  const shown = [...room.querySelectorAll("[data-part]")].map((part) => part.id);
  if (shown.join() !== ids.join()) for (const id of ids) room.append(document.getElementById(id));
}

// What is unfolded stays so, and the keyboard stays where it is.
function replace(old, fresh) {
  for (const details of fresh.querySelectorAll("details[id]")) {
    const before = old.querySelector(`#${CSS.escape(details.id)}`);
    if (before) details.open = before.open;
  }
  const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
  old.replaceWith(fresh);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

const wanted = new Set();
let due = 0;
let askedAt = Date.now();

function ask(lane = "") {
  wanted.add(lane);
  due ||= setTimeout(fetchWanted, TOGETHER_MS);
}

async function fetchWanted() {
  due = 0;
  const only = wanted.size === 1 ? [...wanted][0] : "";
  wanted.clear();
  if (!only) askedAt = Date.now();
  const query = new URLSearchParams({ day: room.dataset.day, show: room.dataset.show ?? "", only });
  const answer = await fetch(`${room.dataset.rooms}?${query}`).catch(() => null);
  if (answer?.ok) put(await answer.text(), !only);
}

// --- The clock

let ahead = 0;

function setClock() {
  ahead = Date.parse(document.getElementById("room-head").dataset.now) - Date.now();
}

function now() {
  return Date.now() + ahead;
}

function span(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  const two = (number) => String(number).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

function clockFace() {
  const format = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: document.body.dataset.zone };
  const written = new Intl.DateTimeFormat("en", format).format(now());
  return document.documentElement.lang === "id" ? written.replaceAll(":", ".") : written;
}

function tick() {
  const clock = document.querySelector("[data-clock]");
  if (clock) clock.textContent = clockFace();
  for (const each of room.querySelectorAll("[data-until]")) each.textContent = span(Date.parse(each.dataset.until) - now());
  for (const each of room.querySelectorAll("[data-since]")) each.textContent = span(now() - Date.parse(each.dataset.since));
}

function lookForChanges() {
  for (const lane of room.querySelectorAll("[data-changes]")) {
    if (Date.parse(lane.dataset.changes) > now()) continue;
    delete lane.dataset.changes;
    ask(lane.dataset.lane);
  }
  if (Date.now() - askedAt > (isOpen ? SLOWLY_MS : OFTEN_MS)) ask();
}

// --- The line

let isOpen = false;

function showLine(open) {
  isOpen = open;
  const place = document.querySelector("[data-line]");
  place.hidden = false;
  place.querySelector("[data-line-open]").hidden = !open;
  place.querySelector("[data-line-broken]").hidden = open;
}

function laneOf(session) {
  const lanes = [...room.querySelectorAll("[data-sessions]")];
  return lanes.find((lane) => lane.dataset.sessions.split(" ").includes(session))?.dataset.lane;
}

function heard(told) {
  if (told.encoder !== undefined) ask(told.encoder);
  else if (told.session !== undefined) {
    const lane = laneOf(told.session);
    if (lane !== undefined) ask(lane);
  } else ask();
}

if (room) {
  setClock();
  setInterval(() => {
    tick();
    lookForChanges();
  }, 1000);
  listen({
    event: room.dataset.event,
    on: { broadcast: heard, programme: (told) => (told.release || told.why === "released") && ask() },
    missed: () => ask(),
    state: showLine,
  });
}
