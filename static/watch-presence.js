// Tells once a minute that its viewer is there.

const isSeen = () => document.visibilityState === "visible";

/**
 * Beats at an address until its link is dead.
 *
 * `mustBeSeen`: only while the page is in sight. `minutes(count)` is called with the minutes so far, `lost(isLost)`
 * with whether a minute is lost: no beat came through, and `isLineOpen()` says that no line stands for it either.
 */
export function beating(address, { mustBeSeen, isLineOpen, minutes, lost }) {
  let timer = 0;

  async function beat() {
    clearTimeout(timer);
    if (mustBeSeen && !isSeen()) return;
    const answer = await fetch(address, { method: "POST" }).catch(() => null);
    let next = 60;
    if (answer?.ok) {
      const told = await answer.json();
      next = told.next_in_s;
      minutes(told.minutes);
    }
    // 425: the way in opens later; the next beat will tell.
    lost(!answer?.ok && answer?.status !== 425 && !isLineOpen());
    if (answer?.status !== 404) timer = setTimeout(beat, next * 1000);
  }

  if (mustBeSeen) document.addEventListener("visibilitychange", () => isSeen() && beat());
  beat();
}
