// While a session is dragged or lifted: asks the server about the place and shows what stands in the way.
import { sign } from "./card.js";
import * as server from "./server.js";
import { lines, text } from "./setup.js";
import { say } from "./voice.js";

const PAUSE_MS = 80;
const OFFSET_PX = 18;

export class Trial {
  #asked = "";
  #timer = 0;
  #asking = null;
  #point = null;

  constructor(board, hint) {
    Object.assign(this, { board, hint });
  }

  /** Tries a place; `point` is where to show the answer: without one beside the lifted card, and it is spoken too. */
  at(code, place, point = null) {
    this.#point = point;
    if (point) this.#put(point);
    const asked = JSON.stringify([code, place]);
    if (asked === this.#asked) return;
    this.#stopAsking();
    this.#asked = asked;
    if (place.starts === null) {
      this.#show({ reasons: [], more: 0, others: [] }, text("in_tray"));
      return;
    }
    this.#timer = setTimeout(() => this.#ask(code, place, point !== null), PAUSE_MS);
  }

  end() {
    this.#stopAsking();
    this.#asked = "";
    delete this.board.dataset.place;
    this.#mark([]);
    this.hint.hidden = true;
  }

  #stopAsking() {
    clearTimeout(this.#timer);
    this.#asking?.abort();
  }

  async #ask(code, place, isPointed) {
    const asking = new AbortController();
    this.#asking = asking;
    const found = await server.check(code, place, asking.signal).catch(() => null);
    if (asking.signal.aborted || found === null) return;
    const { worst, words } = this.#show(found, text("free"));
    if (isPointed) return;
    const { right: x, top: y } = this.board.querySelector(".lifted")?.getBoundingClientRect() ?? {};
    if (x !== undefined) this.#put({ x, y });
    if (worst) say(words);
  }

  // The sessions that the place would be in conflict with stand out.
  #mark(codes) {
    for (const card of this.board.querySelectorAll(".rival")) card.classList.remove("rival");
    for (const code of codes) {
      this.board.querySelector(`[data-code="${CSS.escape(code)}"]`)?.closest(".ec-event").classList.add("rival");
    }
  }

  #show(found, free) {
    this.#mark(found.others);
    const worst = found.reasons[0]?.severity;
    this.board.dataset.place = !worst ? "free" : worst === "warn" ? "warn" : "bad";
    const reasons = found.reasons.map((reason) => reason.text);
    const words = lines(reasons, found.more).join(" ") || free;
    this.hint.replaceChildren(...(worst ? [sign(worst), " "] : []), words);
    this.hint.dataset.place = this.board.dataset.place;
    this.hint.hidden = false;
    if (this.#point) this.#put(this.#point);
    return { worst, words };
  }

  #put({ x, y }) {
    const left = Math.min(x + OFFSET_PX, innerWidth - this.hint.offsetWidth - OFFSET_PX);
    this.hint.style.setProperty("left", `${left}px`);
    const top = Math.min(y + OFFSET_PX, innerHeight - this.hint.offsetHeight - OFFSET_PX);
    this.hint.style.setProperty("top", `${top}px`);
  }
}
