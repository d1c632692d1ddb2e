// An impatient thumb presses twice: a form goes out once, so that the page that comes is the answer to the first press.
const PATIENCE = 10_000;

export function watchTwice() {
  const sent = new WeakMap();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.getAttribute("method") !== "post") return;
    if (event.timeStamp - (sent.get(form) ?? -PATIENCE) < PATIENCE) event.preventDefault();
    else sent.set(form, event.timeStamp);
  });
}
