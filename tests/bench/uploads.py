"""``python -m tests.bench.uploads``: the memory of a web process while twenty phones send 30 MB each at once."""

from __future__ import annotations

import asyncio
import io
import threading
import time
from collections.abc import AsyncIterator
from hashlib import sha256
from uuid import UUID, uuid4

import httpx
import psutil
from PIL import Image

from infra.postgres import close_pool, open_pool
from server.schema import platform_lines
from tenants.migrations.runner import migrate_platform
from tests.bench import town
from tests.bench.ground import Ground, ground
from tests.bench.report import Figure, heading, tell
from tests.bench.town import House

PHONES, LARGEST = 20, 30_000_000
_PIECE, _MB = 64 * 1024, 2**20


def main() -> None:
    """Servers and a committee of its own, then the figures."""
    with ground() as made:
        house = asyncio.run(_house(made))
        figures(made, made.serve("web", "workers.commands", "web"), house)


async def _house(made: Ground) -> House:
    await migrate_platform(made.servers.owner_url, platform_lines())
    await open_pool(made.servers.app_url, size=4)
    try:
        houses, _ = await town.build(made.servers.owner_url, 1)
    finally:
        await close_pool()
    return houses[0]


def figures(made: Ground, port: int, house: House) -> None:
    """Send one, then twenty at once, and tell what the web process ``web`` of the ground came to hold."""
    heading(f"Uploads: {PHONES} files of {LARGEST // 10**6} MB at once")
    scan, web = _scan(), psutil.Process(made.processes["web"].pid)
    asyncio.run(_send(port, house, scan, 1))
    before = web.memory_info().rss / _MB
    with Watch(web) as watch:
        begun = time.perf_counter()
        asyncio.run(_send(port, house, scan, PHONES))
        took = time.perf_counter() - begun
    tell(
        Figure("all of them stored and read back after", took, "s"),
        Figure("web process before (one file had been sent)", before, "MB"),
        Figure("web process, the most meanwhile", watch.most, "MB", note="the files together are 600 MB"),
        Figure("grown by", watch.most - before, "MB", most=100),
        Figure("its children (those that look at files), the most meanwhile", watch.children, "MB"),
        Figure("web process afterwards", web.memory_info().rss / _MB, "MB"),
    )


class Watch(threading.Thread):
    """Looks at a process and its children until left; ``most`` and ``children`` in MB, shared pages counted once."""

    def __init__(self, process: psutil.Process) -> None:
        super().__init__(daemon=True)
        self.process, self.most, self.children, self._over = process, 0.0, 0.0, threading.Event()

    def run(self) -> None:
        while not self._over.wait(0.05):
            self.most = max(self.most, self.process.memory_info().rss / _MB)
            self.children = max(self.children, sum(map(_size, self.process.children(recursive=True))) / _MB)

    def __enter__(self) -> Watch:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()


def _size(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0  # it has ended


def _scan() -> bytes:
    """A photo of 12 megapixels that weighs nearly what is allowed: what follows its end is taken along."""
    made = io.BytesIO()
    Image.effect_noise((4000, 3000), 60).convert("RGB").save(made, "JPEG", quality=97)
    return made.getvalue() + bytes(LARGEST - 16 - made.tell())


async def _send(port: int, house: House, scan: bytes, phones: int) -> None:
    minutes, files = uuid4(), [uuid4() for _ in range(phones)]
    given = {
        "Cookie": f"nennep-plain-http={house.token}", "Origin": f"http://127.0.0.1:{port}",
        "X-Requested-With": "nennep", "X-Account": str(house.secretary.account_id),
    }  # fmt: skip
    base = f"http://127.0.0.1:{port}/{house.ref.slug}/minutes/{minutes}"
    async with httpx.AsyncClient(headers=given, timeout=600, trust_env=False) as client:
        wanted = {"meeting": str(house.meeting), "files": [str(file) for file in files]}
        (await client.put(base, json=wanted)).raise_for_status()
        await asyncio.gather(*(_put(client, f"{base}/files/{file}", scan, file) for file in files))
        told = (await client.get(f"{base}/receipt")).json()
    if len(told["safe"]) != phones:
        raise RuntimeError(f"{len(told['safe'])} of {phones} are safe")


async def _put(client: httpx.AsyncClient, address: str, scan: bytes, file: UUID) -> None:
    digest = sha256(scan)
    digest.update(file.bytes)  # no two are the same

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(scan), _PIECE):
            yield scan[at : at + _PIECE]
        yield file.bytes

    answer = await client.put(address, content=pieces(), headers={"X-Sha256": digest.hexdigest()})
    if answer.status_code != 200:
        raise RuntimeError(answer.text)


if __name__ == "__main__":
    main()
