"""An evening with everything that people type and everything that can go wrong, over HTTP and through jobs.

What was typed, and who they are, are the needles that no log, metric or trace may hold.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx

from infra.embedded import Servers
from infra.postgres import connect, sql
from server import clock
from server.accounts.actions import Place, add_account, give
from server.accounts.secrets import csrf_token, hash_password
from server.minutes.folding import line_texts
from server.names import fold
from tenants import runs
from tenants.current import using
from tenants.outbox import later
from tenants.transactions import platform_transaction, transaction
from tests.cast import Cast
from tests.members.office import FIXTURES, expected
from tests.minutes.pages import TYPED
from tests.minutes.sending import HOSTILE, hashed
from tests.web.sending import account_of
from tests.web.walking import filled, handlers, signed_in
from tests.workers.processes import until
from tests.workers.rows import make_due, rows_of

PASSWORD, WRONG_PASSWORD = "suối lửa chim 407", "Nguyễn Thị Mật Khẩu Sai"
PHONE, CARD = "0912345678", "042117009988"
WHY = "bị Ủy ban kiểm tra nhắc vì say rượu"
# Of forms.
FIELDS = "reason name title text login phone why q note held_on date no role"
SCRIPT = {"X-Requested-With": "nennep"}
_ESCAPED = re.compile(r"\\+u([0-9a-fA-F]{4})")
# Shorter ones of a page may stand anywhere.
LONG_LINE = 4


@dataclass
class Evening:
    """What was done: numbers of requests by what they were about; and what nobody may find afterwards."""

    cast: Cast
    login: str
    numbers: dict[str, str] = field(default_factory=dict)
    run: UUID | None = None
    of_the_page: list[str] = field(default_factory=list)
    of_the_list: list[str] = field(default_factory=lambda: expected("chi-bo-van-phong-11")["names"])

    def needles(self) -> list[str]:
        """Names, log-ins, numbers and texts, the names of the committee too."""
        return [
            *self.cast.numbers, self.login, PASSWORD, WRONG_PASSWORD, PHONE, CARD, WHY, *self.of_the_list,
            *self.of_the_page, "Trần Thị Láng", self.cast.pleiku.slug, self.cast.pleiku.title, "Chi bộ Tổ dân phố 5",
        ]  # fmt: skip


def found(text: str, needles: list[str]) -> list[str]:
    """Which needles a text holds: with or without accents, in any case, as JSON, addresses or PostgreSQL write them."""
    hay = [text.lower(), fold(text), fold(_ESCAPED.sub(lambda code: chr(int(code[1], 16)), text))]
    return [
        needle for needle in needles
        if any(form in one for one in hay for form in (needle.lower(), fold(needle), quote(needle).lower()))
    ]  # fmt: skip


async def play(cast: Cast, url: str, servers: Servers) -> Evening:
    """Everything, once; returns when nothing of it waits any more."""
    evening = Evening(cast, f"bithu.{uuid4().hex[:10]}")
    async with httpx.AsyncClient(
        base_url=url, headers={"Origin": url}, trust_env=False, timeout=60
    ) as client:
        await _log_in(client, evening)
        await _take_the_roll(client, evening)
        await _send_minutes(client, evening)
        await _break_things(client, evening, servers)
        await _read_in(client, evening)
        await _walk(client, evening)
    await _go_through_a_run(evening)
    await _fail_jobs(cast)
    return evening


async def _log_in(client: httpx.AsyncClient, evening: Evening) -> None:
    async with platform_transaction():
        account = await add_account(
            name="Nguyễn Văn An", login=evening.login, password_hash=await hash_password(PASSWORD)
        )
        await give(
            account, evening.cast.pleiku.id, "secretary", Place(evening.cast.cell, "Chi bộ"), by_name="test"
        )
    for _ in range(8):  # until it has to wait
        given = {"login": evening.login, "password": WRONG_PASSWORD, "next": f"/?q={quote(WHY)}"}
        answer = await client.post("/login", data=given)
        assert answer.status_code == 422
    assert "chờ" in answer.text


async def _as(client: httpx.AsyncClient, role: str, cast: Cast) -> None:
    """The cookie of walking.py, for a server that has another name."""
    await signed_in(client, role, cast, at_neighbour=False)
    token = client.cookies["nennep-plain-http"]
    client.cookies.clear()
    client.headers["Cookie"] = f"nennep-plain-http={token}"
    client.headers["X-CSRF"] = csrf_token(token)


async def _take_the_roll(client: httpx.AsyncClient, evening: Evening) -> None:
    cast = evening.cast
    await _as(client, "secretary", cast)
    meeting = await cast.meeting()
    base = f"/{cast.pleiku.slug}/meetings/{meeting}"
    for seq, (name, no) in enumerate(cast.numbers.items(), start=1):
        mark = {"id": str(uuid4()), "no": no, "state": "absent_excused", "seq": seq, "at": clock.now().isoformat(),
                "reason": f"{name} {WHY}"}  # fmt: skip
        sent = {"device": str(uuid4()), "marks": [mark], "open": True}
        answer = await client.post(f"{base}/marks", json=sent, headers=SCRIPT)
        assert answer.json()["acked"] == [mark["id"]], answer.text
    evening.numbers["mark"] = answer.headers["x-request-id"]

    async def idle() -> bool:
        return all(row["done_at"] for row in await rows_of(cast.pleiku))

    # What waits for the same job is done by one, which is told below the first that asked and linked to the others.
    await until(idle, seconds=60, what="the marks' jobs are not done")
    closed = await client.post(f"{base}/closing", data={"rest_absent": "1"})
    assert closed.status_code in (200, 303), closed.text
    evening.numbers["close"] = closed.headers["x-request-id"]


async def _send_minutes(client: httpx.AsyncClient, evening: Evening) -> None:
    cast = evening.cast
    account = await account_of_header(client)
    headers = SCRIPT | {"X-Account": str(account)}
    minutes, files = uuid4(), [uuid4(), uuid4(), uuid4()]
    base = f"/{cast.pleiku.slug}/minutes/{minutes}"
    sent = {"meeting": str(await cast.meeting()), "files": [str(file) for file in files[:1]]}
    assert (await client.put(base, json=sent, headers=headers)).status_code == 200
    name = {"Content-Type": "application/octet-stream", "X-Name": quote("Nguyễn Văn An.jpg")}
    data = TYPED.read_bytes()
    scan, none = next(HOSTILE.glob("*.pdf")).read_bytes(), b"\xff\xd8 Nguyen Van An"
    for bytes_, sum_ in ((none, hashed(none)), (data, "0" * 64), (scan, hashed(scan))):
        more = {"X-Sha256": sum_}
        answer = await client.put(f"{base}/files/{files[0]}", content=bytes_, headers=headers | name | more)
        assert answer.status_code >= 400
    answer = await client.put(
        f"{base}/files/{files[0]}", content=data, headers=headers | name | {"X-Sha256": hashed(data)}
    )
    assert answer.status_code == 200, answer.text
    evening.numbers["minutes"] = answer.headers["x-request-id"]

    async def read() -> bool:
        return bool(await rows_of(cast.pleiku)) and all(row["done_at"] for row in await rows_of(cast.pleiku))

    await until(read, seconds=120, what="the minutes are not read")
    with using(cast.pleiku):
        async with transaction(read_only=True):
            (row,) = await sql("SELECT lines FROM minutes_text")
    lines = line_texts(json.loads(row["lines"]), {})
    assert "CHI BỘ TỔ DÂN PHỐ 7" in lines
    evening.of_the_page = [line for line in lines if len(line.split()) >= LONG_LINE]


async def account_of_header(client: httpx.AsyncClient) -> UUID:
    client.cookies.set("nennep-plain-http", client.headers["Cookie"].split("=", 1)[1], domain="nennep.test")
    found_ = await account_of(client)
    client.cookies.clear()
    return found_


async def _break_things(client: httpx.AsyncClient, evening: Evening, servers: Servers) -> None:
    """PostgreSQL refuses with the whole row in its message; and a table is gone."""
    cast = evening.cast
    owner = await connect(servers.owner_url)
    schema = cast.pleiku.schema_name
    try:
        meeting = await cast.meeting()
        await owner.execute(f'ALTER TABLE "{schema}".meeting ADD CONSTRAINT never CHECK (false) NOT VALID')
        broken = await client.post(
            f"/{cast.pleiku.slug}/meetings/{meeting}/not-held",
            data={"reason": f"Phạm Thị Em {PHONE} {WHY}"},
        )
        assert broken.status_code == 500, broken.text
        evening.numbers["broken"] = broken.headers["x-request-id"]
        # What a person can read out to the office.
        assert evening.numbers["broken"] in broken.text
        await owner.execute(f'ALTER TABLE "{schema}".meeting DROP CONSTRAINT never')
        await owner.execute(f'ALTER TABLE "{schema}".cell RENAME TO cell_away')
        gone = await client.get(f"/{cast.pleiku.slug}/meetings?q={quote('Nguyễn Văn An')}")
        assert gone.status_code == 503, gone.status_code
        await owner.execute(f'ALTER TABLE "{schema}".cell_away RENAME TO cell')
    finally:
        await owner.close()


async def _read_in(client: httpx.AsyncClient, evening: Evening) -> None:
    """A list of members, read and confirmed, and one that is none."""
    await _as(client, "office", evening.cast)
    base = f"/{evening.cast.pleiku.slug}/members/imports"
    for file in (
        FIXTURES / "members" / "chi-bo-van-phong-11.xlsx",
        HOSTILE / "zipbomb.xlsx",
        HOSTILE / "formulas.csv",
    ):
        answer = await client.post(
            base,
            data={"as_of": "2026-11-03", "create": "1"},
            files={"file": (f"{PHONE}.xlsx", file.read_bytes())},
        )
        assert answer.status_code in (303, 422), answer.text
        if answer.status_code == 303:
            await client.get(answer.headers["location"])
            await client.post(f"{answer.headers['location']}/confirmation")
            await client.get(f"/{evening.cast.pleiku.slug}/members", params={"q": evening.of_the_list[0]})


async def _walk(client: httpx.AsyncClient, evening: Evening) -> None:
    """Every page, and every form with texts where numbers belong."""
    cast = evening.cast
    meeting = await cast.meeting()
    texts = dict.fromkeys(FIELDS.split(), WHY)
    for role, methods in (("secretary", {"GET"}), ("office", {"POST"})):
        await _as(client, role, cast)
        for path, method, _ in handlers():
            if method not in methods or "{slug}" not in path or "events" in path:
                continue
            here = f"{filled(path, cast, meeting)}?q={quote('Trần Thị Bình')}"
            await client.request(method, here, data=texts if method == "POST" else None)
    await client.get(f"/{quote('nguyễn-văn-an')}/trần-thị-bình")


async def _go_through_a_run(evening: Evening) -> None:
    """One that asks how large the committee is; who asked and what it is called are people's words."""
    ref = evening.cast.pleiku
    async with platform_transaction():
        evening.run = await runs.start(
            "measure", [runs.Item(WHY, committee=ref.id)], province=evening.cast.province, by_account=None,
            by_name="Trần Thị Láng", committee=ref.id,
        )  # fmt: skip

    async def done() -> bool:
        async with platform_transaction(read_only=True):
            (row,) = await sql("SELECT state FROM platform.run WHERE id = $1", evening.run)
        return bool(row["state"] == "done")

    await until(done, seconds=60, what="the run is not done")


async def _fail_jobs(cast: Cast) -> None:
    """Jobs whose arguments are somebody's name, and one that nobody knows."""
    with using(cast.pleiku):
        async with transaction():
            await later("recompute_rollup", month="Nguyễn Văn An")
            await later("read_page", page="Nguyễn Văn An", attempt=1)
            await later("Nguyễn Văn An", reason=WHY)

    async def given_up() -> bool:
        await make_due(cast.pleiku)
        rows = [row for row in await rows_of(cast.pleiku) if "Nguyễn" in f"{row['job']} {row['arguments']}"]
        return len(rows) == 3 and all(row["attempts"] or row["dead_at"] for row in rows)

    await until(given_up, seconds=30, what="the bad jobs were not begun")
