// Sound and vibration, a different one for each kind of answer, for a gate where nobody looks at the screen.
const QUIET = "eventhub.scanner.quiet";

// [frequency in Hz, start in s, length in s]
const TONES = {
  ok: [[880, 0, 0.09], [1318, 0.1, 0.16]],
  ask: [[660, 0, 0.12], [660, 0.2, 0.12]],
  waiting: [[523, 0, 0.25]],
  refused: [[196, 0, 0.2], [165, 0.25, 0.2], [147, 0.5, 0.35]],
};
const BUZZES = { ok: [60], ask: [60, 80, 60], waiting: [150], refused: [250, 100, 250, 100, 400] };

let audio = null;

export function isQuiet() {
  return localStorage.getItem(QUIET) === "yes";
}

export function setQuiet(quiet) {
  localStorage.setItem(QUIET, quiet ? "yes" : "no");
}

/** Must be called from a tap: browsers let a page make sounds only after one. */
export function allowSound() {
  audio ??= new AudioContext();
  if (audio.state === "suspended") audio.resume();
}

export function signal(kind) {
  if (isQuiet()) return;
  navigator.vibrate?.(BUZZES[kind]);
  if (audio) TONES[kind].forEach((tone) => play(...tone));
}

function play(frequency, start, length) {
  const at = audio.currentTime + start;
  const tone = new OscillatorNode(audio, { type: frequency < 400 ? "square" : "sine", frequency });
  const volume = new GainNode(audio, { gain: 0 });
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.5, at + 0.01);
  volume.gain.linearRampToValueAtTime(0, at + length);
  tone.connect(volume).connect(audio.destination);
  tone.start(at);
  tone.stop(at + length);
}
