// May this ticket pass here now? The rules of eventhub/checkin/rules.py and health.py, for a phone without a connection.
// Pure: everything known is given, nothing is asked. A test holds both against the same cases.

const DOORS_OPEN_MS = 30 * 60 * 1000;
const NO_TICKET = ["unknown", "bad_signature", "wrong_event", "unverified"];
const ASKABLE = ["temperature_missing", "mask_missing"];

/**
 * Decides one scan.
 *
 * `scan`: {way: "entry"|"exit", at: ms, health: {temperature_c, mask}|null, force: boolean}.
 * `known`: {ticket: reason|null, kind: "gate"|"door", open, day, days, holder: object|null, sessions: [{code, starts, ends}],
 * audience: [code]|null, standing: {inside, room, checked}, room: code|null, full, protocol, mayOverride}.
 * A `holder` of null: the ticket is signed but not in the snapshot, so nothing more is known of whose it is.
 * Returns {status: "ok"|"incomplete"|"refused", reason: reason|null, forced: boolean}.
 */
export function decide(scan, known) {
  if (NO_TICKET.includes(known.ticket)) return answer("refused", known.ticket);
  if (scan.way === "exit") return answer("ok", null);
  const against = objection(scan, known) ?? hindrance(scan, known);
  const forced = scan.force && known.mayOverride && against !== null && against !== "revoked";
  const idle = known.mayOverride && against === null;
  if (scan.force && known.ticket === null && !forced && !idle) return answer("refused", "not_allowed");
  if (against === null || forced) return { ...answer("ok", null), forced };
  return answer(ASKABLE.includes(against) ? "incomplete" : "refused", against);
}

/** Returns the rules that these circumstances leave unenforced: "person", "declaration", "proof", "audience". */
export function blindSpots(scan, known) {
  if (known.holder !== null || scan.way === "exit") return [];
  const gate = known.kind === "gate" && known.protocol.enabled;
  return [
    "person",
    ...(gate && known.protocol.declaration ? ["declaration"] : []),
    ...(gate && known.protocol.proof ? ["proof"] : []),
    ...(near(scan, known).length ? ["audience"] : []),
  ];
}

/**
 * Follows one holder's admitted scans over what the snapshot said, and returns where they leave the holder.
 *
 * `holder`: as the snapshot tells it, or null; `scans`: [{type, room: code|null}] in their order, room null at a gate.
 */
export function stand(holder, day, recheck, scans) {
  const today = holder !== null && holder.day === day;
  const standing = {
    inside: today && holder.inside,
    room: today ? holder.room : null,
    checked: holder !== null && holder.checked && (today || recheck === "once"),
  };
  return scans.reduce(follow, standing);
}

/** Returns a standing after one more admitted scan. */
export function follow(standing, scan) {
  const atGate = scan.room === null;
  if (scan.type === "exit") {
    if (atGate) return { ...standing, inside: false, room: null };
    return { ...standing, room: standing.room === scan.room ? null : standing.room };
  }
  return atGate ? { ...standing, inside: true, checked: true } : { ...standing, room: scan.room };
}

/** Returns who came and went between two standings: [{room: code|null, by: 1|-1}]. */
export function moves(before, after) {
  const found = [];
  if (before.inside !== after.inside) found.push({ room: null, by: after.inside ? 1 : -1 });
  if (before.room !== after.room) {
    if (before.room !== null) found.push({ room: before.room, by: -1 });
    if (after.room !== null) found.push({ room: after.room, by: 1 });
  }
  return found;
}

/** Returns the event day ("2021-02-25") of a moment in ms; `startsAt` ("04:00") is when a day begins in `timeZone`. */
export function dayOf(moment, timeZone, startsAt) {
  return new Date(shifted(moment, timeZone, startsAt)).toISOString().slice(0, 10);
}

/**
 * Returns a day's scans with the leaving of all at the set hour among them, where a scan at `at` comes after that.
 *
 * `scans`: [{type, room, at: ms}] in their order; `leavesAt`: "22:00" or null; `madeAt`: of when the snapshot is.
 */
export function withLeaving(scans, { at, madeAt, timeZone, startsAt, leavesAt }) {
  if (leavesAt === null) return scans;
  const minutes = (text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
  const after = (((minutes(leavesAt) - minutes(startsAt) + 1440) % 1440) * 60000);
  const isPast = (moment) => shifted(moment, timeZone, startsAt) % 86400000 >= after;
  const isKnown = isPast(madeAt) && dayOf(madeAt, timeZone, startsAt) === dayOf(at, timeZone, startsAt);
  if (!isPast(at) || isKnown) return scans;
  const early = scans.filter((scan) => !isPast(scan.at));
  return [...early, { type: "exit", room: null }, ...scans.filter((scan) => isPast(scan.at))];
}

// Wall time as if it were UTC, less the hour at which days begin: its date is the event day.
function shifted(moment, timeZone, startsAt) {
  const [hours, minutes] = startsAt.split(":").map(Number);
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  }).formatToParts(moment);
  const at = Object.fromEntries(parts.map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(at.year, at.month - 1, at.day, at.hour - hours, at.minute - minutes, at.second);
}

function answer(status, reason) {
  return { status, reason, forced: false };
}

// What this scan meets whatever else was scanned.
function objection(scan, known) {
  if (known.ticket !== null) return known.ticket;
  if (!known.open) return "checkpoint_closed";
  if (!known.days.includes(known.day)) return "not_today";
  if (known.holder !== null && known.holder.attendance !== "onsite") return "not_onsite";
  const sessions = near(scan, known);
  if (sessions.length && known.audience !== null && !sessions.some(({ code }) => known.audience.includes(code))) return "not_in_audience";
  return null;
}

// What depends on what else was scanned until then.
function hindrance(scan, known) {
  const { standing } = known;
  if (known.kind === "gate" ? standing.inside : standing.room === known.room) return "already_in";
  if (known.full) return "full";
  if (known.kind !== "gate" || !known.protocol.enabled) return null;
  return standing.checked ? hot(scan, known.protocol) : health(scan, known);
}

function near(scan, known) {
  return known.sessions.filter(({ starts, ends }) => starts - DOORS_OPEN_MS <= scan.at && scan.at < ends);
}

// What nobody can mend on the spot comes before what can still be asked.
function health(scan, known) {
  return declared(known) ?? hot(scan, known.protocol) ?? proven(scan, known) ?? unasked(scan, known.protocol);
}

function declared({ holder, protocol, day }) {
  if (!protocol.declaration || holder === null) return null;
  const counts = (date) => date === day || (protocol.recheck === "once" && date < day);
  const last = Object.keys(holder.declared ?? {}).filter(counts).sort().at(-1);
  if (last === undefined) return "declaration_missing";
  return holder.declared[last] ? null : "declaration_unfit";
}

function hot(scan, protocol) {
  const celsius = scan.health?.temperature_c ?? null;
  return celsius !== null && celsius > protocol.max_temperature_c ? "temperature_high" : null;
}

function proven(scan, { holder, protocol }) {
  if (!protocol.proof || !holder?.proof) return null;
  const { until, then } = holder.proof;
  return until === "always" || (until !== null && scan.at <= Date.parse(until)) ? null : then;
}

function unasked(scan, protocol) {
  if ((scan.health?.temperature_c ?? null) === null) return "temperature_missing";
  return protocol.mask && !scan.health.mask ? "mask_missing" : null;
}
