// Moves sessions, one after another, each with the version it was made from; takes moves back and makes them again.
import { isSamePlace, placeOf } from "./programme.js";
import * as server from "./server.js";
import { text } from "./setup.js";
import { calm, refuse, say } from "./voice.js";

export class Changes {
  #line = Promise.resolve();
  #waiting = 0;
  /** How many moves this page has begun: a day asked for before one of them is older than this page. */
  begun = 0;
  // What was done and what was taken back: {code, before, after, from, version}, a place and a version on either side.
  #done = [];
  #undone = [];

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
    this.#enqueue(async () => {
      const from = this.programme.get(code).version;
      const version = await this.#send(code, { place, before, from, words: "moved" });
      if (version === null) return;
      this.#done.push({ code, before, after: place, from, version });
      this.#undone = [];
    });
  }

  /** Sends the opposite of the last move, once that has been answered, with the version it made. */
  undo() {
    this.#enqueue(async () => {
      const last = this.#taken(this.#done);
      if (!last) return;
      const version = await this.#again(last, last.before, last.after, last.version, "undone");
      if (version === null) return;
      this.#rename(last.code, last.from, version);
      this.#undone.push({ ...last, from: version });
    });
  }

  /** Makes what was undone last once more. */
  redo() {
    this.#enqueue(async () => {
      const last = this.#taken(this.#undone);
      if (!last) return;
      const version = await this.#again(last, last.after, last.before, last.from, "redone");
      if (version === null) return;
      this.#rename(last.code, last.version, version);
      this.#done.push({ ...last, version });
    });
  }

  #taken(moves) {
    const last = moves.pop();
    return last && this.programme.get(last.code) ? last : null;
  }

  async #again({ code }, place, before, from, words) {
    calm();
    this.programme.put(code, place);
    this.redraw();
    return this.#send(code, { place, before, from, words });
  }

  // A state that is made again has a new version; moves that led to it or from it go on from there.
  #rename(code, old, version) {
    for (const move of [...this.#done, ...this.#undone]) {
      if (move.code !== code) continue;
      if (move.from === old) move.from = version;
      if (move.version === old) move.version = version;
    }
  }

  #enqueue(step) {
    this.#waiting += 1;
    this.begun += 1;
    this.#line = this.#line.then(step).finally(() => {
      this.#waiting -= 1;
      this.undoable(this.#done.length > 0, this.#undone.length > 0);
      if (!this.isBusy) this.settled();
    });
  }

  // Returns the version that the server gave, or null when it refused.
  async #send(code, { place, before, from, words }) {
    const session = this.programme.get(code);
    try {
      const version = await server.move(code, from, place);
      this.programme.get(code).version = version;
      say(this.programme.words(words, { ...session, ...place }));
      return version;
    } catch (refusal) {
      this.programme.put(code, before);
      this.redraw();
      this.#explain(refusal, session);
      return null;
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
