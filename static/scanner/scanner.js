// The scanner's page: joins camera, keys, answers and the state shown around them.
import * as answer from "./answer.js";
import { Camera } from "./camera.js";
import * as device from "./device.js";
import { allowSound, isQuiet, setQuiet } from "./feedback.js";
import * as finding from "./finding.js";
import * as journal from "./journal.js";
import * as lists from "./lists.js";
import * as live from "./live.js";
import * as offline from "./offline.js";
import * as queue from "./queue.js";
import * as scans from "./scans.js";
import { annul, isReachable, lose, moment, NoAnswer, NotAScanner, now, readConflicts, Rejected } from "./server.js";
import { decimal, text, urls } from "./setup.js";
import * as snapshot from "./snapshot.js";
import { canVerify } from "./ticket.js";
import { listen } from "./wedge.js";

const SAME_TICKET_MS = 2500; // a ticket held on in front of the camera is one scan
const LOOK_AGAIN_MS = 20000;
const LOOK_SOON_MS = 3000; // while there is no connection
const HINT_MS = 8000;
const UNDO_MS = 15 * 60 * 1000;

const part = (name) => document.getElementById(name);
const camera = new Camera(part("video"), seen);

const seenAt = new Map(); // texts in front of the camera just now, and when they were last seen
let lastText = "";
let wantsCamera = false;
let hintTimer;
let lookTimer;
let drawTimer = null;
let settled = null;
let returned = { sent: 0, conflicts: 0 };

function seen(code) {
  const now = performance.now();
  const held = now - (seenAt.get(code) ?? -Infinity) < SAME_TICKET_MS;
  seenAt.forEach((at, text) => now - at > SAME_TICKET_MS && seenAt.delete(text));
  if (held || !scans.isBusy()) seenAt.set(code, now);
  if (scans.isBusy() || held || document.querySelector("dialog[open]")) return;
  lastText = code;
  scans.scan(code);
}

async function drawState() {
  const rows = await queue.kept();
  const [icon, word] = isReachable() ? ["online", text("online")] : ["offline", text("offline")];
  part("connection").replaceChildren(lists.symbol(icon), rows.length ? text("state_waiting", { word, count: rows.length }) : word);
  if (part("options").open) lists.drawKept(rows);
  drawApart();
}

// Once for many answers that come together.
function drawSoon() {
  drawTimer ??= setTimeout(() => {
    drawTimer = null;
    drawPlace();
    drawState();
  }, 0);
}

// Says that the phone decides by itself, and how old what it knows is.
function drawApart() {
  const madeAt = snapshot.known()?.made_at ?? null;
  part("apart").hidden = isReachable() || !device.checkpoint();
  part("apart-text").textContent = madeAt === null ? text("apart_never") : text("apart", { at: lists.clock(madeAt) });
}

function drawPlace() {
  const here = device.checkpoint();
  part("controls").hidden = !here;
  part("place-name").textContent = here?.name ?? text("title");
  part("place-of").textContent = subtitle();
  drawCount(here);
  part("find").hidden = !device.known()?.device.may_search;
  document.querySelectorAll("[data-way]").forEach((button) => {
    button.setAttribute("aria-pressed", String(button.dataset.way === device.way()));
  });
}

async function drawCount(here) {
  part("count").textContent = here ? scans.counted({ ...here, inside: await offline.count(here) }) : "";
}

// A trial event runs on a time of its own, and every page of it says so.
function subtitle() {
  const config = device.known();
  return config?.clock_is_set ? text("set_clock", { at: lists.clock(moment(), { withDay: true }) }) : (config?.event.title ?? "");
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
  clearTimeout(lookTimer);
  try {
    await device.refresh();
  } catch (error) {
    if (error instanceof NotAScanner) return notAScanner();
    if (!(error instanceof NoAnswer)) throw error;
  }
  drawPlace();
  await drawState();
  settled ??= settle().finally(() => (settled = null));
}

// What follows when the server is there: it gets what waits, and gives what is needed without it.
async function settle() {
  if (isReachable()) {
    await scans.sendWaiting();
    sayReturned();
    await renew();
  }
  if (isReachable() && device.known()) live.listen({ counted: drawPlace, back: () => isReachable() || lookUp(), failed });
  clearTimeout(lookTimer);
  lookTimer = setTimeout(lookAgain, isReachable() ? LOOK_AGAIN_MS : LOOK_SOON_MS);
}

function lookAgain() {
  if (document.hidden || scans.isBusy()) lookTimer = setTimeout(lookAgain, LOOK_SOON_MS);
  else lookUp();
}

async function renew() {
  try {
    await snapshot.refresh();
    await journal.tidy(offline.today());
  } catch (error) {
    failed(error);
  }
  drawApart();
}

async function notAScanner() {
  const kept = (await queue.kept()).length;
  device.forget();
  await Promise.all([snapshot.forget(), journal.forget()]);
  clearTimeout(lookTimer);
  live.stop();
  camera.stop();
  wantsCamera = false;
  answer.close();
  document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
  drawPlace();
  await drawState();
  opening(kept ? text("not_a_scanner_kept", { count: kept }) : text("not_a_scanner"));
}

function failed(error) {
  if (error instanceof NotAScanner) notAScanner();
  else if (error instanceof Rejected) hint(error.explanation);
  else if (!(error instanceof NoAnswer)) throw error;
}

// After the phone was away: how much was sent, and what does not fit.
function sayReturned() {
  const { sent, conflicts } = returned;
  returned = { sent: 0, conflicts: 0 };
  if (sent) hint(conflicts ? text("sent_conflicts", { count: conflicts }) : text("sent", { count: sent }));
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
  part("usual-row").hidden = !device.known()?.ask.temperature;
  part("usual").value = answer.suggested() && decimal(Number(answer.suggested()));
  lists.drawKept(await queue.kept());
  drawRecent();
  await drawAway();
  drawConflicts();
}

function drawRecent() {
  const may = (scan) => scan.status === "ok" && !scan.undone && isReachable() && now() - Date.parse(scan.at) < UNDO_MS;
  lists.drawRecent(scans.recent, may, undo);
}

async function undo(scan) {
  try {
    await annul(scan.nonce);
    scan.undone = true;
    await journal.takeOut(scan.nonce);
    hint(text("undone"));
    await live.recount();
    drawPlace();
  } catch (error) {
    if (error instanceof NotAScanner) return notAScanner();
    if (!(error instanceof NoAnswer || error instanceof Rejected)) throw error;
    hint(text("undo_failed", { why: error.explanation ?? text("no_answer") }));
  }
  drawRecent();
}

async function drawAway() {
  const madeAt = snapshot.known()?.made_at ?? null;
  const minutes = madeAt === null ? 0 : Math.max(0, Math.round((now() - Date.parse(madeAt)) / 60000));
  lists.drawAway(madeAt, minutes, globalThis.crypto?.subtle ? await canVerify() : false);
}

async function drawConflicts() {
  if (!device.known() || !isReachable()) return;
  try {
    lists.drawConflicts(await readConflicts());
  } catch (error) {
    failed(error);
  }
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
part("apart").addEventListener("click", openOptions);
part("find").addEventListener("click", () => {
  allowSound();
  finding.open();
});
part("retry").addEventListener("click", async () => {
  await queue.retry();
  lookUp();
});
part("usual").addEventListener("change", ({ target }) => answer.suggest(target.value.trim().replace(",", ".")));
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
  seenAt.clear();
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
    seenAt.clear();
    drawPlace();
  });
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) camera.stop();
  else if (wantsCamera) startCamera();
});
addEventListener("online", lookUp);
addEventListener("offline", () => {
  lose();
  drawState();
  clearTimeout(lookTimer);
  lookTimer = setTimeout(lookAgain, LOOK_SOON_MS);
});

answer.onClosed(() => seenAt.has(lastText) && seenAt.set(lastText, performance.now()));
listen((code) => {
  answer.close();
  scans.scan(code);
}, answer.typeKey);
finding.prepare(scans.admit, failed);
scans.reportTo({
  changed(result) {
    const here = device.checkpoint();
    if (result && !result.here && here && result.checkpoint === here.code && result.inside !== null) {
      Object.assign(here, { inside: result.inside, limit: result.limit });
    }
    drawSoon();
    if (!isReachable()) {
      clearTimeout(lookTimer);
      lookTimer = setTimeout(lookAgain, LOOK_SOON_MS);
    }
  },
  later(passage, result) {
    if (passage.offline) {
      const differs = result.status !== passage.decided || result.conflicts.length > 0 || result.reason === "malformed";
      returned = { sent: returned.sent + 1, conflicts: returned.conflicts + (differs ? 1 : 0) };
      return;
    }
    const words = { name: result.participant?.name ?? text("somebody"), at: lists.clock(passage.scanned_at), reason: result.explanation ?? "" };
    hint(text(result.status === "ok" ? "later_ok" : "later_refused", words));
  },
  failed,
});

// A newer scanner has been fetched: old modules under a new page may not fit, so begin again while nobody scans.
function renewShell() {
  if (!wantsCamera && !scans.isBusy() && !document.querySelector("dialog[open]")) location.reload();
}

async function begin() {
  if (navigator.serviceWorker?.controller) navigator.serviceWorker.addEventListener("controllerchange", renewShell);
  navigator.serviceWorker?.register(urls.worker, { scope: urls.scope });
  navigator.storage?.persist?.();
  await snapshot.load();
  drawPlace();
  await drawState();
  await lookUp();
  if (device.checkpoint()) opening(text(isReachable() ? "ready" : offline.isReady() ? "ready_apart" : "ready_offline"), { start: text("start") });
  else if (device.known()) opening(text("no_checkpoint"));
  else if (!isReachable()) opening(text("no_connection"));
}

begin();
