// Viewers over time go on while the page is open: what changes is fetched anew, each minute at most a few times.
import { listen } from "./live.js";

const TOGETHER_MS = 2000;
// Figures come once a minute; a line that is down must not leave an old picture.
const AT_LEAST_MS = 60_000;

const box = document.getElementById("viewers");

let due = 0;
let seen = Date.now();

function refresh() {
  due ||= setTimeout(async () => {
    due = 0;
    seen = Date.now();
    const answer = await fetch(box.dataset.part, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const isOpen = box.querySelector("details")?.open;
    box.innerHTML = await answer.text();
    const details = box.querySelector("details");
    if (details && isOpen) details.open = true;
  }, TOGETHER_MS);
}

function heard(told) {
  if (!box.dataset.session || told.session === box.dataset.session) refresh();
}

if (box) {
  listen({ event: box.dataset.event, on: { broadcast: heard }, missed: refresh });
  setInterval(() => {
    if (document.visibilityState === "visible" && Date.now() - seen >= AT_LEAST_MS) refresh();
  }, AT_LEAST_MS / 4);
}
