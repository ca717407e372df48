// The outbox follows what goes out: its head is fetched anew as mail is handed over.
import { listen } from "./live.js";

const TOGETHER_MS = 500;

const progress = document.getElementById("progress");
let due = 0;

function refresh() {
  due ||= setTimeout(() => {
    due = 0;
    window.htmx.trigger(progress, "told");
  }, TOGETHER_MS);
}

listen({ event: progress.dataset.event, on: { mail: refresh }, missed: refresh });
