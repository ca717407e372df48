// The day's sessions as this page knows them.
import { setup, text } from "./setup.js";
import { later, span } from "./walls.js";

const HOUR_MS = 3_600_000;

export class Programme {
  constructor(day) {
    this.take(day);
  }

  /** Takes the server's day in; returns the sessions that differ from before, and those that are gone. */
  take(day) {
    const before = this.sessions ?? new Map();
    this.from = day.from;
    this.to = day.to;
    this.sessions = new Map(day.sessions.map((session) => [session.code, session]));
    this.rooms = this.#inOrder([...day.rooms, { code: "", name: text("online") }]);
    const known = (session) => before.get(session.code)?.version === session.version;
    return {
      changed: day.sessions.filter((session) => !known(session)),
      gone: [...before.values()].filter((session) => !this.sessions.has(session.code)),
    };
  }

  // Rooms in which something chosen happens come first, as they did when the page was opened: columns never jump.
  #inOrder(rooms) {
    const chosen = [...this.sessions.values()].filter((session) => session.matches);
    this.first ??= new Set(chosen.map((session) => session.room));
    const isFirst = (room) => this.first.has(room.code);
    return [...rooms.filter(isFirst), ...rooms.filter((room) => !isFirst(room))];
  }

  get(code) {
    return this.sessions.get(code);
  }

  /** Puts a session somewhere on this page; what stood in its way is not known there yet. */
  put(code, place) {
    this.sessions.set(code, { ...this.get(code), ...place, reasons: [], more: 0 });
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
    const hour = (text) => later(`${setup.query.day}T00:00:00`, parseInt(text, 10) * HOUR_MS);
    return starts >= hour(this.from) && ends <= hour(this.to);
  }

  /** Says in words where a session stands. */
  words(name, session) {
    return text(name, {
      session: session.title,
      time: span(session.starts, session.ends),
      room: this.roomName(session.room),
    });
  }
}

/** Returns the place of a session. */
export function placeOf({ starts, ends, room }) {
  return { starts, ends, room };
}

export function isSamePlace(one, other) {
  return one.starts === other.starts && one.ends === other.ends && one.room === other.room;
}
