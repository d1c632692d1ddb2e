"""The service worker alone: with a store that fails, and with a log-out while pages are on their way."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from tests.web.test_fold_parity import node

ROOT = Path(__file__).parents[2]
# The worker's world, as small as it may be: a store that does not open, caches in memory, a network that answers when
# it is let. The program that follows says what happens there; what it returns is told.
WORLD = """
const heard = {}, kept = new Map();
let letIn;
const allowed = new Promise((resolve) => (letIn = resolve));
const cacheOf = (pages) => ({
  match: async (path) => pages.get(path), put: async (path, page) => void pages.set(path, page),
  add: async () => {}, keys: async () => [...pages.keys()], delete: async (path) => pages.delete(path),
});
const page = () => {
  const body = '<html data-account="a"><div id="roll">Ksor Giang</div>';
  const answer = new Response(body, { headers: { "Content-Type": "text/html" } });
  return Object.defineProperty(answer, "type", { value: "basic" });
};
Object.assign(globalThis, {
  VERSION: "1", PRECACHE: [], location: { origin: "http://nennep.test" },
  addEventListener: (name, listener) => (heard[name] = listener),
  caches: {
    open: async (name) => cacheOf(kept.get(name) ?? kept.set(name, new Map()).get(name)),
    keys: async () => [...kept.keys()], delete: async (name) => kept.delete(name),
  },
  indexedDB: { open: () => { throw new Error("no store on this phone"); } },
  fetch: async () => (await allowed, page()),
});
const say = (data) =>
  new Promise((resolve) => heard.message({ data, ports: [], waitUntil: (done) => resolve({ done }) }));
await import(process.argv[1]);
"""
OPEN = """
letIn();
let answer;
const request = { method: "GET", url: location.origin + "/pleiku/meetings/1/roll-call", mode: "navigate" };
heard.fetch({
  request: { ...request, headers: new Headers() }, waitUntil: () => {}, respondWith: (promised) => (answer = promised),
});
const told = await (await answer).text();
"""
LEAVE = """
const keeping = await say({ type: "keep", account: "a", paths: ["/pleiku/meetings/1/roll-call"] });
if (LEAVES) await (await say({ type: "logout", account: "a" })).done;
letIn();
await keeping.done;
const told = [...kept.keys()].filter((name) => name.startsWith("pages-"));
"""
END = "process.stdout.write(JSON.stringify(told)); process.exit(0);"


def worker(tmp_path: Path, program: str) -> object:
    """What a program in the worker's world tells."""
    # Away from the package, whose file does not say that these are modules.
    (tmp_path / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    for folder in ("pwa", "static/src"):
        shutil.copytree(ROOT / "web" / folder, tmp_path / folder, dirs_exist_ok=True)
    source = (tmp_path / "pwa" / "sw.js").as_uri()
    command = [node(), "--input-type=module", "--eval", WORLD + program + END, source]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    told: object = json.loads(done.stdout)
    return told


def test_a_roll_opens_on_line_though_the_store_of_the_phone_does_not(tmp_path: Path) -> None:
    assert "Ksor Giang" in str(worker(tmp_path, OPEN))


def test_a_page_that_arrives_after_the_log_out_is_not_kept(tmp_path: Path) -> None:
    assert worker(tmp_path, LEAVE.replace("LEAVES", "false")) == ["pages-a"]
    assert worker(tmp_path, LEAVE.replace("LEAVES", "true")) == []
