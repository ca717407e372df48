// The phone's own database. Nothing in it tells who anybody is: scans name tickets by number, holders are sealed.
let opened;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("eventhub-scanner", 2);
    request.onupgradeneeded = ({ oldVersion }) => {
      const { result: base } = request;
      if (oldVersion < 1) base.createObjectStore("waiting", { keyPath: "place", autoIncrement: true });
      base.createObjectStore("journal", { keyPath: "nonce" });
      base.createObjectStore("tickets");
      base.createObjectStore("common");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

/**
 * Runs `work(stores)` in one transaction and returns the result of the request it returns, once all is on the disk:
 * "strict" durability outlives an empty battery.
 */
export async function within(names, mode, work) {
  const transaction = (await database()).transaction(names, mode, { durability: mode === "readwrite" ? "strict" : "default" });
  const request = work(Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)])));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}
