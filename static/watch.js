// The watch page: counts down, opens the player after consent when the stream begins, and tells that its viewer is there.

const stage = document.querySelector("[data-stage]");
const LOOK_MS = 30_000;
const CONSENT = `watch:${location.pathname}`;

const part = (name) => document.querySelector(`[data-${name}]`);
const offset = stage ? Date.parse(stage.dataset.now) - Date.now() : 0;
const starts = stage ? Date.parse(stage.dataset.starts) : 0;
let state = stage?.dataset.state;
let consented = false;

const serverNow = () => Date.now() + offset;
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
  frame.src = stage.dataset.embed;
  player.classList.add("playing");
  player.replaceChildren(frame);
}

function consent() {
  consented = true;
  sessionStorage.setItem(CONSENT, "1");
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

async function beat() {
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
  if (answer?.status !== 404) setTimeout(beat, next * 1000);
}

if (stage) {
  part("play")?.addEventListener("click", consent);
  if (part("play") && sessionStorage.getItem(CONSENT)) consent();
  setInterval(tick, 1000);
  setInterval(look, LOOK_MS);
  tick();
  if (stage.dataset.presence) beat();
}
