// Scans that the server has not answered yet. They lie in IndexedDB, so closing the browser or an empty battery loses none,
// and go out again under the nonce they were born with: the server answers a nonce once, however often it arrives.
import * as device from "./device.js";
import * as journal from "./journal.js";
import { NoAnswer, Rejected, sendPassages } from "./server.js";
import { within } from "./store.js";
import { uuid } from "./uuid.js";

const BATCH = 500;
const PAUSES_MS = [1000, 2000, 4000, 8000, 15000];
const RESEND_PATIENCE_MS = 30000;

let reading = null; // what lies on the disk: a day without a connection makes thousands, asked for at every scan
let tries = 0;
let timer;
let sending = false;

/** Keeps one passage until the server has answered it; `moves` is who came and went by it. */
export async function keep(passage, moves = []) {
  const row = { event: device.known().event.slug, passage, moves };
  const place = await within(["waiting"], "readwrite", ({ waiting }) => waiting.add(row));
  if (reading) (await reading).push({ ...row, place });
}

/** Returns what is kept, oldest first: {event, passage, moves, fault}; `fault` says why the server would not take it. */
export async function kept() {
  return (reading ??= within(["waiting"], "readonly", ({ waiting }) => waiting.getAll()));
}

async function change(work) {
  await within(["waiting"], "readwrite", ({ waiting }) => work(waiting));
  reading = null;
}

/** Returns the change of who is inside a place (room code, or null) by scans the server does not know yet. */
export async function pending(room) {
  const slug = device.known()?.event.slug;
  const ours = (await kept()).filter((row) => row.event === slug);
  return ours.flatMap((row) => row.moves ?? []).reduce((sum, move) => sum + (move.room === room ? move.by : 0), 0);
}

/** Lets what the server would not take be sent once more. */
export async function retry() {
  const all = await kept();
  await change((waiting) => {
    for (const { fault, ...row } of all) if (fault !== undefined) waiting.put(row);
  });
}

/** Sends what waits, now and again until nothing does; `answered(passage, result)` is called for each, `failed(error)` when a later try throws. */
export async function sendWaiting(answered, failed) {
  clearTimeout(timer);
  if (sending) return;
  sending = true;
  try {
    // One tab at a time: two would send everything twice, which costs time but no harm.
    if (navigator.locks) await navigator.locks.request("eventhub-scanner-queue", () => drain(answered));
    else await drain(answered);
    tries = 0;
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    const pause = PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)];
    tries += 1;
    timer = setTimeout(() => sendWaiting(answered, failed).catch(failed), pause);
  } finally {
    sending = false;
  }
}

async function drain(answered) {
  let size = BATCH;
  reading = null; // another tab may have sent some
  for (;;) {
    const due = (await kept()).filter((row) => row.fault === undefined && row.event === device.known()?.event.slug);
    if (due.length === 0) return;
    const batch = due.slice(0, size);
    try {
      await send(batch, answered);
      size = BATCH;
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      // One of them is refused as a whole: find it by halves, and let it stop none of the others.
      if (batch.length === 1) await setAside(batch[0], error.explanation);
      else size = Math.ceil(batch.length / 2);
    }
  }
}

async function send(batch, answered) {
  const results = await sendPassages(batch.map((row) => row.passage), RESEND_PATIENCE_MS);
  await change((waiting) => {
    batch.forEach((row, index) => {
      const result = results[index];
      if (result.status === "incomplete" && row.passage.offline) {
        // The server asked under this nonce before the connection went; what the phone then decided needs its own.
        waiting.put({ ...row, passage: { ...row.passage, nonce: uuid() } });
      } else if (result.reason === "malformed") waiting.put({ ...row, fault: result.explanation });
      else waiting.delete(row.place);
    });
  });
  await journal.sent(batch.map((row) => row.passage.nonce));
  batch.forEach((row, index) => {
    if (results[index].status !== "incomplete") answered(row.passage, results[index]);
  });
}

async function setAside(row, fault) {
  await change((waiting) => waiting.put({ ...row, fault }));
}
