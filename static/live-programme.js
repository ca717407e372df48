// Says on the public programme that there is a new release, and shows it when asked to: nothing jumps under a reader.
import { listen } from "./live.js";

const told = document.querySelector("[data-new-release]");
const notice = told?.firstElementChild;

async function show() {
  const answer = await fetch(location.href).catch(() => null);
  const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page && page.querySelector("[data-programme]");
  if (!fresh) {
    location.reload();
    return;
  }
  document.querySelector("[data-programme]").replaceWith(document.adoptNode(fresh));
  notice.hidden = true;
}

if (told) {
  const offer = () => {
    notice.hidden = false;
  };
  told.querySelector("button").addEventListener("click", show);
  listen({
    event: told.dataset.newRelease,
    on: { programme: (data) => data.release && offer() },
    missed: offer,
  });
}
