// Keeps the scanner's shell, so that it opens without a network. The server writes SHELL above this text:
// { version, page, files }. Answers about people never pass through the cache.
"use strict";

const CACHE = `eventhub-scanner-${SHELL.version}`;
const PATIENCE_MS = 3000;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll([SHELL.page, ...SHELL.files].map((url) => new Request(url, { cache: "reload" }))))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== CACHE && name.startsWith("eventhub-scanner-")).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && url.pathname === SHELL.page) event.respondWith(page(request));
  else if (SHELL.files.includes(url.pathname + url.search)) event.respondWith(file(request));
});

async function page(request) {
  const cache = await caches.open(CACHE);
  try {
    const fresh = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (fresh.ok && !fresh.redirected) await cache.put(SHELL.page, fresh.clone());
    return fresh;
  } catch {
    return (await cache.match(SHELL.page)) ?? Response.error();
  }
}

async function file(request) {
  return (await (await caches.open(CACHE)).match(request)) ?? fetch(request);
}
