// One scan from its text to its answer, with the questions between.
import * as answer from "./answer.js";
import * as device from "./device.js";
import { signal } from "./feedback.js";
import * as queue from "./queue.js";
import { moment, NoAnswer, sendPassages } from "./server.js";
import { text } from "./setup.js";

// A health certificate is no ticket, and none of it may be sent, kept or logged.
const HEALTH_CERTIFICATE = /^(HC1:|shc:\/|DGC)/i;
const KEPT_ANSWERS = 20;

export const recent = [];

let busy = false;
let shownNonce = null;
let report = { changed() {}, failed() {}, later() {} };

/** `changed(result|null)` after an answer or a wait; `failed(error)` for other errors; `later(passage, result)` for a late answer. */
export function reportTo(listeners) {
  report = listeners;
}

export function isBusy() {
  return busy || answer.isOpen();
}

/** Decides one ticket's text; `more` are the passage's health and force, when they were asked. */
export async function scan(secret, more = {}) {
  if (busy || !device.checkpoint()) return;
  if (HEALTH_CERTIFICATE.test(secret)) return refuseCertificate();
  busy = true;
  const passage = {
    nonce: uuid(),
    secret,
    checkpoint: device.checkpoint().code,
    type: device.way(),
    scanned_at: moment(),
    health: null,
    force: false,
    force_reason: null,
    offline: false,
    decided: null,
    ...more,
  };
  shownNonce = passage.nonce;
  try {
    const [result] = await sendPassages([passage], device.known().timeout_ms);
    answered(passage, result);
  } catch (error) {
    if (error instanceof NoAnswer) await putOff(passage);
    else report.failed(error);
  } finally {
    busy = false;
  }
}

/** Sends what waits from earlier. */
export function sendWaiting() {
  return queue.sendWaiting(lateAnswer, report.failed).catch(report.failed);
}

async function putOff(passage) {
  await queue.keep(passage);
  answer.show("waiting", { word: text("waiting"), reason: text("waiting_reason") });
  report.changed(null);
  setTimeout(sendWaiting, 0);
}

function lateAnswer(passage, result) {
  if (passage.nonce === shownNonce && answer.isOpen()) answered(passage, result);
  else {
    remember(passage, result);
    signal(result.status === "ok" ? "ok" : "refused");
    report.later(passage, result);
  }
  report.changed(result);
}

function answered(passage, result) {
  remember(passage, result);
  report.changed(result);
  const content = {
    word: text(result.status === "ok" ? passage.type : result.status),
    person: result.participant,
    reason: result.explanation,
    inside: counted(result),
  };
  if (result.status === "incomplete") ask(passage, result, content);
  else answer.show(result.status, content, overrule(passage, result));
}

function ask(passage, result, content) {
  const again = (part) => scan(passage.secret, { health: { temperature_c: null, mask: null, ...passage.health, ...part } });
  const askMask = (known) => answer.askMask({ ...content, reason: text("mask_question") }, (mask) => again({ ...known, mask }));
  if (result.reason === "mask_missing") askMask({});
  else {
    answer.askTemperature({ ...content, reason: text("temperature_question") }, (celsius) => {
      // The mask would be the server's next question: ask it now and spare a round trip.
      const { mask, max_temperature_c: limit } = device.known().ask;
      if (mask && celsius <= limit && passage.health === null) askMask({ temperature_c: celsius });
      else again({ temperature_c: celsius });
    });
  }
}

const NEVER_FORCED = ["unknown", "bad_signature", "revoked", "wrong_event", "malformed", "not_allowed"];

function overrule(passage, result) {
  if (result.status !== "refused" || !device.known().device.may_override || NEVER_FORCED.includes(result.reason)) return null;
  return (reason) => scan(passage.secret, { health: passage.health, force: true, force_reason: reason });
}

function refuseCertificate() {
  answer.show("refused", { word: text("refused"), reason: text("certificate") });
}

function remember(passage, result) {
  recent.unshift({ at: passage.scanned_at, status: result.status, name: result.participant?.name ?? "", reason: result.explanation ?? "" });
  recent.length = Math.min(recent.length, KEPT_ANSWERS);
}

/** Returns "41 of 50 inside", or "41 inside" where nothing bounds it, or "". */
export function counted({ inside, limit }) {
  if (inside === null || inside === undefined) return "";
  return limit === null || limit === undefined ? text("inside", { inside }) : text("inside_of", { inside, limit });
}

function uuid() {
  // randomUUID exists in secure contexts only; typing codes works without one.
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
