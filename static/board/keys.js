// The board by keyboard: arrows go from card to card; Space picks a card up and arrows carry it, Alt and Shift with an
// arrow do so in one step and drop it after a pause; T puts it into the tray, N begins a new session.
import { Calendar } from "./calendar.js";
import { trayOf } from "./programme.js";
import { text } from "./setup.js";
import { say } from "./voice.js";
import { between, later, STEP_MS } from "./walls.js";

const PAUSE_MS = 900;
const HOUR_MS = 3_600_000;
const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

export class Keys {
  #code = null;
  #before = null;
  #isHeld = false;
  #timer = 0;

  /** `begun(place)` opens the form of a new session at a place, or in the tray (null). */
  constructor({ calendar, tray, programme, changes, trial, begun }) {
    Object.assign(this, { calendar, tray, programme, changes, trial, begun });
    // On the document: while a card is drawn in another column, no element has the focus.
    document.addEventListener("keydown", (key) => this.#pressed(key), { capture: true });
    calendar.board.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && Calendar.codeOf(relatedTarget) !== this.#code) this.drop();
    });
  }

  /** Whether a card is lifted and not yet dropped. */
  get isLifting() {
    return this.#code !== null;
  }

  #pressed(key) {
    if (key.ctrlKey || key.metaKey) return;
    const code = this.#code ?? this.calendar.currentCode();
    const waiting = this.tray.focusedCode();
    const isHandled = this.isLifting
      ? this.#whileLifted(key, code)
      : waiting
        ? this.#inTray(key, waiting)
        : code && this.#onBoard(key, code);
    if (isHandled) {
      key.preventDefault();
      key.stopPropagation();
    }
  }

  #whileLifted(key, code) {
    if (key.key === "Escape") this.#takeBack();
    else if (key.key === "Enter" || key.key === " ") this.drop();
    else if (key.key.toLowerCase() === "t") this.#shelve(code);
    else return this.#step(key, code);
    return true;
  }

  #onBoard(key, code) {
    const mayMove = this.programme.isMovable(code);
    if (key.key === " ") return mayMove && this.#pickUp(code, this.calendar.place(code));
    if (key.altKey || key.shiftKey) return this.#step(key, code);
    if (key.key.toLowerCase() === "t") return mayMove && this.#shelve(code);
    if (key.key.toLowerCase() === "n") return mayMove && this.#beginAfter(code);
    return this.#step(key, code);
  }

  #inTray(key, code) {
    const arrow = ARROWS[key.key];
    const isPickingUp = key.key === " " || (key.altKey && arrow);
    if (isPickingUp) return this.programme.isMovable(code) && this.#pickUp(code, this.#firstPlace(code));
    if (key.altKey || key.shiftKey) return false;
    if (key.key.toLowerCase() === "n") return this.#beginWaiting(code);
    if (!arrow || !arrow[1]) return false;
    this.tray.go(arrow[1]);
    return true;
  }

  #firstPlace(code) {
    const shown = this.calendar.shownRoom;
    const wished = this.programme.get(code).room;
    const room = shown !== "*" ? shown : wished || this.programme.rooms[0].code;
    return this.programme.firstPlace(code, room);
  }

  #beginAfter(code) {
    const { ends, room } = this.programme.get(code);
    this.begun({ starts: ends, ends: later(ends, HOUR_MS), room });
    return true;
  }

  #beginWaiting(code) {
    if (!this.programme.isMovable(code)) return false;
    this.begun(null);
    return true;
  }

  // In the hand until it is dropped: plain arrows carry it.
  #pickUp(code, place) {
    this.#isHeld = true;
    this.#lift(code, place, "held");
    return true;
  }

  #step(key, code) {
    const arrow = ARROWS[key.key];
    if (!arrow) return false;
    const isMove = key.altKey || (this.#isHeld && !key.shiftKey);
    if (!isMove && !key.shiftKey) {
      this.#go(code, ...arrow);
    } else if (this.programme.isMovable(code)) {
      const place = isMove ? this.#moved(code, ...arrow) : this.#stretched(code, arrow[1]);
      const isStuck = this.programme.isDrawn(this.calendar.place(code)) && !this.programme.isDrawn(place);
      if (!isStuck) this.#lift(code, place, "placed");
    }
    return true;
  }

  #moved(code, columns, steps) {
    const { starts, ends, room } = this.programme.get(code);
    const rooms = this.programme.rooms.map((each) => each.code);
    const wanted = rooms.indexOf(room) + columns;
    const there = rooms[Math.max(0, Math.min(rooms.length - 1, wanted))];
    return { starts: later(starts, steps * STEP_MS), ends: later(ends, steps * STEP_MS), room: there };
  }

  #stretched(code, steps) {
    const { starts, ends, room } = this.programme.get(code);
    const wanted = later(ends, steps * STEP_MS);
    return { starts, ends: between(starts, wanted) > 0 ? wanted : ends, room };
  }

  #lift(code, place, words) {
    if (this.#code !== code) {
      const isHeld = this.#isHeld;
      this.drop();
      this.#isHeld = isHeld;
      this.#code = code;
      this.#before = this.calendar.place(code);
    }
    this.programme.put(code, place);
    this.calendar.lifted = code;
    if (this.calendar.shownRoom !== "*") this.calendar.turnTo(place.room);
    this.calendar.draw(code);
    this.tray.draw({ keepsFocus: false });
    say(this.programme.words(words, this.programme.get(code)));
    this.trial.at(code, place);
    clearTimeout(this.#timer);
    if (!this.#isHeld) this.#timer = setTimeout(() => this.drop(), PAUSE_MS);
  }

  /** Drops the lifted card where it is. */
  drop() {
    if (!this.isLifting) return;
    const [code, before] = this.#settle();
    this.changes.move(code, this.calendar.place(code), before);
  }

  #shelve(code) {
    const [, before] = this.isLifting ? this.#settle() : [code, this.calendar.place(code)];
    this.changes.move(code, trayOf(before), before);
    this.tray.focus(code);
    return true;
  }

  #takeBack() {
    const [code, before] = this.#settle();
    this.programme.put(code, before);
    this.changes.settled();
    if (before.starts === null) this.tray.focus(code);
    say(text("back", { session: this.programme.get(code).title }));
  }

  #settle() {
    clearTimeout(this.#timer);
    this.trial.end();
    const lifted = [this.#code, this.#before];
    this.#code = null;
    this.#isHeld = false;
    this.calendar.lifted = null;
    return lifted;
  }

  // To the nearest card above, below, or in the next column that holds one.
  #go(code, columns, steps) {
    const here = this.programme.get(code);
    const rooms = this.programme.rooms.map((each) => each.code);
    const away = (session) => rooms.indexOf(session.room) - rooms.indexOf(here.room);
    const apart = (session) => between(here.starts, session.starts);
    const others = this.programme.placed.filter((session) =>
      columns ? away(session) * columns > 0 : away(session) === 0 && apart(session) * steps > 0,
    );
    others.sort(
      (one, other) =>
        Math.abs(away(one)) - Math.abs(away(other)) || Math.abs(apart(one)) - Math.abs(apart(other)),
    );
    if (others.length) this.calendar.focus(others[0].code);
  }
}
