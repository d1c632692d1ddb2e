// A database of this browser: opened once, opened anew after it was closed, every change on disk before it is told.

/** -> {transact(names, mode, work)}: runs work(stores) in one transaction and resolves, after it is on disk, to what
 *  work returned. upgrade(database) makes the object stores of a new one. */
export function store(name, version, upgrade) {
  let opening;

  function database() {
    opening ??= open();
    opening.catch(() => (opening = null));
    return opening;
  }

  function open() {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(name, version);
      request.onupgradeneeded = () => upgrade(request.result);
      request.onblocked = () => reject(new Error("blocked"));
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const db = request.result;
        db.onversionchange = () => {
          db.close();
          opening = null; // the next tap opens it anew; a closed one would refuse every tap until the page is loaded again
        };
        db.onclose = () => (opening = null);
        resolve(db);
      };
    });
  }

  return async function transact(names, mode, work) {
    const db = await database();
    // "strict": a phone whose battery dies right after the tap still has the mark.
    const tx = db.transaction(names, mode, { durability: mode === "readwrite" ? "strict" : "default" });
    const done = new Promise((resolve, reject) => {
      tx.oncomplete = resolve;
      tx.onabort = tx.onerror = () => reject(tx.error);
    });
    const stores = Object.fromEntries(names.map((one) => [one, tx.objectStore(one)]));
    try {
      const result = await work(stores);
      await done;
      return result;
    } catch (error) {
      done.catch(() => {});
      if (!tx.error) tx.abort();
      throw error;
    }
  };
}

export const asked = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
