// The watch page: counts down, opens the player after consent when the stream begins, and follows what changes.
import { listen } from "./live.js";
import { spoken } from "./watch-countdown.js";
import { beating } from "./watch-presence.js";
import { showPlayer } from "./watch-player.js";

const stage = document.querySelector("[data-stage]");
// Only where nothing is told: by a line that breaks, or a proxy that lets none through.
const LOOK_MS = 30_000;
// A whole audience hears at once that a stream began, or that something moved; not all ask in the same instant.
const SPREAD_MS = 2000;
const UNHURRIED_MS = 8000;
const SLOW = new Set(["slow-2g", "2g", "3g"]);

const part = (name) => document.querySelector(`[data-${name}]`);
const offset = stage ? Date.parse(stage.dataset.now) - Date.now() : 0;
const isLight = stage ? "lite" in stage.dataset : false;
const mustBeSeen = stage ? "inSight" in stage.dataset : false;
// Consent is given to one host's player, on this page, for as long as the tab is open.
const CONSENT = stage ? `watch:${location.pathname}:${stage.dataset.kind}:${origin(stage.dataset.embed)}` : "";
let starts = stage ? Date.parse(stage.dataset.starts) : 0;
let ends = stage ? Date.parse(stage.dataset.ends) : 0;
let state = stage?.dataset.state;
let consented = false;
let isPlaying = false;
let isToldLive = false;
let looking = 0;

function origin(address) {
  return address ? new URL(address).origin : "";
}

const serverNow = () => Date.now() + offset;

// Nothing is asked of the player's host before this.
function play() {
  if (isPlaying) return;
  isPlaying = true;
  showPlayer(stage, part("player"), {
    isLight,
    silent: (isSilent) => {
      part("silent").hidden = !isSilent;
    },
  });
}

function consent() {
  consented = true;
  if (!isLight) sessionStorage.setItem(CONSENT, "1");
  settle();
}

/** Shows what follows from consent, now or once the stream begins. */
function settle() {
  if (!consented || isPlaying) return;
  if (phase() !== "early") {
    play();
    return;
  }
  part("consent").hidden = true;
  part("armed").hidden = false;
}

function phase() {
  if (state === "live" || state === "complete") return state;
  return serverNow() >= starts ? "late" : "early";
}

function tick() {
  const now = phase();
  for (const shown of document.querySelectorAll("[data-while]")) shown.hidden = !shown.dataset.while.split(" ").includes(now);
  const countdown = part("countdown");
  if (countdown) countdown.textContent = spoken(Math.max(0, Math.ceil((starts - serverNow()) / 1000)));
  if (now !== "early") settle();
}

async function look() {
  const answer = await fetch(stage.dataset.look).catch(() => null);
  if (!answer?.ok) return;
  const told = await answer.json();
  // What another player may load is said by the page's policy, which comes with the page alone.
  if (told.state === "cancelled" || (told.embed_url ?? "") !== stage.dataset.embed || (told.watch_url ?? "") !== stage.dataset.link) {
    location.reload();
    return;
  }
  const hasMoved = Date.parse(told.starts_at) !== starts || Date.parse(told.ends_at) !== ends;
  state = told.state;
  starts = Date.parse(told.starts_at);
  ends = Date.parse(told.ends_at);
  tick();
  if (hasMoved) await refresh();
}

/** Takes times, sources and documents from the page as it is now, without disturbing what plays. */
async function refresh() {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok) return;
  const now = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const place of document.querySelectorAll("[data-fresh]")) {
    const fresh = now.querySelector(`[data-fresh="${place.dataset.fresh}"]`);
    if (fresh) place.replaceChildren(...fresh.childNodes);
  }
  const waiting = now.querySelector("[data-player]");
  if (!isPlaying && waiting) part("player").replaceChildren(...waiting.childNodes);
  tick();
  settle();
}

// News first: the page need not ask to know that it is on air.
function hear(told) {
  if (told.session !== stage.dataset.session) return;
  if (told.state === "live" && stage.dataset.embed) {
    state = told.state;
    tick();
  }
  if (told.aids || told.sources) lookSoon(UNHURRIED_MS, true);
  else lookSoon(SPREAD_MS);
}

let isToRefresh = false;
function lookSoon(within, isAllNew = false) {
  isToRefresh ||= isAllNew;
  clearTimeout(looking);
  looking = setTimeout(async () => {
    await look();
    if (isToRefresh) await refresh();
    isToRefresh = false;
  }, Math.random() * within);
}

function showChat() {
  const chat = part("chat");
  const frame = document.createElement("iframe");
  frame.title = chat.dataset.title;
  frame.referrerPolicy = "strict-origin";
  frame.src = chat.dataset.chat;
  chat.classList.add("shown");
  chat.replaceChildren(frame);
}

function suggestLight() {
  const line = navigator.connection;
  if (line && (line.saveData || SLOW.has(line.effectiveType))) part("suggest-light")?.classList.add("notice", "warn");
}

if (stage) {
  stage.addEventListener("click", (pressed) => pressed.target.closest("[data-play]") && consent());
  if (part("play") && !isLight && sessionStorage.getItem(CONSENT)) consent();
  setInterval(tick, 1000);
  setInterval(() => !isToldLive && look(), LOOK_MS);
  tick();
  part("show-chat")?.addEventListener("click", showChat);
  suggestLight();
  const isKnown = Boolean(stage.dataset.presence);
  listen({
    event: stage.dataset.event,
    session: stage.dataset.session,
    // An open line counts as presence: it stands as long as whoever has it counts, and no longer.
    unseenMs: isKnown ? (mustBeSeen ? 0 : Infinity) : undefined,
    on: { broadcast: hear, programme: () => lookSoon(UNHURRIED_MS) },
    missed: () => lookSoon(UNHURRIED_MS, true),
    state: (isOpen) => {
      isToldLive = isOpen;
    },
  });
  if (isKnown) {
    beating(stage.dataset.presence, {
      mustBeSeen,
      isLineOpen: () => isToldLive,
      minutes: (count) => {
        part("count").textContent = String(count);
        part("minutes").hidden = false;
      },
      lost: (isLost) => {
        part("lost").hidden = !isLost;
      },
    });
  }
}
