// The board by keyboard: arrows go from card to card; Alt moves and Shift stretches a card, which is dropped after a pause.
import { Calendar } from "./calendar.js";
import { text } from "./setup.js";
import { say } from "./voice.js";
import { between, later, STEP_MS } from "./walls.js";

const PAUSE_MS = 900;
const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

export class Keys {
  #code = null;
  #before = null;
  #timer = 0;

  constructor({ calendar, programme, changes, trial }) {
    Object.assign(this, { calendar, programme, changes, trial });
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
    const code = this.calendar.currentCode();
    if (!code) return;
    const isHandled = this.isLifting ? this.#whileLifted(key, code) : this.#step(key, code);
    if (isHandled) {
      key.preventDefault();
      key.stopPropagation();
    }
  }

  #whileLifted(key, code) {
    if (key.key === "Escape") this.#takeBack();
    else if (key.key === "Enter" || key.key === " ") this.drop();
    else return this.#step(key, code);
    return true;
  }

  #step(key, code) {
    const arrow = ARROWS[key.key];
    if (!arrow || key.ctrlKey || key.metaKey) return false;
    if (!key.altKey && !key.shiftKey) {
      this.#go(code, ...arrow);
    } else if (this.programme.isMovable(code)) {
      const place = key.altKey ? this.#moved(code, ...arrow) : this.#stretched(code, arrow[1]);
      const isStuck = this.programme.isDrawn(this.calendar.place(code)) && !this.programme.isDrawn(place);
      if (!isStuck) this.#lift(code, place);
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

  #lift(code, place) {
    if (this.#code !== code) {
      this.drop();
      this.#code = code;
      this.#before = this.calendar.place(code);
    }
    this.programme.put(code, place);
    this.calendar.lifted = code;
    this.calendar.draw();
    say(this.programme.words("placed", this.programme.get(code)));
    this.trial.at(code, place);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.drop(), PAUSE_MS);
  }

  /** Drops the lifted card where it is. */
  drop() {
    if (!this.isLifting) return;
    const [code, before] = this.#settle();
    this.changes.move(code, this.calendar.place(code), before);
  }

  #takeBack() {
    const [code, before] = this.#settle();
    this.programme.put(code, before);
    this.changes.settled();
    say(text("back", { session: this.programme.get(code).title }));
  }

  #settle() {
    clearTimeout(this.#timer);
    this.trial.end();
    const lifted = [this.#code, this.#before];
    this.#code = null;
    this.calendar.lifted = null;
    return lifted;
  }

  // To the nearest card above, below, or in the next column that holds one.
  #go(code, columns, steps) {
    const here = this.programme.get(code);
    const rooms = this.programme.rooms.map((each) => each.code);
    const away = (session) => rooms.indexOf(session.room) - rooms.indexOf(here.room);
    const apart = (session) => between(here.starts, session.starts);
    const others = [...this.programme.sessions.values()].filter((session) =>
      columns ? away(session) * columns > 0 : away(session) === 0 && apart(session) * steps > 0,
    );
    others.sort(
      (one, other) =>
        Math.abs(away(one)) - Math.abs(away(other)) || Math.abs(apart(one)) - Math.abs(apart(other)),
    );
    if (others.length) this.calendar.focus(others[0].code);
  }
}
