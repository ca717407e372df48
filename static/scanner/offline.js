// Deciding a scan on the phone: gathers what is known here and asks the rules.
import { blindSpots, dayOf, decide, follow, moves, stand, withLeaving } from "./deciding.js";
import * as device from "./device.js";
import * as journal from "./journal.js";
import * as queue from "./queue.js";
import { now } from "./server.js";
import { text } from "./setup.js";
import * as snapshot from "./snapshot.js";
import * as ticket from "./ticket.js";
import { uuid } from "./uuid.js";

/** Whether this phone can decide by itself: it has a snapshot, and a secure page to open it in. */
export function isReady() {
  return snapshot.known() !== null && Boolean(globalThis.crypto?.subtle);
}

/** Returns the event day it is now by the server's clock. */
export function today() {
  const { time_zone: zone, day_starts_at: starts } = device.known().event;
  return dayOf(now(), zone, starts);
}

/**
 * Decides a passage here. Returns {result, passage, moves}: the answer in the server's shape, what to keep for the server
 * (the ticket by its number, so that the phone keeps no text that opens anything), and who came and went by it.
 */
export async function decideHere(passage) {
  const scanned = await identify(passage);
  const here = device.known().checkpoints.find(({ code }) => code === passage.checkpoint);
  const known = await circumstances(passage, scanned, here);
  const scan = { way: passage.type, at: Date.parse(passage.scanned_at), health: passage.health, force: passage.force };
  const decision = decide(scan, known);
  const passed = decision.status === "ok";
  const after = passed ? follow(known.standing, { type: passage.type, room: known.room }) : known.standing;
  const changed = moves(known.standing, after);
  if (passed) await note(passage, scanned, known);
  const inside = (await count(here)) + changed.reduce((sum, move) => sum + (move.room === known.room ? move.by : 0), 0);
  const result = {
    nonce: passage.nonce, ...decision, explanation: explain(decision, blindSpots(scan, known)), inside, limit: here.limit,
    participant: person(scanned), checkpoint: here.code, conflicts: [], replayed: false, here: true,
  };
  return { result, moves: changed, passage: forServer(passage, scanned, passed) };
}

/** Returns how many are inside the place of a checkpoint: the last the server told, and this phone's own scans since. */
export async function count(here) {
  return here.inside + (await queue.pending(here.room?.code ?? null));
}

async function identify({ secret }) {
  const words = ticket.clean(secret);
  const claim = ticket.read(words);
  const id = await ticket.idOf(words);
  if (claim === null) return { fault: "unknown", number: null, id, holder: null };
  const { event, keys } = snapshot.known();
  const found = await snapshot.find(id);
  const fault = await ticket.check(claim, event, keys);
  // A text that the snapshot lists is a ticket, also for a browser that can check no signature.
  if (fault !== null && !(fault === "unverified" && found.listed)) return { fault, number: null, id, holder: null };
  const holder = found.sealed === null ? null : await ticket.open(words, found.sealed);
  return { fault: found.revoked ? "revoked" : null, number: ticket.numberOf(claim), id, holder };
}

async function circumstances(passage, scanned, here) {
  const { event, ask, device: rights } = device.known();
  const told = snapshot.known();
  const [at, madeAt] = [Date.parse(passage.scanned_at), Date.parse(told.made_at)];
  const day = dayOf(at, event.time_zone, event.day_starts_at);
  const own = scanned.id === null ? [] : await journal.since(scanned.id, day, madeAt);
  const clock = { timeZone: event.time_zone, startsAt: event.day_starts_at, leavesAt: event.leaves_at };
  const scans = withLeaving(own, { at, madeAt, ...clock });
  const room = here.room?.code ?? null;
  const sessions = told.sessions.filter((session) => session.room === room);
  return {
    ticket: scanned.fault,
    kind: here.kind,
    room,
    open: here.open,
    day,
    days: event.days,
    holder: scanned.holder,
    sessions: sessions.map(({ code, starts_at, ends_at }) => ({ code, starts: Date.parse(starts_at), ends: Date.parse(ends_at) })),
    audience: scanned.holder && (told.audiences[scanned.holder.audience] ?? []),
    standing: stand(scanned.holder, day, ask.recheck, scans),
    full: here.limit !== null && (await count(here)) >= here.limit,
    protocol: { ...ask, enabled: ask.temperature },
    mayOverride: rights.may_override,
  };
}

function note(passage, scanned, { day, room }) {
  const at = Date.parse(passage.scanned_at);
  return journal.write({ nonce: passage.nonce, ticket: scanned.id, type: passage.type, room, day, at, answered: null });
}

/** Writes down what the server admitted, so that a later decision here knows it before the next snapshot does. */
export async function noteAnswered(passage, result) {
  if (result.status !== "ok" || !isReady() || !passage.secret) return;
  const here = device.known().checkpoints.find(({ code }) => code === passage.checkpoint);
  const { time_zone: zone, day_starts_at: starts } = device.known().event;
  const at = Date.parse(passage.scanned_at);
  await journal.write({
    nonce: passage.nonce, ticket: await ticket.idOf(ticket.clean(passage.secret)), type: passage.type,
    room: here?.room?.code ?? null, day: dayOf(at, zone, starts), at, answered: now(),
  });
}

function person({ holder }) {
  return holder && { name: holder.name, position: holder.position, office: holder.delegation };
}

// Only what was proven a ticket goes by its number: the server makes the text of it again. Anything else is told by its
// hash alone, under a nonce of its own, as the text may have been sent under the first one already.
function forServer(passage, scanned, passed) {
  const rest = { ...passage };
  delete rest.secret;
  const which = scanned.number ? { ticket: scanned.number } : { secret: `?${scanned.id}`, nonce: uuid() };
  return { ...rest, ...which, offline: true, decided: passed ? "ok" : "refused" };
}

function explain({ status, reason, forced }, blind) {
  const reasons = device.known().reasons;
  const why = reason === "unverified" ? { title: text("unverified"), help: text("unverified_help") } : reasons[reason];
  if (status !== "ok") return [`${why.title}.`, why.help].filter(Boolean).join(" ");
  const notes = blind.map((what) => text(`blind_${what}`));
  return [forced ? text("forced") : "", ...notes].filter(Boolean).join(" ");
}
