// What is next and the agenda follow a new release by themselves: a delay concerns whoever has the page open now.
import { listen } from "./live.js";

// A whole event hears of a release at once; not all ask in the same instant.
const SPREAD_MS = 8000;
const LONGEST_MS = 6 * 3600 * 1000;
const place = document.querySelector("[data-announcements]");
let waiting = 0;
let turning = 0;

async function follow() {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok) return;
  const now = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-fresh]")) {
    const fresh = now.querySelector(`[data-fresh="${part.dataset.fresh}"]`);
    if (fresh && fresh.innerHTML !== part.innerHTML) replace(part, fresh);
  }
  const seconds = Number(now.querySelector("[data-reload-in]")?.dataset.reloadIn);
  clearTimeout(turning);
  if (seconds) turning = setTimeout(() => location.reload(), Math.min(seconds * 1000, LONGEST_MS));
}

// Days that were folded stay so, and whoever was about to press a button still is.
function replace(part, fresh) {
  const folded = [...part.querySelectorAll("details")].map((day) => day.open);
  const { name, value } = part.contains(document.activeElement) ? document.activeElement : {};
  part.replaceChildren(...fresh.childNodes);
  const days = part.querySelectorAll("details");
  if (days.length === folded.length) for (const [n, day] of days.entries()) day.open = folded[n];
  if (value) [...part.querySelectorAll("button")].find((each) => each.name === name && each.value === value)?.focus();
}

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(follow, Math.random() * SPREAD_MS);
}

if (place) {
  listen({
    event: place.dataset.event,
    person: location.pathname.split("/")[2],
    on: { programme: (told) => told.release && soon() },
    missed: soon,
  });
}
