// This phone's own admitted scans of the day, which the snapshot may not know yet. They name tickets by their hash alone.
import { now } from "./server.js";
import { within } from "./store.js";

let rows = null;

async function all() {
  rows ??= await within(["journal"], "readonly", ({ journal }) => journal.getAll());
  return rows;
}

/** Writes down an admitted scan: {nonce, ticket, type, room: code|null, day, at: ms, answered: ms|null}. */
export async function write(row) {
  (await all()).push(row);
  await within(["journal"], "readwrite", ({ journal }) => journal.put(row));
}

/** Returns a ticket's scans of a day that a snapshot made at `madeAt` (ms) may not know, in their order. */
export async function since(ticket, day, madeAt) {
  const told = (row) => row.ticket === ticket && row.day === day && (row.answered === null || row.answered >= madeAt);
  return (await all()).filter(told).sort((one, other) => one.at - other.at);
}

/** Notes that the server has these by now. */
export async function sent(nonces) {
  const at = now();
  const known = (await all()).filter((row) => nonces.includes(row.nonce) && row.answered === null);
  known.forEach((row) => (row.answered = at));
  await within(["journal"], "readwrite", ({ journal }) => known.forEach((row) => journal.put(row)));
}

/** Takes out what was annulled. */
export async function takeOut(nonce) {
  rows = (await all()).filter((row) => row.nonce !== nonce);
  await within(["journal"], "readwrite", ({ journal }) => journal.delete(nonce));
}

/** Forgets other days' scans, and those of other events with them. */
export async function tidy(day) {
  const old = (await all()).filter((row) => row.day !== day && row.answered !== null);
  rows = rows.filter((row) => !old.includes(row));
  if (old.length) await within(["journal"], "readwrite", ({ journal }) => old.forEach((row) => journal.delete(row.nonce)));
}

export async function forget() {
  rows = [];
  await within(["journal"], "readwrite", ({ journal }) => journal.clear());
}
