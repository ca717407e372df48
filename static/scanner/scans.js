// One scan from its text to its answer, with the questions between: the server decides, or the phone where it does not answer.
import * as answer from "./answer.js";
import * as device from "./device.js";
import { signal } from "./feedback.js";
import * as offline from "./offline.js";
import * as queue from "./queue.js";
import { isReachable, moment, NoAnswer, sendPassages } from "./server.js";
import { text } from "./setup.js";
import * as snapshot from "./snapshot.js";
import { uuid } from "./uuid.js";

// A health certificate is no ticket, and none of it may be sent, kept or logged.
const HEALTH_CERTIFICATE = /^(HC1:|shc:\/|DGC)/i;
const HEALTH = [
  "declaration_missing", "declaration_unfit", "temperature_high", "temperature_missing", "mask_missing", "proof_missing", "proof_expired",
];
const NEVER_FORCED = ["unknown", "bad_signature", "revoked", "wrong_event", "malformed", "not_allowed", "unverified"];
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
export function scan(secret, more = {}) {
  if (HEALTH_CERTIFICATE.test(secret)) return answer.show("refused", { word: text("refused"), reason: text("certificate") });
  return pass({ secret }, more);
}

/** Decides for somebody found by name, whose ticket has this number; it is recorded as such. */
export function admit(number) {
  return pass({ ticket: number, by_name: true }, {});
}

async function pass(whose, more) {
  if (busy || !device.checkpoint()) return;
  busy = true;
  const { unanswered = null, ...asked } = more;
  const passage = {
    nonce: uuid(), ...whose, checkpoint: device.checkpoint().code, type: device.way(), scanned_at: moment(),
    health: null, force: false, force_reason: null, offline: false, decided: null, ...asked,
  };
  shownNonce = passage.nonce;
  try {
    await snapshot.load(); // a first scan may come while the page still opens
    if (!(await asOnline(passage))) await asOffline(unanswered ? { ...passage, ...unanswered } : passage);
  } catch (error) {
    report.failed(error);
  } finally {
    busy = false;
  }
}

async function asOnline(passage) {
  // Where the server did not answer just now nobody waits for it again; the page asks for it in the background.
  if (!isReachable() && offline.isReady()) return false;
  try {
    const [result] = await sendPassages([passage], device.known().timeout_ms);
    answered(passage, result);
    await offline.noteAnswered(passage, result);
    return true;
  } catch (error) {
    if (error instanceof NoAnswer) return false;
    throw error;
  }
}

async function asOffline(passage) {
  shownNonce = passage.nonce;
  // Who was found by name needs the server: only it knows the ticket.
  if (!offline.isReady() || passage.by_name) return putOff(passage);
  const { result, moves, passage: kept } = await offline.decideHere(passage);
  // On the disk before anybody is told, so that an empty battery forgets nobody who was let in.
  if (result.status !== "incomplete") await queue.keep(kept, moves);
  answered(passage, result);
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
  if (!passage.offline && passage.nonce === shownNonce && answer.isOpen()) answered(passage, result);
  else {
    remember(passage, result);
    if (!passage.offline) signal(result.status === "ok" ? "ok" : "refused");
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
    refer: result.status === "refused" && HEALTH.includes(result.reason) ? text("refer") : "",
    here: result.here ? text("decided_here") : "",
  };
  if (result.status === "incomplete") ask(passage, result, content);
  else answer.show(result.status, content, overrule(passage, result));
}

function ask(passage, result, content) {
  // A scan that went out and was not answered keeps its nonce: the server may have stored it under that already.
  const unanswered = result.here ? { nonce: passage.nonce, scanned_at: passage.scanned_at } : null;
  const again = (part) => pass(whose(passage), { health: { temperature_c: null, mask: null, ...passage.health, ...part }, unanswered });
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

function whose({ secret, ticket, by_name: byName }) {
  return secret === undefined ? { ticket, by_name: byName } : { secret };
}

function overrule(passage, result) {
  if (result.status !== "refused" || !device.known().device.may_override || NEVER_FORCED.includes(result.reason)) return null;
  return (reason) => pass(whose(passage), { health: passage.health, force: true, force_reason: reason });
}

function remember(passage, result) {
  if (result.status === "incomplete") return;
  recent.unshift({
    nonce: passage.nonce, at: passage.scanned_at, status: result.status, way: passage.type,
    name: result.participant?.name ?? "", reason: result.explanation ?? "", here: Boolean(result.here),
  });
  recent.length = Math.min(recent.length, KEPT_ANSWERS);
}

/** Returns "41 of 50 inside", or "41 inside" where nothing bounds it, or "". */
export function counted({ inside, limit }) {
  if (inside === null || inside === undefined) return "";
  return limit === null || limit === undefined ? text("inside", { inside }) : text("inside_of", { inside, limit });
}
