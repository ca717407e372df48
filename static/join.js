// Presses the button of the way in at once, so that a link in a mail is one click; waits where it is too early.
import { listen } from "./live.js";
import { spoken } from "./watch-countdown.js";

// Many wait when a session moves; not all ask in the same instant.
const SPREAD_MS = 8000;

const door = document.querySelector("[data-join]");
const form = door?.querySelector("[data-way-in]");

// The join link must not stay in the history: whoever goes back would be counted again.
async function goIn() {
  door.querySelector("[data-waiting]").hidden = false;
  const answer = await fetch(form.action, {
    method: "POST",
    headers: { Accept: "application/json" },
  }).catch(() => null);
  if (!answer?.ok) {
    door.querySelector("[data-waiting]").hidden = true;
    door.querySelector("[data-failed]").hidden = false;
    return;
  }
  location.replace((await answer.json()).location);
}

function clockOffset() {
  return Date.parse(door.dataset.now) - Date.now();
}

function waitForOpening() {
  const offset = clockOffset();
  const opens = Date.parse(door.dataset.opens);
  const shown = door.querySelector("[data-countdown]");
  const step = () => {
    const left = Math.ceil((opens - Date.now() - offset) / 1000);
    if (left > 0) {
      shown.textContent = spoken(left);
      return;
    }
    clearInterval(timer);
    location.reload();
  };
  const timer = setInterval(step, 1000);
  step();
  listen({
    event: door.dataset.event,
    person: location.pathname.split("/")[2],
    on: { programme: (told) => told.release && setTimeout(() => location.reload(), Math.random() * SPREAD_MS) },
  });
}

if (form) goIn();
else if (door?.dataset.door === "early" && door.querySelector("[data-countdown]")) waitForOpening();
