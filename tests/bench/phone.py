"""What one phone waits for and downloads: 151 marks at once, the page, a first visit."""

from __future__ import annotations

import gzip
import json
import re
import time
from collections.abc import Sequence
from statistics import median
from uuid import uuid4

import brotli

from tests.bench import wire
from tests.bench.report import Figure
from tests.bench.town import MEMBERS, House

_LINKS = re.compile(rb'(?:href|src)="(/static/[^"]+|/manifest\.webmanifest)"')


async def batches(port: int, houses: Sequence[House]) -> Figure:
    """A night's queue: every member of a roll marked in one request."""
    line = await wire.Line.open(port)
    spent = []
    for house in houses:
        marks = [
            {
                "id": str(uuid4()),
                "no": no,
                "state": "present",
                "seq": no,
                "at": "2026-01-01T12:30:00Z",
                "seen": [],
            }
            for no in range(1, MEMBERS + 1)
        ]
        spent.append(await _send(line, house, str(house.second_meeting), marks))
    line.close()
    return Figure("151 marks of one queue in one request", median(spent) * 1000, "ms", most=300)


async def _send(line: wire.Line, house: House, meeting: str, marks: list[dict[str, object]]) -> float:
    body = json.dumps({"device": str(uuid4()), "since": 1, "marks": marks}).encode()
    begun = time.perf_counter()
    status, _, answer = await line.ask(
        wire.post(wire.post_head(f"/{house.ref.slug}/meetings/{meeting}/marks", house.token), body)
    )
    took = time.perf_counter() - begun
    if status != 200 or b'"refused":[{' in answer:
        raise RuntimeError(answer)
    return took


async def page(port: int, house: House) -> bytes:
    """The page of a roll on which everybody is marked, as it is before it is compressed."""
    line = await wire.Line.open(port)
    path = f"/{house.ref.slug}/meetings/{house.second_meeting}/roll-call"
    status, _, body = await line.ask(wire.get(path, house.token, encoding="identity"))
    line.close()
    if status != 200 or body.count(b"<li id=") != MEMBERS:
        raise RuntimeError(f"{status} {body[:500]!r}")
    return body


async def bytes_of_page(port: int, house: House) -> list[Figure]:
    """The page on the wire in each encoding, and all that a phone fetches at its first visit."""
    line = await wire.Line.open(port)
    path = f"/{house.ref.slug}/meetings/{house.second_meeting}/roll-call"
    sizes, bodies = {}, {}
    for encoding in ("identity", "gzip", "br"):
        _, _, bodies[encoding] = await line.ask(wire.get(path, house.token, encoding=encoding))
        sizes[encoding] = len(bodies[encoding])
    assert len(gzip.decompress(bodies["gzip"])) == len(brotli.decompress(bodies["br"])) == sizes["identity"]
    # The service worker is no link of the page: its script registers it.
    links = sorted({found.decode() for found in _LINKS.findall(bodies["identity"])} | {"/sw.js"})
    total = sizes["br"]
    for link in links:
        status, head, body = await line.ask(wire.get(link, house.token))
        assert status == 200, link
        total += len(head) + len(body)
    line.close()
    return [
        Figure("roll-call page of 151, all marked: plain", sizes["identity"] / 1024, "KB"),
        Figure("  gzip", sizes["gzip"] / 1024, "KB", most=14),
        Figure("  brotli", sizes["br"] / 1024, "KB", most=14),
        Figure(f"cold first visit: the page and {len(links)} files, with heads", total / 1024, "KB", most=60),
    ]


async def bytes_of_mark(port: int, house: House) -> Figure:
    """The answer to one mark, head included."""
    line = await wire.Line.open(port)
    mark = {"id": str(uuid4()), "no": 1, "state": "absent_excused", "seq": 1, "at": "2026-01-01T12:30:00Z", "seen": [],
            "reason": "đi công tác ở Hà Nội từ đầu tháng"}  # fmt: skip
    body = json.dumps({"device": str(uuid4()), "since": 100_000, "marks": [mark]}).encode()
    _, head, answer = await line.ask(
        wire.post(
            wire.post_head(f"/{house.ref.slug}/meetings/{house.second_meeting}/marks", house.token), body
        )
    )
    line.close()
    return Figure("answer to one mark, head included", (len(head) + len(answer)) / 1024, "KB", most=2)
