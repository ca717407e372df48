// Draws the day with EventCalendar, rooms as columns, and tells what is dragged, stretched, clicked and drawn anew.
import { classes, content } from "./card.js";
import { ghosts, leaves } from "./plan.js";
import { placeOf, trayOf } from "./programme.js";
import { setup } from "./setup.js";
import { between, later, STEP_MS } from "./walls.js";

const NO_ROOM = "~";
const COLUMN_PX = 168;
const SLOT_PX = 20;
const AFTER_DRAG_MS = 300;

const pointOf = ({ jsEvent }) => (jsEvent?.clientX === undefined ? null : { x: jsEvent.clientX, y: jsEvent.clientY });
const column = (room) => room || NO_ROOM;
const roomOf = (id) => (id === NO_ROOM ? "" : id);

// The calendar's dates carry its wall clock in the browser's local fields.
function wallOf(date) {
  const two = (number) => String(number).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

export class Calendar {
  #dropped = 0;
  #focused = null;
  #columns;
  #carried = null;
  isDragging = false;
  lifted = null;
  fresh = new Set();

  /**
   * Shows a room (its code, "" for none) or all ("*"). `deeds`: moved(code, place), tried(code, place, point),
   * released(), opened(code), drawn(start, end, room), turned(room); shelf(point) tells whether the tray lies there.
   */
  constructor(board, programme, shownRoom, deeds) {
    Object.assign(this, { board, programme, deeds, shownRoom });
    this.#columns = this.#inColumns();
    this.ec = EventCalendar.create(board, {
      ...this.#looks(),
      ...this.#gestures(),
      ...this.#columns,
      events: this.#events(),
    });
    document.addEventListener("pointermove", (move) => this.#overTray(pointOf({ jsEvent: move })));
  }

  // The calendar tells nothing of a pointer that has left it.
  #overTray(point) {
    if (!this.#carried || !this.deeds.shelf(point)) return;
    this.deeds.tried(this.#carried, trayOf(this.programme.get(this.#carried)), point);
  }

  #looks() {
    return {
      view: "resourceTimeGridDay",
      date: setup.query.day,
      timeZone: setup.offset,
      // The other English counts hours to twelve.
      locale: document.documentElement.lang === "id" ? "id" : "en-GB",
      headerToolbar: { start: "", center: "", end: "" },
      allDaySlot: false,
      height: "100%",
      slotDuration: "00:15:00",
      slotLabelInterval: "01:00:00",
      slotHeight: SLOT_PX,
      scrollTime: this.programme.from,
      slotEventOverlap: false,
      nowIndicator: true,
      eventContent: (info) => this.#content(info.event),
      eventClassNames: ({ event }) => this.#classes(event.id),
      eventAllUpdated: () => {
        this.#plainRoles();
        this.#refocus();
      },
    };
  }

  #gestures() {
    const begin = ({ event }) => {
      this.isDragging = true;
      this.#carried = event.id;
    };
    const beginResize = () => {
      this.isDragging = true;
    };
    const end = () => {
      this.isDragging = false;
      this.#carried = null;
      this.#dropped = performance.now();
      this.deeds.released();
    };
    const moved = (info) => this.deeds.moved(info.event.id, this.#placeAfter(info));
    const dropped = (info) => {
      if (!this.deeds.shelf(pointOf(info))) return moved(info);
      info.revert();
      this.deeds.moved(info.event.id, trayOf(this.programme.get(info.event.id)));
    };
    const tried = (info) => {
      this.deeds.tried(info.event.id, this.#placeAfter(info), pointOf(info));
      return true;
    };
    const carried = (info) => !this.deeds.shelf(pointOf(info)) && tried(info);
    return {
      editable: setup.mayWrite,
      selectable: setup.mayWrite,
      longPressDelay: 300,
      eventDragStart: begin,
      eventDragStop: end,
      eventResizeStart: beginResize,
      eventResizeStop: end,
      dragConstraint: carried,
      resizeConstraint: tried,
      eventDrop: dropped,
      eventResize: moved,
      eventClick: ({ event }) => this.#open(event.id),
      select: ({ startStr, endStr, resource }) =>
        this.deeds.drawn(startStr, endStr, roomOf(resource.id)),
    };
  }

  // Counted from the session's own wall times: a Date could fall into an hour the browser's zone skips.
  #placeAfter({ event, delta, startDelta, endDelta }) {
    const session = this.programme.get(event.id);
    const ms = (duration) => ((duration?.days ?? 0) * 86_400 + (duration?.seconds ?? 0)) * 1000;
    return {
      starts: later(session.starts, ms(delta ?? startDelta)),
      ends: later(session.ends, ms(delta ?? endDelta)),
      room: roomOf(event.resourceIds[0]),
    };
  }

  #open(code) {
    if (performance.now() - this.#dropped > AFTER_DRAG_MS) this.deeds.opened(code);
  }

  #content(event) {
    const session = this.programme.get(event.id);
    if (!session) return event.title;
    const room = this.programme.roomName(roomOf(event.resourceIds[0]));
    return { domNodes: [content(session, wallOf(event.start), wallOf(event.end), room)] };
  }

  #classes(code) {
    const session = this.programme.get(code);
    const isLifted = this.lifted === code;
    return session ? classes(session, { isLifted, isFresh: this.fresh.has(code), isLeaving: leaves(code) }) : [];
  }

  #inColumns() {
    const rooms = this.programme.rooms.filter(
      (room) => this.shownRoom === "*" || room.code === this.shownRoom,
    );
    return {
      resources: rooms.map((room) => ({ id: column(room.code), title: room.name })),
      columnWidth: rooms.length > 1 ? `minmax(${COLUMN_PX}px, 1fr)` : undefined,
      slotMinTime: this.programme.from,
      slotMaxTime: this.programme.to,
    };
  }

  #events() {
    const cards = this.programme.placed.map((session) => ({
      id: session.code,
      resourceId: column(session.room),
      start: session.starts,
      end: session.ends,
      title: session.title,
      editable: this.programme.isMovable(session.code),
    }));
    return [...ghosts(column), ...cards];
  }

  /** Shows the programme as it is now; the card that has the focus keeps it, or another is given it. */
  draw(focused = this.currentCode()) {
    this.#focused = focused ?? null;
    const columns = this.#inColumns();
    if (JSON.stringify(columns) !== JSON.stringify(this.#columns)) {
      this.#columns = columns;
      for (const [name, value] of Object.entries(columns)) this.ec.setOption(name, value);
    }
    this.ec.setOption("events", this.#events());
  }

  /** Shows one room (its code, "" for none) or all ("*"). */
  show(room) {
    if (room === this.shownRoom) return;
    this.shownRoom = room;
    this.draw();
  }

  /** Turns the one room that is shown to another, as the card in the hand goes there. */
  turnTo(room) {
    this.shownRoom = room;
    this.deeds.turned(room);
  }

  /** Returns the card that holds an element, and the session on it. */
  static codeOf(element) {
    return element?.closest?.(".ec-event")?.querySelector("[data-code]")?.dataset.code;
  }

  focusedCode() {
    return this.board.contains(document.activeElement)
      ? Calendar.codeOf(document.activeElement)
      : undefined;
  }

  /** Returns the session whose card has the focus, or will have it as soon as it is drawn. */
  currentCode() {
    const isNowhere = document.activeElement === document.body;
    return this.focusedCode() ?? (isNowhere ? this.#focused : null) ?? undefined;
  }

  focus(code) {
    const inside = this.board.querySelector(`[data-code="${CSS.escape(code)}"]`);
    inside?.closest(".ec-event")?.focus();
  }

  // The calendar calls itself a table whose cells hold nothing: its cards lie beside them. Cards name time and room.
  #plainRoles() {
    const parts = ["table", "rowgroup", "row", "cell", "columnheader"].map((role) => `[role="${role}"]`);
    for (const part of this.board.querySelectorAll(parts.join())) {
      part.setAttribute("role", "presentation");
      for (const place of ["aria-colindex", "aria-rowindex"]) part.removeAttribute(place);
    }
  }

  #refocus() {
    const code = this.#focused;
    this.#focused = null;
    const isLost = document.activeElement === document.body || this.board.contains(document.activeElement);
    if (code && isLost && this.focusedCode() !== code) this.focus(code);
  }

  place(code) {
    return placeOf(this.programme.get(code));
  }

  /** Returns where a session would stand if it were let go at a point, and the box it would fill; null beside the day. */
  landing(code, { x, y }) {
    const column = document.elementsFromPoint(x, y).find((element) => element.matches(".ec-day"));
    if (!column || !this.board.contains(column)) return null;
    const { date, resource } = this.ec.dateFromPoint(x, y);
    const place = this.programme.placeAt(code, wallOf(date), roomOf(resource.id));
    const { left, width, top } = column.getBoundingClientRect();
    const begins = `${setup.query.day}T${this.programme.from}:00`;
    const pixels = (from, to) => (between(from, to) / STEP_MS) * SLOT_PX;
    return {
      place,
      box: { left, width, top: top + pixels(begins, place.starts), height: pixels(place.starts, place.ends) },
    };
  }

  /** Returns what scrolls when the day is longer than the screen. */
  get scroller() {
    return this.board.querySelector(".ec-main");
  }
}
