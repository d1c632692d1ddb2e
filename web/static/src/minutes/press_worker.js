// The press on a thread of its own. Imported by a page whose browser has no drawing in workers, it is just the press.
import { press, view } from "./press.js";

export { press, view };

const WORK = { press, view };

if (typeof document === "undefined") {
  self.addEventListener("message", async ({ data: { what, file, options } }) => {
    try {
      postMessage({ done: await WORK[what](file, options) });
    } catch (error) {
      postMessage({ error: String(error) });
    }
  });
}
