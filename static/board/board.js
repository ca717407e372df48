// The organizers' board: wires the day, the calendar, the keyboard and the server together.
import { Calendar } from "./calendar.js";
import { Changes } from "./changes.js";
import { Keys } from "./keys.js";
import { Live } from "./live.js";
import { Programme } from "./programme.js";
import { setup } from "./setup.js";
import { Trial } from "./trial.js";

const board = document.getElementById("board");
const undo = document.getElementById("undo");
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

const trial = new Trial(board, document.getElementById("hint"));
const calendar = new Calendar(board, programme, chosenRoom(), {
  moved: (code, place) => changes.move(code, place),
  tried: (code, place, point) => trial.at(code, place, point),
  released: () => trial.end(),
  opened: (code) => location.assign(`${setup.here}/sessions/${code}`),
  drawn: (starts, ends, there) => {
    location.assign(`${setup.here}/new?${new URLSearchParams({ starts, ends, room: there })}`);
  },
});
const changes = new Changes(programme, {
  redraw: () => calendar.draw(),
  settled: () => {
    calendar.draw();
    live.refresh();
  },
  undoable: (isPossible) => {
    undo.disabled = !isPossible;
  },
});
const keys = new Keys({ calendar, programme, changes, trial });
const live = new Live({
  calendar,
  programme,
  mayTake: () => !changes.isBusy && !calendar.isDragging && !keys.isLifting,
});

room.addEventListener("change", (change) => {
  change.stopPropagation();
  calendar.show(chosenRoom());
});
narrow.addEventListener("change", () => calendar.show(chosenRoom()));

undo?.addEventListener("click", () => changes.undo());
document.addEventListener("keydown", (key) => {
  const isTyping = key.target.closest?.("input, select, textarea");
  if (!(key.ctrlKey || key.metaKey) || key.shiftKey || key.key.toLowerCase() !== "z" || isTyping) return;
  key.preventDefault();
  keys.drop();
  changes.undo();
});
board.dataset.ready = "";
