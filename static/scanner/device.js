// What this phone is: its event, the checkpoints it may use, the way people pass it. Names nobody.
import { readConfig } from "./server.js";

const CONFIG = "eventhub.scanner.config";
const PLACE = "eventhub.scanner.checkpoint";
const WAY = "eventhub.scanner.way";

let config = JSON.parse(localStorage.getItem(CONFIG) ?? "null");

/** Returns the configuration as the server last told it, or null on a phone that never was a scanner. */
export function known() {
  return config;
}

/** Asks the server; throws NoAnswer or NotAScanner. */
export async function refresh() {
  config = await readConfig();
  localStorage.setItem(CONFIG, JSON.stringify(config));
  return config;
}

export function forget() {
  config = null;
  localStorage.removeItem(CONFIG);
}

/** Returns the checkpoint in use: the one chosen if the phone may still use it, else its first; or undefined. */
export function checkpoint() {
  const chosen = localStorage.getItem(PLACE);
  const usable = config?.checkpoints ?? [];
  return usable.find((place) => place.code === chosen) ?? usable[0];
}

export function chooseCheckpoint(code) {
  localStorage.setItem(PLACE, code);
}

export function way() {
  return localStorage.getItem(WAY) === "exit" ? "exit" : "entry";
}

export function chooseWay(type) {
  localStorage.setItem(WAY, type);
}
