// Hardware scanners that type: they press keys far quicker than people do and end with Enter.
const PAUSE_MS = 300;
const SHORTEST = 6;

/** Calls `scanned(text)` for what such a scanner types while no field has the focus; `spare(key)` may take a key first. */
export function listen(scanned, spare) {
  let typed = "";
  let lastAt = 0;
  document.addEventListener("keydown", (event) => {
    if (event.target.closest?.("input, select, textarea, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.timeStamp - lastAt > PAUSE_MS) typed = "";
    lastAt = event.timeStamp;
    if (event.key === "Enter" && typed.length >= SHORTEST) {
      event.preventDefault();
      scanned(typed);
      typed = "";
      return;
    }
    if (spare(event.key)) event.preventDefault();
    else if (event.key.length === 1) typed += event.key;
  });
}
