// Listens to what happens in an event: comes back by itself after a break, and is then told what it missed.

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
// A browser opens few connections to a host, so a tab that nobody sees gives its own back after a while.
const UNSEEN_MS = 60_000;

/**
 * Calls `on[kind](data)` for everything that happens, until `close()` of what it returns.
 *
 * `event` is the event's code; `path` another address to listen at. `person` is the token of a personal page or join
 * link, `session` the code of the session being watched. `missed()` is called when more happened than can still be
 * told: what the page shows must be fetched anew. `state(isOpen)` tells whether the line stands.
 */
export function listen({ event, path = `/live/${event}`, person, session, on, missed, state }) {
  const line = new Line(path, { kinds: Object.keys(on).join(","), person, session });
  line.heard = (kind, data) => on[kind]?.(data);
  line.missed = missed ?? (() => {});
  line.state = state ?? (() => {});
  line.open();
  return line;
}

class Line {
  #path;
  #query;
  #source = null;
  #last = null;
  #failures = 0;
  #timer = 0;
  #unseen = 0;
  #isClosed = false;

  constructor(path, query) {
    this.#path = path;
    this.#query = query;
    document.addEventListener("visibilitychange", () => this.#seen());
    addEventListener("online", () => this.#again(0));
    addEventListener("pagehide", () => this.#hangUp());
    addEventListener("pageshow", (shown) => shown.persisted && this.#again(0));
  }

  open() {
    if (this.#source || this.#isClosed) return;
    const source = new EventSource(this.#address());
    this.#source = source;
    source.addEventListener("hello", (message) => this.#greeted(message));
    for (const kind of this.#query.kinds.split(",")) {
      source.addEventListener(kind, (message) => {
        this.#last = message.lastEventId;
        this.heard(kind, JSON.parse(message.data));
      });
    }
    source.onerror = () => this.#broken();
  }

  close() {
    this.#isClosed = true;
    this.#hangUp();
  }

  #address() {
    const given = Object.entries({ ...this.#query, last: this.#last }).filter(([, value]) => value);
    return `${this.#path}?${new URLSearchParams(given)}`;
  }

  #greeted(message) {
    this.#failures = 0;
    this.#last = message.lastEventId;
    this.state(true);
    const told = JSON.parse(message.data);
    if (!told.missed) return;
    this.#last = String(told.last);
    this.missed();
  }

  #broken() {
    this.#hangUp();
    this.state(false);
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
    this.#failures += 1;
    // Not all at once: everybody lost the same server.
    this.#again(pause * (0.5 + Math.random()));
  }

  #again(pause) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.open(), pause);
  }

  #seen() {
    clearTimeout(this.#unseen);
    if (document.visibilityState === "visible") this.#again(0);
    else this.#unseen = setTimeout(() => this.#hangUp(), UNSEEN_MS);
  }

  #hangUp() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }
}
