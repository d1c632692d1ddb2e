"""``python -m tests.bench.paper``: minutes from the phone to the searchable document, and how well they are read."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4

from infra import objects
from infra.postgres import close_pool, one, open_pool, sql
from infra.settings import settings
from server.minutes.actions import arrange
from server.minutes.folding import line_texts
from server.minutes.uploads import take
from server.paper import inside
from server.schema import platform_lines
from tenants.migrations.runner import migrate_platform
from tenants.transactions import platform_transaction, transaction
from tests.bench.ground import Ground, ground
from tests.bench.report import Figure, heading, tell
from tests.cast import Cast
from tests.paper.cer import cer, line_cer, word_recall

SHEETS = Path(__file__).parents[1] / "fixtures" / "minutes"
PHOTO = SHEETS / "a1-to-dan-pho-7" / "20261003_211502.jpg"
# Each file with the numbers of its truth texts; "unreadable" is blurred on purpose.
FILES: dict[str, tuple[int, ...]] = {
    "a1-to-dan-pho-7/20261003_211502.jpg": (1,),
    "a1-to-dan-pho-7/20261003_211517.jpg": (2,),
    "a1-to-dan-pho-7/20261003_211531.jpg": (3,),
    "a2-lang-kep/IMG_4127.HEIC": (1,),
    "a2-lang-kep/IMG_4128.HEIC": (2,),
    "a2-lang-kep/IMG_4129.HEIC": (3,),
    "a3-truong-thcs/Bien ban thang 11 (scan).pdf": (1, 2, 3),
    "a4-khu-pho-12/IMG20260804201633.jpg": (1,),
    "a4-khu-pho-12/IMG20260804201641.jpg": (1,),
    "a4-khu-pho-12/IMG20260804201702.jpg": (2,),
    "a5-viet-tay/IMG_20260603_211208.jpg": (1,),
    "a5-viet-tay/IMG_20260603_211221.jpg": (2,),
}
UNREADABLE = "20261003_211517.jpg"
GROUPS = {
    "typed, photographed": ("a1", "a2", "a4"),
    "typed, scanned PDF": ("a3",),
    "handwriting-like, photographed": ("a5",),
}
TIMES = 3
READY_SECONDS = 600


def main() -> None:
    """Measure everything in one run."""
    with ground() as made, TemporaryDirectory() as folder:
        _alone(Path(folder))
        for name in ("worker", "dispatcher"):
            made.start(name, "workers.commands", name)
        asyncio.run(_together(made))


def _alone(folder: Path) -> None:
    """The steps of one page in this process, in seconds of a core, beside Tesseract's own command."""
    heading("One page of 12 megapixels, seconds of a core (median of 3)")
    inside.clean(str(PHOTO), "jpeg", 0, 0, None, str(folder))
    grey, colour = str(folder / "grey.png"), str(folder / "colour.webp")
    reading = inside.read(grey)
    leaf = {"picture": colour, "reading": reading, "corrected": {}}
    steps = {
        "clean": lambda: inside.clean(str(PHOTO), "jpeg", 0, 0, None, str(folder)),
        "read": lambda: inside.read(grey),
        "put together": lambda: inside.assemble([leaf], str(folder / "d.pdf"), "x"),
    }
    spent = {name: _cpu(step) for name, step in steps.items()}
    bare = {
        name: _cpu(lambda p=path: _tesseract(p))
        for name, path in (("cleaned", grey), ("as sent", str(PHOTO)))
    }
    forks = 3 * _fork()
    tell(
        *(Figure(name, seconds, "s") for name, seconds in spent.items()),
        Figure("three forks", forks, "s"),
        *(Figure(f"tesseract -l vie, the page {name}", seconds, "s") for name, seconds in bare.items()),
    )
    whole = sum(spent.values()) + forks
    tell(
        Figure("overhead of reading alone, cleaned page", 100 * (spent["read"] / bare["cleaned"] - 1), "%"),
        Figure("overhead of all, cleaned page", 100 * (whole / bare["cleaned"] - 1), "%"),
        Figure("overhead of all, page as sent", 100 * (whole / bare["as sent"] - 1), "%", most=25),
    )  # fmt: skip


def _cpu(step) -> float:
    found = []
    for _ in range(TIMES):
        before = _spent()
        step()
        found.append(_spent() - before)
    return median(found)


def _spent() -> float:
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)


def _tesseract(path: str) -> None:
    subprocess.run(
        ["tesseract", path, "-", "-l", "vie", "--psm", "3"],
        check=True, capture_output=True, env=dict(os.environ) | {"OMP_THREAD_LIMIT": "1"},
    )  # fmt: skip


def _fork() -> float:
    """Wall seconds of a child that finds nothing to do: two processes' time, so an upper bound."""
    code = (
        "import asyncio, time\nfrom pathlib import Path\nfrom server.paper import child\n"
        "async def go():\n child.warm_up()\n took = []\n"
        " for _ in range(6):\n  t = time.perf_counter()\n  await child.turn([], 90)\n"
        "  took.append(time.perf_counter() - t)\n print(sorted(took)[2])\nasyncio.run(go())"
    )
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return float(ran.stdout)


async def _together(made: Ground) -> None:
    await migrate_platform(made.servers.owner_url, platform_lines())
    await open_pool(made.servers.app_url, size=4)
    try:
        objects.ensure_bucket(objects.client(), settings().objects_bucket)
        cast = await Cast.assemble(made.servers.owner_url)
        await _send(cast, PHOTO)  # whatever is slow at the first time only
        await _one_page(cast)
        await _all_pages(cast, made)
    finally:
        await close_pool()


async def _one_page(cast: Cast) -> None:
    heading("From the last byte of one page to a document that is ready, worker and queue idle")
    took, hops = [], []
    for _ in range(TIMES):
        minutes, seconds = await _send(cast, PHOTO)
        took.append(seconds)
        hops.append(await _hops(cast, minutes))
    tell(Figure("sent to ready", median(took), "s", most=10, note=_each(took)))
    tell(*(Figure(f"  {job}", median(hop[job] for hop in hops), "s") for job in hops[0]))


def _each(took: list[float]) -> str:
    return ", ".join(f"{seconds:.1f}" for seconds in took)


async def _hops(cast: Cast, minutes: UUID) -> dict[str, float]:
    """From a job's being asked for to its end."""
    async with transaction(read_only=True):
        pages = [
            str(row["id"]) for row in await sql("SELECT id FROM minutes_page WHERE minutes = $1", minutes)
        ]
    async with platform_transaction(read_only=True):
        rows = await sql(
            """SELECT job, extract(epoch FROM done_at - created_at)::float AS took, created_at FROM platform.outbox
            WHERE schema_name = $1 AND (arguments ->> 'page' = ANY ($2) OR arguments ->> 'minutes' = $3)
            ORDER BY created_at""",
            cast.pleiku.schema_name, pages, str(minutes),
        )  # fmt: skip
    return {row["job"]: row["took"] for row in rows}


async def _all_pages(cast: Cast, made: Ground) -> None:
    heading(
        "All fixtures at once; errors of each page (CER / lines / words), beside the corrected ones of BASELINE.md"
    )
    pages = sum(map(len, FILES.values()))
    watching = asyncio.create_task(_peak(made))
    minutes, seconds = await _send(cast, *(SHEETS / name for name in FILES))
    watching.cancel()
    errors = await _errors(minutes)
    baseline = _baseline()
    for (name, number), (found, sure) in errors.items():
        told = " / ".join(f"{share:.1%}" for share in found)
        print(
            f"  {name:<46}{number:>2}  {told:<26} was {baseline.get((Path(name).name, number), ''):<24} sure {sure}"
        )
    for group, folders in GROUPS.items():
        some = [v for (n, _), (v, _) in errors.items() if n.startswith(folders) and UNREADABLE not in n]
        print(f"  {group:<48}  " + " / ".join(f"{mean(v[i] for v in some):.1%}" for i in range(3)))
    tell(
        Figure("pages a minute", 60 * pages / seconds, "", note=f"{pages} pages on {os.cpu_count()} cores"),
        Figure("memory of the worker and its pages, at most", _PEAK["mb"], "MB", most=600),
    )


_PEAK = {"mb": 0.0}


async def _peak(made: Ground) -> None:
    while True:
        _PEAK["mb"] = max(_PEAK["mb"], made.resident()["worker"])
        await asyncio.sleep(0.1)


async def _errors(minutes: UUID) -> dict[tuple[str, int], tuple[tuple[float, float, float], int]]:
    async with transaction(read_only=True):
        rows = await sql(
            """SELECT t.lines, p.sure FROM minutes_page p JOIN minutes d ON d.id = p.minutes
            LEFT JOIN minutes_text t ON t.page = p.id
            WHERE d.id = $1 ORDER BY array_position(d.wanted, p.file), p.number""",
            minutes,
        )
    wanted = [(name, number) for name, numbers in FILES.items() for number in numbers]
    found = {}
    for (name, number), row in zip(wanted, rows, strict=True):
        truth = (SHEETS / name).with_name(f"page-{number}.txt").read_text(encoding="utf-8")
        text = "\n".join(line_texts(json.loads(row["lines"]), {})) if row["lines"] else ""
        found[name, number] = (cer(truth, text), line_cer(truth, text), word_recall(truth, text)), row["sure"]
    return found


def _baseline() -> dict[tuple[str, int], str]:
    rows = [line.split("|") for line in (SHEETS / "BASELINE.md").read_text(encoding="utf-8").splitlines()]
    return {
        (row[2].split("`")[1], int(row[3])): row[6].strip() for row in rows if len(row) == 8 and "`" in row[2]
    }


async def _send(cast: Cast, *paths: Path) -> tuple[UUID, float]:
    """Send files as one document; its id, and the seconds from the last byte until it is ready."""
    minutes, files = uuid4(), [uuid4() for _ in paths]
    await arrange(minutes, meeting=await cast.meeting(), files=files, by=cast.hoa)
    for file, path in zip(files, paths, strict=True):
        data = path.read_bytes()
        begun = time.perf_counter()
        await take(minutes, file, _body(data), sha256=None, size=len(data), name=path.name, by=cast.hoa)
    while time.perf_counter() - begun < READY_SECONDS:
        async with transaction(read_only=True):
            row = await one("SELECT state FROM minutes WHERE id = $1", minutes)
        assert row is not None
        if row["state"] == "ready":
            return minutes, time.perf_counter() - begun
        await asyncio.sleep(0.02)
    raise RuntimeError("the document did not become ready")


async def _body(data: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(data), 65536):
        yield data[at : at + 65536]


if __name__ == "__main__":
    main()
