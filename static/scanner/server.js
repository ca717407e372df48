// The conversation with the server. Its clock is used, never the phone's.
import { urls } from "./setup.js";

const CLOCK = "eventhub.scanner.clock";
const CONFIG_PATIENCE_MS = 8000;
const SNAPSHOT_PATIENCE_MS = 120000;

/** No answer: no network, too slow, or the server is in trouble. Asking again may help. */
export class NoAnswer extends Error {}

/** The server does not know this phone (any more). */
export class NotAScanner extends Error {}

/** The server refuses what was sent as a whole; sending the same again will not help. `explanation` says why. */
export class Rejected extends Error {
  constructor(explanation) {
    super("rejected");
    this.explanation = explanation;
  }
}

let ahead = Number(localStorage.getItem(CLOCK) ?? 0);
let reachable = navigator.onLine;

/** Whether the server answered when it was last asked. */
export function isReachable() {
  return reachable;
}

export function lose() {
  reachable = false;
}

/** Returns the server's moment now, in ms. */
export function now() {
  return Date.now() + ahead;
}

/** Returns the server's moment now, as RFC 3339 in UTC. */
export function moment() {
  return new Date(now()).toISOString();
}

/** Asks who this phone is and what it may do; sets the clock by the answer. */
export async function readConfig() {
  const sentAt = Date.now();
  const config = await json(await ask(urls.config, {}, CONFIG_PATIENCE_MS));
  ahead = Date.parse(config.now) - (sentAt + Date.now()) / 2;
  localStorage.setItem(CLOCK, String(Math.round(ahead)));
  return config;
}

/** Returns {document, tag, madeAt}; `document` is null when what is `known` is still all there is. */
export async function readSnapshot(known) {
  const headers = known?.tag ? { "If-None-Match": known.tag } : {};
  const since = known ? `?since=${encodeURIComponent(known.made_at)}` : "";
  const response = await ask(urls.snapshot + since, { headers }, SNAPSHOT_PATIENCE_MS);
  if (response.status === 304) return { document: null, madeAt: response.headers.get("Eventhub-Made-At") };
  return { document: await json(response), tag: response.headers.get("ETag") };
}

/** Sends scans and returns their results in the same order; throws NoAnswer after `patience` ms. */
export async function sendPassages(passages, patience) {
  return (await post(urls.passages, { passages }, patience)).results;
}

/** Takes back a scan; throws Rejected with the reason where it must stay. */
export async function annul(nonce) {
  return post(urls.annul.replace("{nonce}", nonce), {}, CONFIG_PATIENCE_MS);
}

/** Returns people whose name, position or office has these words. */
export async function findPeople(words) {
  return (await json(await ask(`${urls.people}?q=${encodeURIComponent(words)}`, {}, CONFIG_PATIENCE_MS))).items;
}

/** Returns who is inside: [{room: code|null, inside, limit, capacity}]. */
export async function readOccupancy() {
  return (await json(await ask(urls.occupancy, {}, CONFIG_PATIENCE_MS))).items;
}

/** Returns what does not fit together in today's scans at this phone's checkpoints. */
export async function readConflicts() {
  return (await json(await ask(urls.conflicts, {}, CONFIG_PATIENCE_MS))).items;
}

async function post(url, values, patience) {
  const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(values) };
  return json(await ask(url, options, patience));
}

async function ask(url, options, patience) {
  let response;
  try {
    response = await fetch(url, {
      ...options,
      headers: { Accept: "application/json", ...options.headers },
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(patience),
    });
  } catch (error) {
    reachable = false;
    throw new NoAnswer("no answer", { cause: error });
  }
  reachable = response.status < 500;
  if (response.ok || response.status === 304) return response;
  if (response.status === 401) throw new NotAScanner("not a scanner");
  if (response.status >= 500 || response.status === 429) throw new NoAnswer(`status ${response.status}`);
  throw new Rejected((await json(response)).detail ?? "");
}

// A connection may also break off in the middle of an answer.
async function json(response) {
  try {
    return await response.json();
  } catch (error) {
    reachable = false;
    throw new NoAnswer("half an answer", { cause: error });
  }
}
