// Listens to what happens in an event: comes back by itself after a break, and is then told what it missed.

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
// A browser opens few connections to a host, so a tab that nobody sees gives its own back after a while.
const UNSEEN_MS = 60_000;

/**
 * Calls `on[kind](data)` for everything that happens, until `close()` of what it returns.
 *
 * `event` is the event's code, `session` the code of the session being watched (its line knows who watches), `path`
 * another address to listen at. `person` is the token of a personal page or join link. `missed()` is called when more
 * happened than can still be told: what the page shows must be fetched anew. `state(isOpen)` tells whether the line
 * stands, `unseenMs` how long it does in a tab that nobody sees.
 */
export function listen({ event, session, path = session ? `/${event}/watch/${session}/live` : `/live/${event}`, person, on, missed, state, unseenMs }) {
  const key = [path, person].join(" ");
  const line = lines.get(key) ?? new Line(path, { person });
  lines.set(key, line);
  if (unseenMs !== undefined) line.unseenMs = unseenMs;
  const ear = { on, missed, state };
  line.add(ear);
  return {
    close() {
      if (line.remove(ear)) lines.delete(key);
    },
  };
}

// Who listens alike shares a line.
const lines = new Map();

class Line {
  unseenMs = UNSEEN_MS;
  #path;
  #query;
  #kinds = new Set();
  #ears = new Set();
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

  add(ear) {
    this.#ears.add(ear);
    const known = this.#kinds.size;
    for (const kind of Object.keys(ear.on)) this.#kinds.add(kind);
    if (this.#kinds.size === known) return;
    this.#hangUp();
    this.#again(0);
  }

  /** Returns whether nobody listens any more. */
  remove(ear) {
    this.#ears.delete(ear);
    if (this.#ears.size) return false;
    this.#isClosed = true;
    this.#hangUp();
    return true;
  }

  open() {
    if (this.#source || this.#isClosed) return;
    if (this.unseenMs === 0 && document.visibilityState !== "visible") return;
    const source = new EventSource(this.#address());
    this.#source = source;
    source.addEventListener("hello", (message) => this.#greeted(message));
    for (const kind of this.#kinds) {
      source.addEventListener(kind, (message) => {
        this.#last = message.lastEventId;
        const data = JSON.parse(message.data);
        for (const ear of this.#ears) ear.on[kind]?.(data);
      });
    }
    source.onerror = () => this.#broken();
  }

  #address() {
    const given = Object.entries({ kinds: [...this.#kinds].join(","), ...this.#query, last: this.#last }).filter(([, value]) => value);
    return `${this.#path}?${new URLSearchParams(given)}`;
  }

  #greeted(message) {
    this.#failures = 0;
    this.#last = message.lastEventId;
    this.#tell(true);
    const told = JSON.parse(message.data);
    if (!told.missed) return;
    this.#last = String(told.last);
    for (const ear of this.#ears) ear.missed?.();
  }

  #broken() {
    this.#hangUp();
    this.#tell(false);
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
    this.#failures += 1;
    // Not all at once: everybody lost the same server.
    this.#again(pause * (0.5 + Math.random()));
  }

  #tell(isOpen) {
    for (const ear of this.#ears) ear.state?.(isOpen);
  }

  #again(pause) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.open(), pause);
  }

  #seen() {
    clearTimeout(this.#unseen);
    if (document.visibilityState === "visible") this.#again(0);
    else if (this.unseenMs !== Infinity) this.#unseen = setTimeout(() => this.#hangUp(), this.unseenMs);
  }

  #hangUp() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }
}
