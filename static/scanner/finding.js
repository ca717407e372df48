// Finding somebody by name, where the scanner has the right: for the ticket left at home.
import { line } from "./lists.js";
import { findPeople, NoAnswer } from "./server.js";
import { text } from "./setup.js";

const SHORTEST = 3;
const SHOWN = 20;
const PAUSE_MS = 250;

const part = (name) => document.getElementById(name);
let chosen = () => {};
let failed = () => {};
let timer;
let asked = 0;

/** `choose(number)` is called with the number of the ticket of whoever is picked; `fail(error)` for errors that are none of the network. */
export function prepare(choose, fail) {
  chosen = choose;
  failed = fail;
}

export function open() {
  part("wanted").value = "";
  show([], text("finding"));
  part("finding").showModal();
}

function show(people, words) {
  part("finding-text").textContent = words;
  part("found").replaceChildren(...people.map(choice));
}

function choice(person) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "person";
  const about = [person.position, person.office, person.ticket ? "" : text("not_onsite")].filter(Boolean).join(" · ");
  button.append(...line("in", person.name, about).childNodes);
  button.disabled = !person.ticket;
  button.addEventListener("click", () => {
    part("finding").close();
    chosen(person.ticket);
  });
  const item = document.createElement("li");
  item.append(button);
  return item;
}

async function look() {
  const words = part("wanted").value.trim();
  const turn = ++asked;
  if (words.length < SHORTEST) return show([], text("finding"));
  try {
    const people = await findPeople(words);
    if (turn !== asked) return; // a later question was asked meanwhile
    show(people.slice(0, SHOWN), people.length > SHOWN ? text("finding_more") : people.length ? "" : text("finding_none"));
  } catch (error) {
    if (!(error instanceof NoAnswer)) return failed(error);
    show([], text("finding_away"));
  }
}

part("wanted").addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(look, PAUSE_MS);
});
part("finding-form").addEventListener("submit", (event) => {
  event.preventDefault();
  look();
});
part("finding-cancel").addEventListener("click", () => part("finding").close());
