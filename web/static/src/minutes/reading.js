// Reading minutes: zoom without a new page, and a line's place in the picture while it is looked at. All of it works
// by links as well. Imports nothing, so that it stays a file of its own.
const find = (selector) => document.querySelector(selector);
const pane = find(".pane");

// Zoom: around what stood in the middle.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-zoom]");
  if (!link || !pane || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  const before = pane.firstElementChild.offsetWidth;
  const middle = [pane.scrollLeft + pane.clientWidth / 2, pane.scrollTop + pane.clientHeight / 2];
  pane.className = `pane z${link.dataset.zoom}`;
  const grown = pane.firstElementChild.offsetWidth / before;
  pane.scrollTo(middle[0] * grown - pane.clientWidth / 2, middle[1] * grown - pane.clientHeight / 2);
  find("[data-zoom][aria-current]")?.removeAttribute("aria-current");
  link.setAttribute("aria-current", "true");
  history.replaceState(null, "", new URL(link.href).search);
});

// The line under the pointer or the focus, and its place.
for (const kind of ["pointerover", "focusin"]) document.addEventListener(kind, ({ target }) => show(target));

function show(target) {
  const row = target.closest?.(".lines li");
  const rect = target.closest?.(".paper rect");
  if (!row && !rect) return;
  const number = (row ?? rect).id.slice(1);
  for (const old of document.querySelectorAll(".at")) old.classList.remove("at");
  for (const id of [`l${number}`, `t${number}`]) document.getElementById(id)?.classList.add("at");
}

// A value that somebody changes is meant: its tick follows.
document.addEventListener("input", ({ target }) => {
  const tick = target.matches?.(".in") && target.closest(".units > li")?.querySelector("[data-tick]");
  if (tick) tick.checked = true;
});
