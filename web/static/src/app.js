// Every page: htmx without evaluation, the device's counter, kept pages, log-out, copying.
import htmx from "htmx.org";
import { startDevice } from "./device.js";
import { all, find, say } from "./dom.js";
import { watchLogout } from "./logout.js";
import { watchTwice } from "./once.js";
import { startPages } from "./pages.js";

const refuse = function () {
  throw new Error("This page evaluates no attribute code: write a module instead.");
};

// htmx 4 builds functions from attribute text (hx-on, js: values, trigger filters). The policy
// forbids that; without this the browser would report a violation for each one. The `hx-csp`
// extension needs a nonce on every element, which a kept offline page cannot have.
htmx.registerExtension("no-evaluation", {
  init: (api) => api.initSecurity(null, refuse, refuse),
  htmx_before_on_init: () => false,
});
// Snapshots of private pages stay out of the history; going back loads the page.
htmx.config.history = "reload";
htmx.config.defaultTimeout = 20_000;
// A refusal is the same form with its reason, so 422 is swapped in; other errors are not.
htmx.config.noSwap = [204, 304, 401, 403, 404, 423, "5xx"];

startDevice();
startPages();
watchLogout();
watchTwice(); // after those that keep a form for themselves
watchCopy();

/** <button data-copy="#field" data-copied="words" hidden>: shown because a script is here to do it. */
function watchCopy() {
  for (const button of all("[data-copy]")) button.hidden = false;
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (button) copy(button, find(button.dataset.copy));
  });
}

async function copy(button, source) {
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
  } catch {
    // No clipboard on plain HTTP: the text is selected so that the person can copy it.
    return source.select?.();
  }
  const label = find("span", button) ?? button;
  const words = label.textContent;
  label.textContent = button.dataset.copied;
  say(button.dataset.copied);
  setTimeout(() => (label.textContent = words), 3000);
}
