// The day's sessions as this page knows them, and those in the tray, which have no time (`starts` is null).
import { setup, text } from "./setup.js";
import { between, later, span, STEP_MS } from "./walls.js";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
// Where a session from the tray is tried first: before eight nobody meets unless the day says so.
const FIRST_HOUR = 8;

export class Programme {
  constructor(day) {
    this.take(day);
  }

  /** Takes the server's day in; returns the sessions that differ from before, and those that are gone. */
  take(day) {
    const before = this.sessions ?? new Map();
    const every = [...day.sessions, ...day.tray.map((session) => ({ ...session, starts: null, ends: null }))];
    this.from = day.from;
    this.to = day.to;
    this.sessions = new Map(every.map((session) => [session.code, session]));
    this.rooms = this.#inOrder([...day.rooms, { code: "", name: text("online") }]);
    // Of a long tray only the beginning is here: what moves up or down in it has not changed.
    const isCut = count(day.unsent) + count(this.unsent) > 0;
    const movedUp = (session) => isCut && session.starts === null && !before.has(session.code);
    const movedDown = (session) => isCut && session.starts === null;
    this.unsent = day.unsent;
    const known = (session) => before.get(session.code)?.version === session.version || movedUp(session);
    return {
      changed: every.filter((session) => !known(session)),
      gone: [...before.values()].filter((session) => !this.sessions.has(session.code) && !movedDown(session)),
    };
  }

  // Rooms in which something chosen happens come first, as they did when the page was opened: columns never jump.
  #inOrder(rooms) {
    this.first ??= new Set(this.placed.filter((session) => session.matches).map((session) => session.room));
    const isFirst = (room) => this.first.has(room.code);
    return [...rooms.filter(isFirst), ...rooms.filter((room) => !isFirst(room))];
  }

  /** The sessions that have a time. */
  get placed() {
    return [...this.sessions.values()].filter((session) => session.starts !== null);
  }

  /** The sessions in the tray, as far as they are here; `unsent` tells how many more are chosen, and how many are not. */
  get waiting() {
    return [...this.sessions.values()].filter((session) => session.starts === null);
  }

  get(code) {
    return this.sessions.get(code);
  }

  /** Puts a session somewhere on this page; what stood in its way is not known there yet. */
  put(code, place) {
    const minutes = place.starts === null ? this.minutes(code) : undefined;
    this.sessions.set(code, { ...this.get(code), ...place, minutes, reasons: [], more: 0 });
  }

  minutes(code) {
    const session = this.get(code);
    return session.starts === null ? session.minutes : between(session.starts, session.ends) / MINUTE_MS;
  }

  roomName(code) {
    return this.rooms.find((room) => room.code === code)?.name ?? code;
  }

  /** Whether a session may be moved: not what is cancelled, and by those alone who may write. */
  isMovable(code) {
    return setup.mayWrite && this.get(code)?.state !== "cancelled";
  }

  /** Whether a place lies within the hours that are drawn; after midnight these go on (25:00). */
  isDrawn({ starts, ends }) {
    return starts >= this.#hour(this.from) && ends <= this.#hour(this.to);
  }

  #hour(text) {
    return later(`${setup.query.day}T00:00:00`, parseInt(text, 10) * HOUR_MS);
  }

  /** Returns the place that begins somewhere and is as long as a session lasts. */
  placeAt(code, starts, room) {
    return { starts, ends: later(starts, this.minutes(code) * MINUTE_MS), room };
  }

  /** Returns the first place of a session in a room at which nothing else is; the day's first when there is none. */
  firstPlace(code, room) {
    const taken = this.placed.filter((session) => session.room === room && session.state !== "cancelled");
    const early = Math.max(FIRST_HOUR, parseInt(this.from, 10));
    const first = this.placeAt(code, this.#hour(String(early)), room);
    for (let at = first; this.isDrawn(at); at = this.placeAt(code, later(at.starts, STEP_MS), room)) {
      if (!taken.some((session) => session.starts < at.ends && at.starts < session.ends)) return at;
    }
    return first;
  }

  /** Says in words where a session stands; `name` is what happened to it. */
  words(name, session) {
    if (session.starts === null) return text(`${name}_tray`, { session: session.title });
    return text(name, {
      session: session.title,
      time: span(session.starts, session.ends),
      room: this.roomName(session.room),
    });
  }
}

function count(unsent) {
  return unsent ? unsent.chosen + unsent.others : 0;
}

/** Returns the place of a session. */
export function placeOf({ starts, ends, room }) {
  return { starts, ends, room };
}

/** Returns the tray as a place; the room stays known, as a wish. */
export function trayOf({ room }) {
  return { starts: null, ends: null, room };
}

export function isSamePlace(one, other) {
  return one.starts === other.starts && one.ends === other.ends && one.room === other.room;
}
