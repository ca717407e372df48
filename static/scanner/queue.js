// Scans that got no answer in time. They lie in IndexedDB, so closing the browser loses none, and go out
// again under the nonce they were born with: the server answers a nonce once, however often it arrives.
import { NoAnswer, sendPassages } from "./server.js";

const BATCH = 100;
const PAUSES_MS = [1000, 2000, 4000, 8000, 15000];
const RESEND_PATIENCE_MS = 10000;

let opened;
let tries = 0;
let timer;
let sending = false;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("eventhub-scanner", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("waiting", { keyPath: "place", autoIncrement: true });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function store(mode, work) {
  const transaction = (await database()).transaction("waiting", mode, { durability: "strict" });
  const request = work(transaction.objectStore("waiting"));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}

/** Keeps one passage (the body of a scan) until the server has answered it. */
export async function keep(passage) {
  await store("readwrite", (scans) => scans.add({ passage }));
}

/** Returns the passages still without an answer, oldest first. */
export async function waiting() {
  return (await store("readonly", (scans) => scans.getAll())).map((row) => row.passage);
}

/** Sends what waits, now and again until nothing does; `answered(passage, result)` is called for each, `failed(error)` when a later try throws. */
export async function sendWaiting(answered, failed) {
  clearTimeout(timer);
  if (sending) return;
  sending = true;
  try {
    await drain(answered);
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
  for (;;) {
    const rows = await store("readonly", (scans) => scans.getAll(null, BATCH));
    if (rows.length === 0) return;
    const results = await sendPassages(rows.map((row) => row.passage), RESEND_PATIENCE_MS);
    await store("readwrite", (scans) => rows.forEach((row) => scans.delete(row.place)));
    rows.forEach((row, index) => answered(row.passage, results[index]));
  }
}
