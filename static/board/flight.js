// Carries a card from the tray to the day: at once with a mouse, after a long press with a finger.
import { element } from "./card.js";

const PRESS_MS = 300;
const NEAR_PX = 6;
const EDGE_PX = 36;
const SCROLL_PX = 10;
const CARD = { width: 180, height: 56 };

export class Flight {
  #code = null;
  #from = null;
  #point = null;
  #landing = null;
  #timer = 0;
  #wasCarried = false;
  // A card that comes from beside the day crosses its edge, which is no wish to see what lies beyond it.
  #isInside = false;

  /** `moved(code, place)` is called when a card was let go over the day. */
  constructor({ calendar, programme, trial, tray, moved }) {
    Object.assign(this, { calendar, programme, trial, moved });
    const list = tray.list;
    list.addEventListener("pointerdown", (press) => this.#pressed(press));
    list.addEventListener("touchmove", (touch) => this.isOn && touch.preventDefault(), { passive: false });
    list.addEventListener("contextmenu", (menu) => this.#timer && menu.preventDefault());
    list.addEventListener("click", (click) => this.#clicked(click), { capture: true });
    document.addEventListener("pointermove", (move) => this.#moved(move));
    document.addEventListener("pointerup", () => this.#ended(true));
    document.addEventListener("pointercancel", () => this.#ended(false));
    document.addEventListener("keydown", ({ key }) => key === "Escape" && this.#ended(false));
  }

  /** Whether a card is in the air. */
  get isOn() {
    return this.card !== undefined;
  }

  #pressed(press) {
    const code = press.target.closest("[data-code]")?.dataset.code;
    if (!code || press.button !== 0 || !press.isPrimary || !this.programme.isMovable(code)) return;
    this.#code = code;
    this.#wasCarried = false;
    this.#isInside = false;
    this.#from = this.#point = { x: press.clientX, y: press.clientY };
    if (press.pointerType !== "mouse") this.#timer = setTimeout(() => this.#takeOff(), PRESS_MS);
  }

  #moved(move) {
    if (!this.#code) return;
    this.#point = { x: move.clientX, y: move.clientY };
    if (!this.isOn) {
      if (Math.hypot(move.clientX - this.#from.x, move.clientY - this.#from.y) < NEAR_PX) return;
      if (move.pointerType === "mouse") this.#takeOff();
      else this.#ended(false);
    }
    if (this.isOn) this.#show();
  }

  #takeOff() {
    getSelection().removeAllRanges();
    this.card = element("div", "flying", element("span", "card-title", this.programme.get(this.#code).title));
    document.body.append(this.card);
    this.#show();
    this.#scroll();
  }

  #show() {
    const { x, y } = this.#point;
    this.#landing = this.calendar.landing(this.#code, this.#point);
    const box = this.#landing?.box ?? { left: x - CARD.width / 2, top: y - CARD.height / 2, ...CARD };
    for (const [name, pixels] of Object.entries(box)) this.card.style.setProperty(name, `${pixels}px`);
    this.card.toggleAttribute("data-landing", this.#landing !== null);
    if (this.#landing) this.trial.at(this.#code, this.#landing.place, this.#point);
    else this.trial.end();
  }

  // What is beyond the edge of the day comes nearer while the card is held there.
  #scroll() {
    if (!this.isOn) return;
    const { scroller } = this.calendar;
    const { left, right, top, bottom } = scroller.getBoundingClientRect();
    const { x, y } = this.#point;
    const towards = (at, low, high) => (at < low + EDGE_PX ? -SCROLL_PX : at > high - EDGE_PX ? SCROLL_PX : 0);
    if (x >= left && x <= right && y >= top && y <= bottom) {
      const before = [scroller.scrollLeft, scroller.scrollTop];
      const way = [towards(x, left, right), towards(y, top, bottom)];
      this.#isInside ||= way.every((pixels) => pixels === 0);
      if (this.#isInside) scroller.scrollBy(...way);
      if (before[0] !== scroller.scrollLeft || before[1] !== scroller.scrollTop) this.#show();
    }
    requestAnimationFrame(() => this.#scroll());
  }

  #ended(isDropped) {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const [code, landing] = [this.#code, this.#landing];
    this.#code = this.#landing = null;
    if (!this.isOn) return;
    this.card.remove();
    this.card = undefined;
    this.#wasCarried = true;
    this.trial.end();
    if (isDropped && landing) this.moved(code, landing.place);
  }

  // A click follows the end of a drag; it opens nothing.
  #clicked(click) {
    if (this.#wasCarried && click.detail > 0) click.preventDefault();
    this.#wasCarried = false;
  }
}
