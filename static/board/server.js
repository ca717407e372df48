// Talks to the server. A refusal keeps its words: {status, detail, reasons}.
import { setup } from "./setup.js";

export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? "");
    this.status = status;
    const faults = problem.conflicts?.map((each) => each.explanation) ??
      problem.errors?.map((each) => each.message) ?? [];
    this.reasons = faults.length ? faults : [this.message];
  }
}

async function post(path, fields, signal) {
  const answer = await fetch(`${setup.here}/board/${path}`, {
    method: "POST",
    headers: { Accept: "application/json", "X-CSRF-Token": setup.csrf },
    body: new URLSearchParams(fields),
    redirect: "error",
    signal,
  });
  if (answer.ok) return answer.json();
  throw new Refused(answer.status, await answer.json().catch(() => ({})));
}

// A place in the tray has no times: what is null is not sent.
const sent = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));

/** Moves a session to a place; returns its new version. */
export async function move(code, version, place) {
  return (await post("move", sent({ session: code, version, ...place }))).version;
}

/** Asks what would stand in a session's way at a place: {reasons: [{severity, text}], more, others: [code]}. */
export async function check(code, place, signal) {
  return post("check", sent({ session: code, ...place }), signal);
}

let etag = setup.etag;

/** Returns the day as it is now, or null when nothing has changed since it was last asked for. */
export async function latest() {
  const answer = await fetch(`${setup.here}/board.json?${new URLSearchParams(setup.query)}`, {
    headers: { Accept: "application/json", "If-None-Match": `"${etag}"` },
    cache: "no-store",
    redirect: "error",
  });
  if (answer.status === 304) return null;
  if (!answer.ok) throw new Refused(answer.status, await answer.json().catch(() => ({})));
  const day = await answer.json();
  etag = answer.headers.get("ETag").replaceAll('"', "");
  return day;
}

/** Lets the next question be answered in full: an answer came that could not be shown. */
export function forget() {
  etag = "";
}
