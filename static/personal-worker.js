// Keeps one person's page and ticket on their own phone, so that both open without a connection: at a door, in a crowd.
// It lies below that person's address and governs nothing else. The page offers to take it away again.
"use strict";

const HOME = new URL("./", self.location).pathname;
const CACHE = `eventhub-personal ${HOME}`;
const PAGES = ["./", "ticket"];
const PATIENCE_MS = 4000;

self.addEventListener("install", (event) => event.waitUntil(renew().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && isKept(url.pathname)) event.respondWith(page(event, url.pathname));
  else if (url.pathname.startsWith("/static/")) event.respondWith(file(request));
});

function isKept(path) {
  return PAGES.some((name) => new URL(name, self.location).pathname === path);
}

// What the server says now goes first: an agenda changes, and a replaced ticket must not be shown.
async function page(event, path) {
  try {
    const fresh = await fetch(event.request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (fresh.ok) event.waitUntil(renew());
    else if (fresh.status === 404) event.waitUntil(leave());
    return fresh;
  } catch {
    const kept = await match(path);
    return kept ? marked(kept) : Response.error();
  }
}

async function file(request) {
  return (await match(request)) ?? fetch(request);
}

// To open a cache that has gone would make it anew.
function match(request) {
  return caches.match(request, { cacheName: CACHE });
}

async function renew() {
  const cache = await caches.open(CACHE);
  const needed = new Set();
  for (const name of PAGES) {
    const fresh = await fetch(name, { cache: "no-cache" });
    if (!fresh.ok) continue; // who attends from afar has no ticket
    for (const [, address] of (await fresh.clone().text()).matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)) {
      needed.add(new URL(address.replaceAll("&amp;", "&"), self.location).href);
    }
    await cache.put(new URL(name, self.location).pathname, fresh);
  }
  const kept = (await cache.keys()).map((request) => request.url).filter((url) => new URL(url).pathname.startsWith("/static/"));
  await Promise.all(kept.filter((url) => !needed.has(url)).map((url) => cache.delete(url)));
  await Promise.all([...needed].filter((url) => !kept.includes(url)).map((url) => cache.add(url)));
}

// The address opens nothing any more, so nothing of it stays here.
async function leave() {
  await caches.delete(CACHE);
  await self.registration.unregister();
}

// Tells the page that it comes from the phone, and of when it is.
async function marked(kept) {
  const words = await kept.text();
  const date = new Date(kept.headers.get("Date")).toISOString();
  return new Response(words.replace("<body", `<body data-kept="${date}"`), { headers: kept.headers });
}
