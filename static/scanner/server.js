// The conversation with the server. Its clock is used, never the phone's.
import { urls } from "./setup.js";

const CLOCK = "eventhub.scanner.clock";
const CONFIG_PATIENCE_MS = 8000;

/** No answer: no network, too slow, or the server is in trouble. Asking again may help. */
export class NoAnswer extends Error {}

/** The server does not know this phone (any more). */
export class NotAScanner extends Error {}

let ahead = Number(localStorage.getItem(CLOCK) ?? 0);

/** Returns the server's moment now, as RFC 3339 in UTC. */
export function moment() {
  return new Date(Date.now() + ahead).toISOString();
}

/** Asks who this phone is and what it may do; sets the clock by the answer. */
export async function readConfig() {
  const sentAt = Date.now();
  const config = await ask(urls.config, {}, CONFIG_PATIENCE_MS);
  ahead = Date.parse(config.now) - (sentAt + Date.now()) / 2;
  localStorage.setItem(CLOCK, String(Math.round(ahead)));
  return config;
}

/** Sends scans and returns their results in the same order; throws NoAnswer after `patience` ms. */
export async function sendPassages(passages, patience) {
  const body = JSON.stringify({ passages });
  const answer = await ask(
    urls.passages,
    { method: "POST", headers: { "Content-Type": "application/json" }, body },
    patience,
  );
  return answer.results;
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
    if (response.ok) return await response.json();
  } catch (error) {
    throw new NoAnswer("no answer", { cause: error });
  }
  if (response.status === 401) throw new NotAScanner("not a scanner");
  throw new NoAnswer(`status ${response.status}`);
}
