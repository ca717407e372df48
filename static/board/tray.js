// The sessions without a time, beside the board (below it on a phone), by the same filters.
import { element } from "./card.js";
import { setup, text } from "./setup.js";

export class Tray {
  #fresh;

  /** `fresh` holds the codes of what somebody else has just changed. */
  constructor(tray, programme, fresh) {
    Object.assign(this, { tray, programme });
    this.#fresh = fresh;
    this.list = tray.querySelector("[data-list]");
    this.count = tray.querySelector("[data-count]");
    this.nothing = tray.querySelector("[data-nothing]");
    this.draw();
  }

  /** Shows what waits; the card that has the focus keeps it or the next one gets it, unless the focus goes elsewhere. */
  draw({ keepsFocus = true } = {}) {
    const focused = keepsFocus ? this.focusedCode() : undefined;
    const at = focused ? this.#links().findIndex((link) => link.dataset.code === focused) : -1;
    const waiting = this.programme.waiting;
    const chosen = waiting.filter((session) => session.matches);
    const { unsent } = this.programme;
    const items = chosen.map((session) => this.#item(session));
    if (unsent.chosen > 0) items.push(element("li", "muted", text("more", { n: unsent.chosen })));
    this.list.replaceChildren(...items);
    const n = chosen.length + unsent.chosen;
    const of = waiting.length + unsent.chosen + unsent.others;
    this.count.textContent = n === of ? String(of) : text("of", { n, of });
    this.nothing.hidden = n > 0;
    this.nothing.textContent = text(of ? "none_chosen" : "none_waiting");
    if (at >= 0 && !this.focus(focused)) this.#links()[Math.min(at, items.length - 1)]?.focus();
  }

  #item(session) {
    const room = session.room && this.programme.roomName(session.room);
    const link = element(
      "a",
      this.#fresh.has(session.code) ? "waiting fresh" : "waiting",
      element("span", "card-time", text("minutes", { n: session.minutes })),
      element("span", "card-title", session.title),
      element("span", "muted", [session.track, room].filter(Boolean).join(" · ")),
    );
    link.href = `${setup.here}/sessions/${session.code}`;
    link.draggable = false;
    link.dataset.code = session.code;
    return element("li", "", link);
  }

  #links() {
    return [...this.list.querySelectorAll("[data-code]")];
  }

  /** Returns the session whose card has the focus. */
  focusedCode() {
    const link = document.activeElement;
    return this.list.contains(link) ? link.dataset.code : undefined;
  }

  /** Gives a session's card the focus; returns whether it is shown. */
  focus(code) {
    const link = this.#links().find((each) => each.dataset.code === code);
    link?.focus();
    return Boolean(link);
  }

  /** Goes to the card before (-1) or after (1) the one that has the focus. */
  go(steps) {
    const links = this.#links();
    const at = links.indexOf(document.activeElement);
    links[Math.max(0, Math.min(links.length - 1, at + steps))]?.focus();
  }

  /** Whether a point lies on the tray. */
  holds(point) {
    if (!point) return false;
    const { left, right, top, bottom } = this.tray.getBoundingClientRect();
    return point.x >= left && point.x <= right && point.y >= top && point.y <= bottom;
  }

  /** Marks the tray as the place where a card would land. */
  mark(isOver) {
    this.tray.toggleAttribute("data-over", isOver);
  }
}
