// The audience's side of questions and polls: asks and votes without leaving the page, and shows at once what changes.
import { listen } from "./live.js";

// When a question is approved every open page asks for it: not all in the same instant.
const SPREAD_MS = 1500;

/** Keeps a section that names its address in `data-floor` up to date. */
export function follow(section) {
  const { floor: base, event, session, person } = section.dataset;
  let waiting = 0;

  async function load(options) {
    const answer = await fetch(options ? options.address : base, {
      headers: { "X-Part": "1" },
      ...options?.init,
    }).catch(() => null);
    if (!answer || (!answer.ok && answer.status !== 409 && answer.status !== 422 && answer.status !== 429)) return false;
    show(await answer.text(), Boolean(options?.isAsked));
    return answer.ok;
  }

  function show(html, isAsked) {
    const draft = section.querySelector("[data-ask] textarea");
    const kept = { text: draft?.value, anonymous: section.querySelector("[name=anonymous]")?.checked };
    const hadFocus = document.activeElement === draft && draft;
    const chosen = [...section.querySelectorAll("[data-poll] input:checked")].map((input) => [input.form.dataset.poll, input.value]);
    section.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
    const now = section.querySelector("[data-ask] textarea");
    if (now && !isAsked && kept.text) {
      now.value = kept.text;
      const box = section.querySelector("[name=anonymous]");
      if (box) box.checked = kept.anonymous;
      if (hadFocus) now.focus();
    }
    for (const [poll, value] of chosen) {
      const input = section.querySelector(`[data-poll="${Number(poll)}"] input[value="${Number(value)}"]`);
      if (input) input.checked = true;
    }
  }

  function soon() {
    if (waiting) return;
    waiting = setTimeout(() => {
      waiting = 0;
      load();
    }, Math.random() * SPREAD_MS);
  }

  section.addEventListener("submit", (submitted) => {
    submitted.preventDefault();
    const form = submitted.target;
    const body = new URLSearchParams(new FormData(form));
    const isAsked = "ask" in form.dataset;
    load({ address: form.getAttribute("action"), init: { method: "POST", body }, isAsked });
  });

  listen({
    event,
    session: person ? undefined : session,
    person,
    on: {
      question: (told) => {
        if (told.session !== session) return;
        if (told.votes) counts(section, told);
        else soon();
      },
    },
    missed: soon,
  });
  return load;
}

/** Shows counts where they stand already. */
export function counts(section, told) {
  for (const [id, votes] of Object.entries(told.votes)) {
    const shown = section.querySelector(`[data-votes="${Number(id)}"]`);
    if (shown) shown.textContent = String(votes);
  }
  for (const [id, answers] of Object.entries(told.polls)) {
    const poll = section.querySelector(`[data-poll="${Number(id)}"]`);
    const total = answers.reduce((sum, count) => sum + count, 0);
    answers.forEach((count, number) => {
      const bar = poll?.querySelector(`[data-bar="${number}"]`);
      const text = poll?.querySelector(`[data-answers="${number}"]`);
      if (bar) {
        bar.max = Math.max(total, 1);
        bar.value = count;
      }
      if (text) text.textContent = document.documentElement.lang === "id" ? `${count} dari ${total}` : `${count} of ${total}`;
    });
  }
}

const section = document.querySelector("[data-floor]");
if (section) {
  const load = follow(section);
  if (!section.children.length || section.dataset.empty !== undefined) load();
}
