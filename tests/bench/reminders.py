"""Reminders of one morning: ten thousand planned in one run, again without anything to add, and told to phones."""

from __future__ import annotations

import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from infra.postgres import sql
from infra.push import new_key
from infra.settings import settings
from server import clock
from server.assignments.pushing import push_reminders
from server.assignments.reminders import plan_reminders
from server.assignments.reminding import NAME
from tenants.current import using
from tenants.transactions import platform_transaction, transaction
from tests.bench.report import Figure
from tests.bench.town import House

MEMBERS, EACH, TOLD = 10_000, 5, 500

# Everybody has some work: of every person's the first is due today, the others are not spoken of today.
_CROWD = """WITH made AS (
    INSERT INTO member (id, name, sort_key, folded, official_on)
    SELECT gen_random_uuid(), 'Người ' || n, 'nguoi' || n, 'nguoi ' || n, '2010-01-01'
    FROM generate_series(1, $1::int) AS n RETURNING id
), here AS (
    INSERT INTO membership (id, member, cell, from_on) SELECT gen_random_uuid(), id, $2, '2010-01-01' FROM made
)
INSERT INTO assignment (id, task, cell, given_on, version, member, text, area, due_on, state, folded)
SELECT gen_random_uuid(), gen_random_uuid(), $2, $3::date - 30, 1, id, 'Việc ' || k, 'other',
    CASE WHEN k = 1 THEN $3 ELSE $3 + 10 * k END, 'open', 'viec'
FROM made CROSS JOIN generate_series(1, $4::int) AS k"""


async def figures(house: House, times: int) -> list[Figure]:
    """Planned ``times`` times from nothing, and once more with all of them there; then told."""
    today = clock.today()
    with using(house.ref):
        async with transaction():
            await sql(_CROWD, MEMBERS, house.cell, today, EACH)
            await _no_quiet_hours()
        spent = []
        for _ in range(times):
            async with transaction():
                await sql("DELETE FROM reminder")
            spent.append(await _planned(today.isoformat(), MEMBERS))
        again = await _planned(today.isoformat(), 0)
        return [
            Figure(
                f"{MEMBERS:,} reminders planned of {MEMBERS * EACH:,} assignments",
                median(spent),
                "s",
                most=30,
            ),
            Figure("planned again, nothing to add", again, "s"),
            await _told(house),
        ]


async def _planned(day: str, expected: int) -> float:
    begun = time.perf_counter()
    assert await plan_reminders(day) == expected
    return time.perf_counter() - begun


async def _no_quiet_hours() -> None:
    value = {"days_before": [3], "overdue_every": 7, "quiet_from": "00:00", "quiet_to": "00:00"}
    await sql("INSERT INTO setting (name, value) VALUES ($1, $2)", NAME, json.dumps(value))


async def _told(house: House) -> Figure:
    with _push_service() as port:
        await _subscribe(house, port)
        begun = time.perf_counter()
        assert await push_reminders(clock.today().isoformat()) == TOLD
        rate = TOLD / (time.perf_counter() - begun)
    return Figure(
        "phones told, by a service that answers at once", rate, "/s", note="sealed and signed, 8 at once"
    )


async def _subscribe(house: House, port: int) -> None:
    async with transaction(read_only=True):
        members = [row["member"] for row in await sql("SELECT member FROM reminder LIMIT $1", TOLD)]
    accounts = [uuid4() for _ in members]
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    async with platform_transaction():
        await sql(
            """INSERT INTO platform.account (id, login, name, password_hash)
            SELECT id, 'bench-' || id, 'Người', 'none' FROM unnest($1::uuid[]) AS id""",
            accounts,
        )
        await sql(
            """INSERT INTO platform.account_grant (id, account, committee, role, cell, cell_name, member)
            SELECT gen_random_uuid(), u.account, $3, 'member', $4, '', u.member
            FROM unnest($1::uuid[], $2::uuid[]) AS u (account, member)""",
            accounts, members, house.ref.id, house.cell,
        )  # fmt: skip
        await sql(
            """INSERT INTO platform.push_subscription (id, account, endpoint, p256dh, auth)
            SELECT gen_random_uuid(), id, $2 || id, $3, $4 FROM unnest($1::uuid[]) AS id""",
            accounts, f"http://127.0.0.1:{port}/", _text(point), _text(bytes(16)),
        )  # fmt: skip


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


@contextmanager
def _push_service() -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(201)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NENNEP_PUSH_PRIVATE_KEY", new_key())
        patch.setenv("NENNEP_PUSH_HOSTS", "127.0.0.1")
        settings.cache_clear()
        yield server.server_port
    settings.cache_clear()
    server.shutdown()
