// The full-screen answer to a scan, and the questions an incomplete one asks.
import { signal } from "./feedback.js";
import { decimal, text } from "./setup.js";

const SHOWN_MS = { ok: 1800, refused: 6000, waiting: 6000 };
const USUAL = "eventhub.scanner.temperature";
const LOWEST = 35;
const HIGHEST = 42;
const LONG_NAME = 44; // characters that still fit beside the symbol at full size

const part = (name) => document.getElementById(name);
const screen = part("answer");

let timer;
let closed = () => {};
let digits = "";
let untouched = true;
let answerQuestion = () => {};
let overrule = () => {};

export function isOpen() {
  return !screen.hidden;
}

/** Calls `after` each time the answer goes away. */
export function onClosed(after) {
  closed = after;
}

export function close() {
  clearTimeout(timer);
  if (screen.hidden) return;
  screen.hidden = true;
  closed();
}

/** Shows a final answer; it goes by itself. `force(reason)` is offered when given. */
export function show(state, content, force = null) {
  fill(state, content);
  overrule = force ?? (() => {});
  part("force-open").hidden = force === null;
  timer = setTimeout(close, force ? SHOWN_MS.refused * 3 : SHOWN_MS[state]);
}

/** Asks for the temperature in °C (digits with one decimal); `answered(number)`. */
export function askTemperature(content, answered) {
  fill("ask", content);
  screen.dataset.asking = "temperature";
  digits = usual();
  untouched = true;
  showDigits();
  part("pad").hidden = false;
  answerQuestion = answered;
}

/** Asks whether a mask is worn; `answered(boolean)`. */
export function askMask(content, answered) {
  fill("ask", content);
  screen.dataset.asking = "mask";
  part("mask").hidden = false;
  answerQuestion = answered;
}

function fill(state, { word, person, reason, inside, refer, here }) {
  clearTimeout(timer);
  delete screen.dataset.asking;
  part("next").textContent = text(state === "ask" ? "cancel" : "next");
  screen.dataset.state = state;
  part("answer-symbol").setAttribute("href", `#i-${state}`);
  write("answer-word", word);
  write("answer-name", person?.name);
  const name = person?.name ?? "";
  screen.toggleAttribute("data-long", name.length > LONG_NAME);
  // Many are named by their post, which need not be told twice.
  write("answer-who", [person?.position, person?.office].filter((told) => told && !name.includes(told)).join(" · "));
  write("answer-reason", reason);
  write("answer-refer", refer);
  write("answer-inside", inside);
  write("answer-here", here);
  ["pad", "mask", "force", "force-open"].forEach((name) => (part(name).hidden = true));
  screen.hidden = false;
  screen.focus({ preventScroll: true });
  signal(state);
}

function write(name, words) {
  part(name).textContent = words ?? "";
  part(name).hidden = !words;
}

function showDigits() {
  const [tens, ones, tenths] = [0, 1, 2].map((place) => digits[place] ?? "–");
  part("pad-reading").textContent = `${tens}${ones}${decimal(0.1)[1]}${tenths} °C`;
  part("pad-fault").hidden = true;
}

/** Returns the digits of the temperature that is suggested, so that one tap sends it; "" where none is set. */
function usual() {
  const celsius = Number(localStorage.getItem(USUAL) ?? 0);
  return celsius >= LOWEST && celsius <= HIGHEST ? String(Math.round(celsius * 10)) : "";
}

/** Sets the temperature that is suggested, "" for none. */
export function suggest(celsius) {
  localStorage.setItem(USUAL, celsius);
}

export function suggested() {
  return localStorage.getItem(USUAL) ?? "";
}

function press(key) {
  if (key === "send") return sendDigits();
  // A first digit typed over a suggestion starts anew.
  const start = digits === usual() && untouched ? "" : digits;
  digits = key === "back" ? digits.slice(0, -1) : (start + key).slice(0, 3);
  untouched = false;
  showDigits();
}

function sendDigits() {
  const celsius = Number(digits) / 10;
  if (digits.length < 3 || celsius < LOWEST || celsius > HIGHEST) {
    part("pad-fault").hidden = false;
    return;
  }
  answerQuestion(celsius);
}

part("pad").addEventListener("click", (event) => {
  const key = event.target.closest("button")?.dataset.key;
  if (key) press(key);
});

part("mask").addEventListener("click", (event) => {
  const answer = event.target.closest("button")?.dataset.mask;
  if (answer) answerQuestion(answer === "yes");
});

part("force-open").addEventListener("click", () => {
  clearTimeout(timer);
  part("force-open").hidden = true;
  part("force").hidden = false;
  part("force-reason").value = "";
  part("force-reason").focus();
});

part("force").addEventListener("submit", (event) => {
  event.preventDefault();
  const reason = part("force-reason").value.trim();
  if (reason) overrule(reason);
});

part("next").addEventListener("click", close);

// A tap anywhere on a final answer makes the next scan ready; a question wants its answer or "Next".
screen.addEventListener("click", (event) => {
  if (screen.dataset.asking || event.target.closest("button, form")) return;
  close();
});

/** Keys of a keyboard on the number pad; returns whether the key was used. */
export function typeKey(key) {
  if (screen.hidden || screen.dataset.asking !== "temperature") return false;
  if (/^\d$/.test(key)) press(key);
  else if (key === "Backspace") press("back");
  else if (key === "Enter") press("send");
  else return false;
  return true;
}
