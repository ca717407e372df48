// How long it takes until something begins, in the page's language.

const DAY = 86_400;

/** Returns a number of seconds as hours, minutes and seconds, whole days before them. */
export function spoken(seconds) {
  const days = Math.floor(seconds / DAY);
  const parts = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  const clock = parts.map((piece) => String(piece).padStart(2, "0")).join(":");
  if (!days) return clock;
  const unit = { style: "unit", unit: "day", unitDisplay: "long" };
  return `${new Intl.NumberFormat(document.documentElement.lang, unit).format(days)} ${clock}`;
}
