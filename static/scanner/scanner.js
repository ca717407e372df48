// The scanner's page: joins camera, keys, answers and the state shown around them.
import * as answer from "./answer.js";
import { Camera } from "./camera.js";
import * as device from "./device.js";
import { allowSound, isQuiet, setQuiet } from "./feedback.js";
import * as queue from "./queue.js";
import * as scans from "./scans.js";
import { moment, NotAScanner } from "./server.js";
import { text, urls } from "./setup.js";
import { listen } from "./wedge.js";

const SAME_TICKET_MS = 2500; // a ticket held on in front of the camera is one scan
const LOOK_AGAIN_MS = 20000;
const HINT_MS = 8000;

const part = (name) => document.getElementById(name);
const camera = new Camera(part("video"), seen);

let lastText = "";
let lastSeenAt = 0;
let wantsCamera = false;
let online = navigator.onLine;
let hintTimer;

function seen(code) {
  const held = code === lastText && performance.now() - lastSeenAt < SAME_TICKET_MS;
  lastSeenAt = performance.now();
  if (scans.isBusy() || held || document.querySelector("dialog[open]")) return;
  lastText = code;
  scans.scan(code);
}

function drawState(waitingCount) {
  const [icon, word] = online ? ["online", text("online")] : ["offline", text("offline")];
  const line = part("connection");
  line.replaceChildren(symbol(icon), waitingCount ? text("state_waiting", { word, count: waitingCount }) : word);
}

function symbol(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

async function drawQueue() {
  const kept = await queue.waiting();
  drawState(kept.length);
  part("kept").hidden = kept.length === 0;
  part("kept-list").replaceChildren(...kept.map((passage) => line("waiting", text(`way_${passage.type}`), passage.scanned_at)));
}

function drawRecent() {
  part("recent").hidden = scans.recent.length === 0;
  const icons = { ok: "ok", refused: "refused", incomplete: "ask" };
  part("recent-list").replaceChildren(
    ...scans.recent.map((scan) => line(icons[scan.status], scan.name || text(scan.status), scan.at, scan.reason)),
  );
}

function line(icon, words, at, more = "") {
  const item = document.createElement("li");
  const small = document.createElement("small");
  small.textContent = [clock(at), more].filter(Boolean).join(" · ");
  const block = document.createElement("div");
  block.append(words, small);
  item.append(symbol(icon), block);
  return item;
}

const TIME = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const DAY = { day: "numeric", month: "short", year: "numeric" };

function clock(at, parts = TIME) {
  const timeZone = device.known()?.event.time_zone;
  return new Date(at).toLocaleString(document.documentElement.lang, { ...parts, timeZone });
}

function drawPlace() {
  const here = device.checkpoint();
  part("controls").hidden = !here;
  part("place-name").textContent = here?.name ?? text("title");
  part("place-of").textContent = subtitle();
  part("count").textContent = here ? scans.counted(here) : "";
  document.querySelectorAll("[data-way]").forEach((button) => {
    button.setAttribute("aria-pressed", String(button.dataset.way === device.way()));
  });
}

// A trial event runs on a time of its own, and every page of it says so.
function subtitle() {
  const config = device.known();
  return config?.clock_is_set ? text("set_clock", { at: clock(moment(), { ...DAY, ...TIME }) }) : (config?.event.title ?? "");
}

function hint(words) {
  clearTimeout(hintTimer);
  part("hint").textContent = words;
  if (words !== text("hint")) hintTimer = setTimeout(() => hint(text("hint")), HINT_MS);
}

function opening(words, { start = "" } = {}) {
  part("opening").hidden = false;
  part("opening-text").textContent = words;
  part("start").hidden = !start;
  if (start) part("start").textContent = start;
}

async function lookUp() {
  try {
    await device.refresh();
    online = true;
  } catch (error) {
    if (error instanceof NotAScanner) return notAScanner();
    online = false;
  }
  drawPlace();
  await drawQueue();
  if (online) scans.sendWaiting();
}

function notAScanner() {
  device.forget();
  camera.stop();
  wantsCamera = false;
  answer.close();
  drawPlace();
  opening(text("not_a_scanner"));
}

async function startCamera() {
  allowSound();
  if (!navigator.mediaDevices) return opening(text("insecure"));
  try {
    await camera.start();
  } catch (error) {
    const why = { NotAllowedError: "camera_refused", NotFoundError: "camera_absent" }[error.name] ?? "camera_failed";
    return opening(text(why), { start: text("try_again") });
  }
  wantsCamera = true;
  part("opening").hidden = true;
  part("torch").hidden = !camera.hasTorch;
  part("torch").setAttribute("aria-pressed", "false");
  navigator.wakeLock?.request("screen").catch(() => {}); // a courtesy; refused when the battery is low
}

async function fillOptions() {
  const choices = (device.known()?.checkpoints ?? []).map((place) => new Option(place.name, place.code));
  part("checkpoint").replaceChildren(...choices);
  part("checkpoint").value = device.checkpoint()?.code ?? "";
  const cameras = navigator.mediaDevices ? await camera.list() : [];
  part("camera").replaceChildren(new Option(text("camera_back"), ""), ...cameras.map((one) => new Option(one.label, one.deviceId)));
  part("camera").value = camera.chosen;
  part("sound").checked = !isQuiet();
  await drawQueue();
  drawRecent();
}

async function openOptions() {
  await fillOptions();
  part("options").showModal();
}

function closeTyping() {
  const typed = part("typed").value.trim();
  if (part("typing").returnValue === "check" && typed) scans.scan(typed);
}

part("start").addEventListener("click", startCamera);
part("more").addEventListener("click", openOptions);
part("place").addEventListener("click", openOptions);
part("type").addEventListener("click", () => {
  allowSound();
  part("typed").value = "";
  part("typing").returnValue = "";
  part("typing").showModal();
});
part("typing").addEventListener("close", closeTyping);
part("typing-cancel").addEventListener("click", () => part("typing").close());
part("checkpoint").addEventListener("change", ({ target }) => {
  device.chooseCheckpoint(target.value);
  drawPlace();
});
part("camera").addEventListener("change", ({ target }) => camera.start(target.value).catch(() => startCamera()));
part("sound").addEventListener("change", ({ target }) => setQuiet(!target.checked));
part("torch").addEventListener("click", async ({ currentTarget }) => {
  const on = currentTarget.getAttribute("aria-pressed") !== "true";
  await camera.light(on);
  currentTarget.setAttribute("aria-pressed", String(on));
});
document.querySelectorAll("[data-way]").forEach((button) => {
  button.addEventListener("click", () => {
    device.chooseWay(button.dataset.way);
    drawPlace();
  });
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) camera.stop();
  else if (wantsCamera) startCamera();
});
addEventListener("online", lookUp);
addEventListener("offline", () => {
  online = false;
  drawQueue();
});

answer.onClosed(() => {
  lastSeenAt = performance.now();
});
listen((code) => {
  answer.close();
  scans.scan(code);
}, answer.typeKey);
scans.reportTo({
  changed(result) {
    online = result !== null;
    const here = device.checkpoint();
    if (result && here && result.checkpoint === here.code) Object.assign(here, { inside: result.inside, limit: result.limit });
    drawPlace();
    drawQueue();
  },
  later(passage, result) {
    const words = { name: result.participant?.name ?? text("somebody"), at: clock(passage.scanned_at), reason: result.explanation ?? "" };
    hint(text(result.status === "ok" ? "later_ok" : "later_refused", words));
  },
  failed(error) {
    if (error instanceof NotAScanner) notAScanner();
    else throw error;
  },
});

async function begin() {
  navigator.serviceWorker?.register(urls.worker, { scope: urls.scope });
  navigator.storage?.persist?.();
  drawPlace();
  drawState(0);
  await lookUp();
  if (device.checkpoint()) opening(text(online ? "ready" : "ready_offline"), { start: text("start") });
  else if (!device.known()) opening(text(online ? "not_a_scanner" : "no_connection"));
  else opening(text("no_checkpoint"));
  setInterval(() => document.hidden || scans.isBusy() || lookUp(), LOOK_AGAIN_MS);
}

begin();
