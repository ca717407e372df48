// The watch page: counts down, opens the player after consent when the stream begins, and tells that its viewer is there.
import { listen } from "./live.js";

const stage = document.querySelector("[data-stage]");
// Only where nothing is told: by a line that breaks, or a proxy that lets none through.
const LOOK_MS = 30_000;
// A whole audience hears at once that a stream began; not all ask in the same instant.
const SPREAD_MS = 2000;
const CONSENT = `watch:${location.pathname}`;

const part = (name) => document.querySelector(`[data-${name}]`);
const offset = stage ? Date.parse(stage.dataset.now) - Date.now() : 0;
const starts = stage ? Date.parse(stage.dataset.starts) : 0;
let state = stage?.dataset.state;
let consented = false;
let isToldLive = false;
let looking = 0;
let beating = 0;
const isLight = stage ? "lite" in stage.dataset : false;
const mustBeSeen = stage ? "inSight" in stage.dataset : false;

const serverNow = () => Date.now() + offset;
const isSeen = () => document.visibilityState === "visible";
const hasBegun = () => state === "live" || state === "complete" || serverNow() >= starts;
const isPlaying = () => Boolean(stage.querySelector("iframe"));

// Nothing is asked of the player's host before this.
function play() {
  if (isPlaying()) return;
  const player = part("player");
  const frame = document.createElement("iframe");
  frame.title = stage.dataset.title;
  frame.allow = "autoplay; encrypted-media; fullscreen; picture-in-picture";
  // YouTube refuses to play without knowing the page's host; the path is not told.
  frame.referrerPolicy = "strict-origin";
  // A wish that the player may not heed; the page says how to choose by hand.
  frame.src = stage.dataset.embed + (isLight ? "&vq=tiny" : "");
  player.classList.add("playing");
  player.replaceChildren(frame);
}

function consent() {
  consented = true;
  if (!isLight) sessionStorage.setItem(CONSENT, "1");
  if (hasBegun()) {
    play();
    return;
  }
  part("consent").hidden = true;
  part("armed").hidden = false;
}

function spoken(seconds) {
  const hours = Math.floor(seconds / 3600);
  const days = Math.floor(hours / 24);
  const parts = [hours % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  const clock = parts.map((piece) => String(piece).padStart(2, "0")).join(":");
  return days ? `${days} × 24 h + ${clock}` : clock;
}

function tick() {
  const shown = part("countdown");
  const left = Math.ceil((starts - serverNow()) / 1000);
  if (shown) {
    shown.hidden = left <= 0 || hasBegun();
    shown.textContent = spoken(Math.max(0, left));
  }
  if (consented && hasBegun()) play();
}

async function look() {
  const answer = await fetch(stage.dataset.look).catch(() => null);
  if (!answer?.ok) return;
  const told = await answer.json();
  const isOther = (told.embed_url ?? "") !== stage.dataset.embed;
  const hasMoved = Date.parse(told.starts_at) !== starts;
  // A new source needs a new policy, and a moved session new times: both come with the page.
  if (isOther || (hasMoved && !isPlaying()) || (told.state !== state && !isPlaying() && !consented)) {
    location.reload();
    return;
  }
  state = told.state;
  tick();
}

// News first: the page need not ask to know that it is on air.
function hear(told) {
  if (told.session !== stage.dataset.session) return;
  if (told.aids || told.sources) {
    if (!isPlaying()) location.reload();
    return;
  }
  if (told.state === "live" && stage.dataset.embed) {
    state = told.state;
    tick();
  }
  lookSoon();
}

function lookSoon() {
  clearTimeout(looking);
  looking = setTimeout(look, Math.random() * SPREAD_MS);
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

async function beat() {
  clearTimeout(beating);
  if (mustBeSeen && !isSeen()) return;
  const answer = await fetch(stage.dataset.presence, { method: "POST" }).catch(() => null);
  // 425: the way in opens later; the next beat will tell.
  const isLost = !answer || (!answer.ok && answer.status !== 425);
  if (part("lost")) part("lost").hidden = !isLost;
  let next = 60;
  if (answer?.ok) {
    const told = await answer.json();
    next = told.next_in_s;
    part("count").textContent = String(told.minutes);
    part("minutes").hidden = false;
  }
  if (answer?.status !== 404) beating = setTimeout(beat, next * 1000);
}

if (stage) {
  part("play")?.addEventListener("click", consent);
  if (part("play") && !isLight && sessionStorage.getItem(CONSENT)) consent();
  setInterval(tick, 1000);
  setInterval(() => !isToldLive && look(), LOOK_MS);
  tick();
  part("show-chat")?.addEventListener("click", showChat);
  listen({
    event: stage.dataset.event,
    session: stage.dataset.session,
    on: { broadcast: hear, programme: lookSoon },
    missed: lookSoon,
    state: (isOpen) => {
      isToldLive = isOpen;
    },
  });
  if (stage.dataset.presence) {
    beat();
    if (mustBeSeen) document.addEventListener("visibilitychange", () => isSeen() && beat());
  }
}
