// Keeps the board as the server has it: told of every change as it happens, and now and then asks of itself.
import { listen } from "../live.js";
import * as server from "./server.js";
import { setup, text } from "./setup.js";
import { calm, refuse, say } from "./voice.js";

// Rooms and people change too, which is not told as programme; the answer is "not modified" nearly always.
const PAUSE_MS = 30_000;
const SHORT_PAUSE_MS = 250;
const FRESH_MS = 4000;
const NAMED = 3;
const MOST_FAILURES = 3;

export class Live {
  #failures = 0;
  #timer = 0;
  #isAsking = false;
  #isAskedAgain = false;

  /**
   * `mayTake` tells whether a new day may replace the one shown: not while a card is in the hand. `draw` shows it.
   * `changes.begun` tells whether this page has changed something since the day was asked for.
   */
  constructor({ fresh, programme, changes, mayTake, draw }) {
    Object.assign(this, { fresh, programme, changes, mayTake, draw });
    document.addEventListener("visibilitychange", () => this.refresh());
    listen({
      event: setup.event,
      on: { programme: () => this.refresh() },
      missed: () => this.refresh(),
      state: (isOpen) => isOpen && this.refresh(),
    });
    this.#again(PAUSE_MS);
  }

  /** Asks at once: something was told, or an own change touched more than is known here. */
  refresh() {
    if (this.#isAsking) this.#isAskedAgain = true;
    else this.#again(0);
  }

  #again(pause) {
    clearTimeout(this.#timer);
    if (document.visibilityState === "visible") this.#timer = setTimeout(() => this.#ask(), pause);
  }

  async #ask() {
    if (!this.mayTake()) {
      this.#again(SHORT_PAUSE_MS);
      return;
    }
    this.#isAsking = true;
    this.#isAskedAgain = false;
    const { begun } = this.changes;
    try {
      const day = await server.latest();
      if (this.#failures >= MOST_FAILURES) calm();
      this.#failures = 0;
      if (day) this.#take(day, begun);
    } catch {
      this.#failures += 1;
      if (this.#failures === MOST_FAILURES) refuse(text("old"));
    }
    this.#isAsking = false;
    this.#again(this.#isAskedAgain ? SHORT_PAUSE_MS : this.#failures ? 1000 * this.#failures : PAUSE_MS);
  }

  #take(day, begun) {
    if (!this.mayTake() || begun !== this.changes.begun) {
      server.forget();
      this.#isAskedAgain = true;
      return;
    }
    const { changed, gone } = this.programme.take(day);
    this.#tell(changed, gone);
    this.draw();
  }

  #tell(changed, gone) {
    const codes = changed.map((session) => session.code);
    for (const code of codes) this.fresh.add(code);
    setTimeout(() => {
      for (const code of codes) this.fresh.delete(code);
      if (this.mayTake()) this.draw();
    }, FRESH_MS);
    const words = [
      ...changed.slice(0, NAMED).map((session) => this.programme.words("changed", session)),
      ...gone.slice(0, NAMED).map((session) => text("gone", { session: session.title })),
    ];
    if (words.length) say(words.join(" "));
  }
}
