// Shows announcements at once, and takes those away again that no longer hold.
import { listen } from "./live.js";

const SHOWN = 5;
const place = document.querySelector("[data-announcements]");
const list = place?.querySelector("ul");

function clock(moment) {
  const format = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: document.body.dataset.zone, timeZoneName: "short" };
  const written = new Intl.DateTimeFormat(document.documentElement.lang, format).format(moment);
  return document.documentElement.lang === "id" ? written.replace(":", ".") : written;
}

function line({ id, text, title, at }) {
  const item = document.createElement("li");
  item.dataset.id = id;
  item.append(document.createElement("p"), document.createElement("small"));
  item.firstChild.textContent = text;
  const time = document.createElement("time");
  time.dateTime = at;
  time.textContent = clock(new Date(at));
  item.lastChild.append(time);
  if (title && !place.dataset.session) {
    const about = document.createElement("span");
    about.textContent = title;
    item.lastChild.append(" · ", about);
  }
  return item;
}

function take(told) {
  const known = list.querySelector(`[data-id="${Number(told.id)}"]`);
  if (told.taken_back) {
    known?.remove();
    return;
  }
  // Who is invited to several sessions that are told the same reads it once.
  const isTwice = !place.dataset.session && [...list.children].some((shown) => shown.querySelector("time").dateTime === told.at && shown.firstElementChild.textContent === told.text);
  if (known || isTwice) return;
  const item = line(told);
  item.classList.add("fresh");
  list.prepend(item);
  while (list.children.length > SHOWN) list.lastElementChild.remove();
}

// A personal page's address holds the token by which it listens.
function person() {
  const [, first, token] = location.pathname.split("/");
  return first === "p" ? token : undefined;
}

async function anew() {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.querySelector("[data-announcements] ul");
  if (now) list.replaceChildren(...now.children);
}

if (place) {
  listen({
    event: place.dataset.event,
    session: place.dataset.session,
    person: person(),
    on: { announcement: take },
    missed: anew,
  });
}
