// Keeps the board as the server has it: asks every second while the page is seen, and is told "not modified" nearly always.
import * as server from "./server.js";
import { text } from "./setup.js";
import { calm, refuse, say } from "./voice.js";

const PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15_000;
const FRESH_MS = 4000;
const NAMED = 3;

export class Live {
  #failures = 0;
  #timer = 0;
  #isAsking = false;

  /** `mayTake` tells whether a new day may replace the one shown: not while a card is in the hand. */
  constructor({ calendar, programme, mayTake }) {
    Object.assign(this, { calendar, programme, mayTake });
    document.addEventListener("visibilitychange", () => this.#again(0));
    this.#again(PAUSE_MS);
  }

  /** Asks at once, after an own change: what else it touched is not known here. */
  refresh() {
    this.#again(0);
  }

  #again(pause) {
    clearTimeout(this.#timer);
    if (document.visibilityState === "visible") this.#timer = setTimeout(() => this.#ask(), pause);
  }

  async #ask() {
    if (this.#isAsking || !this.mayTake()) {
      this.#again(PAUSE_MS);
      return;
    }
    this.#isAsking = true;
    try {
      const day = await server.latest();
      if (this.#failures > 2) calm();
      this.#failures = 0;
      if (day) this.#take(day);
    } catch {
      this.#failures += 1;
      if (this.#failures === 3) refuse(text("old"));
    }
    this.#isAsking = false;
    this.#again(Math.min(PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS));
  }

  #take(day) {
    if (!this.mayTake()) {
      server.forget();
      return;
    }
    const { changed, gone } = this.programme.take(day);
    this.#tell(changed, gone);
    this.calendar.draw();
  }

  #tell(changed, gone) {
    const codes = changed.map((session) => session.code);
    for (const code of codes) this.calendar.fresh.add(code);
    setTimeout(() => {
      for (const code of codes) this.calendar.fresh.delete(code);
      if (this.mayTake()) this.calendar.draw();
    }, FRESH_MS);
    const words = [
      ...changed.slice(0, NAMED).map((session) => this.programme.words("changed", session)),
      ...gone.slice(0, NAMED).map((session) => text("gone", { session: session.title })),
    ];
    if (words.length) say(words.join(" "));
  }
}
