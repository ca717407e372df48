// The page says what is open now. It loads itself again when that changes, so nobody waits before an open door.
const LONGEST_MS = 6 * 3600 * 1000;
const seconds = Number(document.querySelector("[data-reload-in]")?.dataset.reloadIn);
if (seconds) setTimeout(() => location.reload(), Math.min(seconds * 1000, LONGEST_MS));
