// Listens to the server while it is there: who comes and goes at other gates shows at once, and so does its return.
import * as device from "./device.js";
import { NoAnswer, readOccupancy } from "./server.js";
import { urls } from "./setup.js";

const PAUSE_MS = 1000;

let source = null;
let timer = null;

/** `counted()` is called when the counts of this phone's checkpoints are new, `back()` when the server is there (again). */
export function listen({ counted, back, failed }) {
  if (source !== null && source.readyState !== EventSource.CLOSED) return;
  source = new EventSource(`${urls.live}?kinds=occupancy`);
  source.addEventListener("hello", back);
  source.addEventListener("occupancy", ({ data }) => {
    if (timer !== null || !concernsUs(JSON.parse(data))) return;
    timer = setTimeout(() => {
      timer = null;
      recount().then(counted, (error) => error instanceof NoAnswer || failed(error));
    }, PAUSE_MS);
  });
}

export function stop() {
  source?.close();
  source = null;
}

function concernsUs({ rooms }) {
  return (device.known()?.checkpoints ?? []).some((place) => rooms.includes(place.room?.code ?? null));
}

/** Asks how many are inside at this phone's checkpoints. */
export async function recount() {
  const inside = new Map((await readOccupancy()).map((place) => [place.room, place.inside]));
  for (const place of device.known()?.checkpoints ?? []) place.inside = inside.get(place.room?.code ?? null) ?? place.inside;
}
