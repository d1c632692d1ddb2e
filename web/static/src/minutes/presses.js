// Hands pictures to the press, one at a time: in a worker, or in the page where the browser can't draw in workers.
const PATIENCE = 60_000; // a phone that has no memory left for a picture never answers

let address;
let worker = null;
let turn = Promise.resolve();

/** Where the press lies (its name changes with its content, so the page tells it). */
export const setUpPress = (path) => (address = path);

/** -> what press() gives, or {plain: true} for what can't be shown here: it is sent as it is. */
export function press(file, options) {
  return queued("press", file, options).catch(() => ({ plain: true }));
}

/** -> Blob of the whole photograph to look at, or null. */
export const view = (file) => queued("view", file).catch(() => null);

function queued(what, file, options) {
  const done = turn.then(() => work(what, file, options));
  turn = done.catch(() => {});
  return done;
}

function work(what, file, options) {
  const elsewhere = typeof Worker !== "undefined" && typeof OffscreenCanvas !== "undefined";
  return elsewhere ? inWorker(what, file, options) : import(address).then((here) => here[what](file, options));
}

function inWorker(what, file, options) {
  worker ??= new Worker(address, { type: "module" });
  return new Promise((resolve, reject) => {
    const fail = () => {
      worker?.terminate();
      worker = null;
      reject(new Error("the press does not answer"));
    };
    const clock = setTimeout(fail, PATIENCE);
    worker.onerror = () => {
      clearTimeout(clock);
      fail();
    };
    worker.onmessage = ({ data }) => {
      clearTimeout(clock);
      if (data.done) resolve(data.done);
      else reject(new Error(data.error));
    };
    worker.postMessage({ what, file, options });
  });
}
