// The moderators' queue follows what is asked, voted and answered.
import { listen } from "./live.js";
import { counts } from "./questions.js";

const queue = document.querySelector("[data-queue]");
let isBusy = false;
let isStale = false;

async function renew() {
  if (isBusy) {
    isStale = true;
    return;
  }
  isBusy = true;
  const answer = await fetch(location.pathname).catch(() => null);
  if (answer?.ok) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-queue]");
    const isOpen = queue.querySelector("details")?.open;
    if (fresh) queue.replaceChildren(...fresh.childNodes);
    const details = queue.querySelector("details");
    if (details && isOpen) details.open = true;
  }
  isBusy = false;
  if (isStale) {
    isStale = false;
    renew();
  }
}

if (queue) {
  listen({
    event: queue.dataset.event,
    on: {
      question: (told) => {
        if (told.session !== queue.dataset.session) return;
        if (told.votes) counts(queue, told);
        else renew();
      },
    },
    missed: renew,
  });
}
