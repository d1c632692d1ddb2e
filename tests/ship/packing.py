"""The product as it is shipped: sdist, wheel, and the wheel installed by the image's own steps."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.house.sources import ROOT, files

DIST = "web/static/dist"
GIVEN = "NENNEP_TEST_DIST"
# What goes into a package: the floors, and what says what they are.
_OUTSIDE = ("LICENSE", "README.md", "pyproject.toml")
_FLOORS = ("infra", "server", "tenants", "web", "workers")
_BUILD = "from setuptools.build_meta import {step}; print({step}({folder!r}))"


def pack(folder: Path) -> tuple[Path, Path]:
    """(sdist, wheel), built in ``folder`` from a copy of the repository; the wheel from the unpacked sdist. Where GIVEN
    names a folder that has both, those: what is tried before a release is what is given to others.
    """
    if given := os.environ.get(GIVEN):
        (sdist,), (wheel,) = Path(given).glob("*.tar.gz"), Path(given).glob("*.whl")
        return sdist, wheel
    source, out = folder / "source", folder / "out"
    out.mkdir()
    _copy(source)
    sdist = out / _step("build_sdist", source, out)
    shutil.unpack_archive(sdist, folder / "unpacked")
    (unpacked,) = (folder / "unpacked").iterdir()
    return sdist, out / _step("build_wheel", unpacked, out)


def _copy(target: Path) -> None:
    assert (ROOT / DIST / "manifest.json").exists(), "the browser's code is not built: make lint builds it"
    wanted = [name for name in files() if name in _OUTSIDE or name.split("/")[0] in _FLOORS]
    for name in wanted:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target / name)
    shutil.copytree(ROOT / DIST, target / DIST)


def _step(step: str, source: Path, out: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _BUILD.format(step=step, folder=str(out))],
        cwd=source, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.splitlines()[-1]


def inside(wheel: Path) -> set[str]:
    """The names of a wheel's files."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def install(wheel: Path, folder: Path) -> None:
    """Into a virtual environment at ``folder``, as infra/image/install.sh does it in the image; then read-only."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("NENNEP_", "PYTHON"))
    }
    environment |= {"PYTHON": interpreter() or sys.executable, "INSTALLER": sys.executable}
    beside = Path(sys.executable).with_name("uv")
    quick = str(beside) if beside.exists() else shutil.which("uv") or ""
    for uv in dict.fromkeys((quick, "")):
        shutil.rmtree(folder, ignore_errors=True)
        done = subprocess.run(
            ["sh", str(ROOT / "infra/image/install.sh"), str(wheel), str(ROOT / "requirements.lock"), str(folder)],
            env=environment | {"UV": uv}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode == 0:
            break
    assert done.returncode == 0, done.stderr[-3000:]
    forbid_writing(folder)


def interpreter() -> str:
    """A Python of this version that every account of the machine may run; "" without one."""
    name = f"python3.{sys.version_info.minor}"
    places = (Path(sys.base_prefix, "bin", name), Path("/usr/bin", name), Path("/usr/local/bin", name))
    for place in places:
        if place.exists() and all(folder.stat().st_mode & 0o001 for folder in place.resolve().parents):
            return str(place)
    return ""


def forbid_writing(folder: Path) -> None:
    """Nobody may write there any more (root may anyway, and nothing of ours runs as root)."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o222 | 0o444)


def allow_writing(folder: Path) -> None:
    """So that it can be removed."""
    for path in (folder, *folder.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
