// The check-in page follows the doors: it is fetched anew as people go in and out, at most twice a second.
import { listen } from "./live.js";

const TOGETHER_MS = 500;

const now = document.getElementById("now");
let due = 0;

function refresh() {
  due ||= setTimeout(() => {
    due = 0;
    window.htmx.trigger(now, "told");
  }, TOGETHER_MS);
}

listen({ event: now.dataset.event, on: { occupancy: refresh }, missed: refresh });
