// The page says what is open now. It loads itself again when that changes, so nobody waits before an open door.
const LONGEST_MS = 6 * 3600 * 1000;
const seconds = Number(document.querySelector("[data-reload-in]")?.dataset.reloadIn);
if (seconds) setTimeout(() => location.reload(), Math.min(seconds * 1000, LONGEST_MS));

// Page and ticket are kept on this phone, unless its owner took them away: a link may be opened on somebody else's.
const home = new URL("./", location.href).pathname;
const NOT_HERE = `eventhub.not-kept ${home}`;
const keeping = document.getElementById("keeping");

async function keep() {
  localStorage.removeItem(NOT_HERE);
  await navigator.serviceWorker.register(`${home}worker.js`, { scope: home });
}

async function takeAway() {
  localStorage.setItem(NOT_HERE, "yes");
  await (await navigator.serviceWorker.getRegistration(home))?.unregister();
  await caches.delete(`eventhub-personal ${home}`);
}

function draw() {
  const isKept = !localStorage.getItem(NOT_HERE);
  keeping.hidden = false;
  for (const part of keeping.querySelectorAll("[data-when]")) part.hidden = (part.dataset.when === "kept") !== isKept;
}

if (keeping && navigator.serviceWorker) {
  draw();
  if (!localStorage.getItem(NOT_HERE)) keep();
  keeping.addEventListener("click", async ({ target }) => {
    if (target.id === "keep") await keep();
    else if (target.id === "take-away") await takeAway();
    draw();
  });
}

// Without a connection the page says of when it is.
const note = document.getElementById("as-of");
if (note && document.body.dataset.kept) {
  const at = new Date(document.body.dataset.kept);
  const when = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  note.textContent = note.dataset.words.replace("{at}", at.toLocaleString(document.documentElement.lang, when));
  note.hidden = false;
}

// At the door: the whole screen, which stays on.
const bright = document.querySelector(".bright");
if (bright) {
  navigator.wakeLock?.request("screen").catch(() => {}); // a courtesy; refused when the battery is low
  const button = document.getElementById("whole-screen");
  button.hidden = !document.fullscreenEnabled;
  button.addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : bright.requestFullscreen()));
}
