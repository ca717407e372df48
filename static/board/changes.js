// Moves sessions, one after another, each with the version it was made from; and takes moves back.
import { isSamePlace, placeOf } from "./programme.js";
import * as server from "./server.js";
import { text } from "./setup.js";
import { calm, refuse, say } from "./voice.js";

export class Changes {
  #line = Promise.resolve();
  #waiting = 0;
  #done = [];

  /** `redraw` shows the programme; `settled` runs when the last waiting move has been answered. */
  constructor(programme, { redraw, settled, undoable }) {
    Object.assign(this, { programme, redraw, settled, undoable });
  }

  /** Whether moves wait for their answer; until then the server's day is older than this page. */
  get isBusy() {
    return this.#waiting > 0;
  }

  /** Puts a session in its new place at once, and back where it was if the server refuses. */
  move(code, place, before = placeOf(this.programme.get(code))) {
    calm();
    if (isSamePlace(place, before)) {
      this.programme.put(code, before);
      this.settled();
      return;
    }
    this.programme.put(code, place);
    this.redraw();
    this.#enqueue(() => this.#send(code, place, before, "moved"));
  }

  /** Sends the opposite of the last move, once that has been answered, with the version it made. */
  undo() {
    this.#enqueue(async () => {
      const last = this.#done.pop();
      this.undoable(this.#done.length > 0);
      if (!last || !this.programme.get(last.code)) return;
      calm();
      const now = placeOf(this.programme.get(last.code));
      this.programme.put(last.code, last.before);
      this.redraw();
      await this.#send(last.code, last.before, now, "undone", last);
    });
  }

  #enqueue(step) {
    this.#waiting += 1;
    this.#line = this.#line.then(step).finally(() => {
      this.#waiting -= 1;
      if (!this.isBusy) this.settled();
    });
  }

  async #send(code, place, before, words, undone = null) {
    const session = this.programme.get(code);
    const from = undone?.version ?? session.version;
    try {
      const version = await server.move(code, from, place);
      session.version = version;
      this.programme.get(code).version = version;
      if (undone) this.#rebase(code, undone.from, version);
      else this.#done.push({ code, before, from, version });
      say(this.programme.words(words, { ...session, ...place }));
    } catch (refusal) {
      this.programme.put(code, before);
      this.redraw();
      this.#explain(refusal, session);
    }
    this.undoable(this.#done.length > 0);
  }

  // An earlier move of the same session made the state that the undo has made again.
  #rebase(code, from, version) {
    for (const move of this.#done) {
      if (move.code === code && move.version === from) move.version = version;
    }
  }

  #explain(refusal, session) {
    const words = { session: session.title };
    if (!(refusal instanceof server.Refused)) refuse(text("offline", words));
    else if (refusal.status === 403) refuse(text("signed_out"));
    else if ([404, 412].includes(refusal.status)) refuse(refusal.message);
    else refuse(text("refused", words), refusal.reasons);
  }
}
