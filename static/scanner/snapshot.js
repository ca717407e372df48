// What the server last told about tickets, kept for when it cannot be asked. Holders stay sealed until their ticket is shown.
import * as device from "./device.js";
import { readSnapshot } from "./server.js";
import { within } from "./store.js";

const SHARD = 2; // first letters of an id: 4,096 shards, so that one ticket is found quickly and few change at once

let common = null;
let loading = null;

/** Reads what was kept. */
export async function load() {
  loading ??= within(["common"], "readonly", ({ common: kept }) => kept.get("common")).then((found) => {
    common = found ? { ...found, revoked: new Set(found.revoked) } : null;
  });
  return loading;
}

/** Returns {made_at, event, keys, sessions, audiences} or null when there never was a snapshot. */
export function known() {
  return isOurs() ? common : null;
}

// A phone may have become a scanner of another event since.
function isOurs() {
  return common !== null && common.slug === device.known()?.event.slug;
}

/** Fetches what changed; throws NoAnswer or NotAScanner. */
export async function refresh() {
  await load();
  if (!isOurs()) await forget();
  const { slug } = device.known().event;
  const fresh = await readSnapshot(common);
  if (fresh.document === null) common = { ...common, made_at: fresh.madeAt };
  else await take(fresh.document, { tag: fresh.tag, slug });
  await within(["common"], "readwrite", ({ common: kept }) => kept.put({ ...common, revoked: [...common.revoked] }, "common"));
}

/** Returns {listed: boolean, revoked: boolean, sealed: text|null} of a ticket's id. */
export async function find(id) {
  const shard = await within(["tickets"], "readonly", ({ tickets }) => tickets.get(id.slice(0, SHARD)));
  const sealed = shard?.[id] ?? null;
  const revoked = common?.revoked.has(id) ?? false;
  return { listed: sealed !== null || revoked, revoked, sealed };
}

/** Forgets everything: this phone is no scanner any more. */
export async function forget() {
  common = null;
  await within(["common", "tickets"], "readwrite", (stores) => {
    stores.common.clear();
    stores.tickets.clear();
  });
}

async function take(document, about) {
  const { tickets, revoked, gone, since, ...rest } = document;
  const shards = new Map();
  const shardOf = (id) => {
    const name = id.slice(0, SHARD);
    if (!shards.has(name)) shards.set(name, {});
    return shards.get(name);
  };
  for (const [id, sealed] of Object.entries(tickets)) shardOf(id)[id] = sealed;
  for (const id of [...revoked, ...gone]) shardOf(id)[id] = null;
  if (since === null) await replaceAll(shards);
  else await merge(shards);
  const dead = new Set(since === null ? [] : common.revoked);
  Object.keys(tickets).concat(gone).forEach((id) => dead.delete(id));
  revoked.forEach((id) => dead.add(id));
  common = { ...rest, ...about, revoked: dead };
}

function replaceAll(shards) {
  return within(["tickets"], "readwrite", ({ tickets }) => {
    tickets.clear();
    for (const [name, shard] of shards) tickets.put(alive(shard), name);
  });
}

function merge(shards) {
  return within(["tickets"], "readwrite", ({ tickets }) => {
    for (const [name, changed] of shards) {
      const request = tickets.get(name);
      request.onsuccess = () => tickets.put(alive({ ...request.result, ...changed }), name);
    }
  });
}

function alive(shard) {
  return Object.fromEntries(Object.entries(shard).filter(([, sealed]) => sealed !== null));
}
