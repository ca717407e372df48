// The organizers' board: wires the day, the tray, the calendar, the keyboard and the server together.
import { Calendar } from "./calendar.js";
import { Changes } from "./changes.js";
import { Flight } from "./flight.js";
import { Keys } from "./keys.js";
import { Live } from "./live.js";
import { Programme } from "./programme.js";
import { setup } from "./setup.js";
import { Tray } from "./tray.js";
import { Trial } from "./trial.js";

const board = document.getElementById("board");
const drawer = document.getElementById("tray");
const undo = document.getElementById("undo");
const redo = document.getElementById("redo");
const room = document.getElementById("room");
const narrow = matchMedia("(max-width: 699px)");

const programme = new Programme(setup.board);
// A narrow screen shows one room at a time: the first in which something happens.
function chosenRoom() {
  const isNarrow = narrow.matches;
  room.querySelector('[value="*"]').hidden = isNarrow;
  if (isNarrow && room.value === "*") room.value = programme.rooms[0].code;
  return room.value;
}

function begin(place) {
  const asked = place ? { starts: place.starts, ends: place.ends, room: place.room } : { tray: "" };
  location.assign(`${setup.here}/new?${new URLSearchParams(asked)}`);
}

const trial = new Trial(board, document.getElementById("hint"));
const calendar = new Calendar(board, programme, chosenRoom(), {
  moved: (code, place) => changes.move(code, place),
  tried: (code, place, point) => {
    tray.mark(place.starts === null);
    trial.at(code, place, point);
  },
  released: () => {
    tray.mark(false);
    trial.end();
  },
  shelf: (point) => tray.holds(point),
  opened: (code) => location.assign(`${setup.here}/sessions/${code}`),
  drawn: (starts, ends, there) => begin({ starts, ends, room: there }),
  turned: (there) => {
    room.value = there;
  },
});
if (narrow.matches) drawer.removeAttribute("open");
const tray = new Tray(drawer, programme, calendar.fresh);

function draw() {
  calendar.draw();
  tray.draw();
}

const changes = new Changes(programme, {
  redraw: draw,
  settled: () => {
    draw();
    live.refresh();
  },
  undoable: (isUndoable, isRedoable) => {
    undo.disabled = !isUndoable;
    redo.disabled = !isRedoable;
  },
});
const flight = new Flight({ calendar, programme, trial, tray, moved: (code, place) => changes.move(code, place) });
const keys = new Keys({ calendar, tray, programme, changes, trial, begun: begin });
const live = new Live({
  fresh: calendar.fresh,
  programme,
  changes,
  draw,
  mayTake: () => !changes.isBusy && !calendar.isDragging && !keys.isLifting && !flight.isOn,
});

room.addEventListener("change", (change) => {
  change.stopPropagation();
  calendar.show(chosenRoom());
});
narrow.addEventListener("change", () => calendar.show(chosenRoom()));

undo?.addEventListener("click", () => changes.undo());
redo?.addEventListener("click", () => changes.redo());
document.addEventListener("keydown", (key) => {
  if (!(key.ctrlKey || key.metaKey) || key.target.closest?.("input, select, textarea")) return;
  const letter = key.key.toLowerCase();
  const isRedo = letter === "y" || (letter === "z" && key.shiftKey);
  if (!isRedo && letter !== "z") return;
  key.preventDefault();
  keys.drop();
  if (isRedo) changes.redo();
  else changes.undo();
});
board.dataset.ready = "";
