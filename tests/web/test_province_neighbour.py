"""Whoever has no role in a province walks all of its pages with real ids: nothing answers, nothing changes.

Least power inside of it is walked the same way, and so are a province's own paths with another one's ids in them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import httpx
import pytest

from infra.embedded import Servers
from infra.postgres import one, sql
from server import clock
from server.accounts.actions import add_account, give_province, invite_to_province
from server.accounts.reader import PROVINCE_ROLES
from server.accounts.secrets import csrf_token
from server.accounts.sessions import start
from server.exports import exporting
from server.fleet.running import ACTS
from tenants import runs
from tenants.current import CommitteeRef
from tenants.runs import Item
from tenants.transactions import platform_transaction
from tests.bulletins.desk import administrator, pdf, publish, slug_of
from tests.cast import Cast
from tests.web.walking import filled, handlers, signed_in
from web import access

pytestmark = pytest.mark.usefixtures("own_store")

PERSON = "Rơ Mah Người Tỉnh"
# Nothing in a path of these is anybody's but the province's own name.
NO_ID = ("{committee}", "{run}", "{export}", "{bulletin}", "{invitation}", "{grant}")
# What these acts would have written; a table that a new act writes belongs here.
WATCHED = {
    "province_event": "province = $1", "run": "province = $1", "bulletin": "province = $1",
    "invitation": "province = $1", "account_grant": "province = $1", "committee": "province = $1",
    "export": "committee = $2", "erasure": "committee = $2", "committee_quota": "committee = $2",
    "report_reminder": "committee = $2", "bulletin_receipt": "committee = $2", "second_factor": "account = $3",
    "password_link": "account = $3",
    "outbox": "schema_name = $4",
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A province with one of everything that its pages are about."""

    cast: Cast
    slug: str
    ids: dict[str, object]
    account: UUID

    @property
    def pleiku(self) -> CommitteeRef:
        return self.cast.pleiku

    async def state(self) -> dict[str, list[str]]:
        """All that walking could change."""
        who = (self.cast.province, self.pleiku.id, self.account, self.pleiku.schema_name)
        found = {}
        async with platform_transaction(read_only=True):
            for table, where in WATCHED.items():
                [wanted] = [who[n - 1] for n in range(1, 5) if f"${n}" in where]
                rows = await sql(
                    f"SELECT t::text FROM platform.{table} t WHERE {where[:-1]}1 ORDER BY 1", wanted
                )
                found[table] = [row[0] for row in rows]
        return found


async def lived_in(cast: Cast, client: httpx.AsyncClient) -> Place:
    """A province that has a run with a failed item, an export, a bulletin with a file, rules, people, a failed job."""
    slug, by, export = await slug_of(cast.province), administrator(cast), uuid4()
    await signed_in(client, "province_administrator", cast, at_neighbour=False)
    sent = await client.post(
        f"/provinces/{slug}/bulletins", files={"file": ("a.pdf", pdf(), "application/pdf")},
        data={"title": "Hướng dẫn", "body": "Xin phổ biến.", "to": "some", f"c-{cast.pleiku.slug}": "1"},
    )  # fmt: skip
    assert sent.status_code == 303
    await publish(cast, slugs=[cast.pleiku.slug])
    await exporting.make(export, cast.pleiku, reason="person", with_pages=False, by_name="test")
    async with platform_transaction():
        run = await runs.start(
            "found_committees", [Item("Đảng ủy xã Ia Băng", committee=cast.pleiku.id)], province=cast.province,
            committee=cast.pleiku.id, by_account=None, by_name=by.name,
        )  # fmt: skip
        await sql("UPDATE platform.run_item SET state = 'failed', error = 'failed' WHERE run = $1", run)
        await sql("UPDATE platform.run SET state = 'failed', failed = 1 WHERE id = $1", run)
        account = await add_account(name=PERSON, login=f"n{uuid4().hex[:12]}", password_hash="x")
        await give_province(account, cast.province, role="province_viewer", by_name="test")
        await sql(
            "INSERT INTO platform.second_factor (account, sealed, confirmed_at) VALUES ($1, '\\x00', now())", account
        )  # fmt: skip
        grant = await one("SELECT id FROM platform.account_grant WHERE account = $1", account)
        await invite_to_province(cast.province, role="province_viewer", name=PERSON, by=by)
        invitation = await one("SELECT id FROM platform.invitation WHERE province = $1", cast.province)
        await sql(
            """INSERT INTO platform.outbox (id, schema_name, job, arguments, attempts, dead_at, error)
            VALUES (gen_random_uuid(), $1, 'read_page', '{}', 10, now(), 'PageFailed')""",
            cast.pleiku.schema_name,
        )
    assert grant is not None
    assert invitation is not None
    ids = {
        "run": run, "export": export, "bulletin": sent.headers["location"].rpartition("/")[2], "grant": grant["id"],
        "invitation": invitation["id"], "committee": cast.pleiku.slug, "month": f"{clock.today():%Y-%m}",
        "what": "retry",
    }  # fmt: skip
    return Place(cast, slug, ids, account)


@pytest.fixture
async def place(client: httpx.AsyncClient, cast: Cast) -> Place:
    return await lived_in(cast, client)


@pytest.fixture
async def elsewhere(database: Servers) -> Cast:
    """Another province, with committees of its own."""
    return await Cast.assemble(database.owner_url)


def of_a_province() -> list[tuple[str, str, object]]:
    """Every route of a province; of the verbs of a run each."""
    every = [(path, method, handler) for path, method, handler in handlers() if "{province}" in path]
    [act] = [handler for path, _, handler in every if "{what}" in path]
    verbs = [("/provinces/{province}/runs/{run}/" + what, "POST", act) for what in ACTS]
    assert len(every) > 60
    return every + verbs


def to_type(place: Place) -> dict[str, str]:
    """What would do something in most forms."""
    return {
        "reason": "Thử xem có được không", "name": "Ia Thử", "kind": "commune_committee", "role": "province_viewer",
        "administrator": "Siu Thử", "members": "7", "typed": place.pleiku.slug, "title": "Thử", "body": "Thử",
        "to": "some", f"c-{place.pleiku.slug}": "1", "agreed": "1", "into": place.cast.neighbour.slug,
        "day": f"{clock.today():%d/%m/%Y}", "month": f"{clock.today():%Y-%m}",
    }  # fmt: skip


async def walk(
    client: httpx.AsyncClient, place: Place, path: str, method: str, slug: str = ""
) -> httpx.Response:
    here = filled(path, place.cast, uuid4(), **place.ids | {"province": slug or place.slug})
    return await client.request(method, here, data=to_type(place) if method == "POST" else None)


async def sign_in(client: httpx.AsyncClient, *roles: tuple[str, UUID], revoked: bool = False) -> None:
    """Log somebody with roles in provinces in."""
    async with platform_transaction():
        account = await add_account(name="Kẻ tò mò", login=f"u{uuid4().hex[:12]}", password_hash="x")
        for role, province in roles:
            await give_province(account, province, role=role, by_name="test")
        if revoked:
            await sql("UPDATE platform.account_grant SET revoked_at = now() WHERE account = $1", account)
        token = await start(account, device="test")
    client.cookies.clear()
    client.cookies.set("nennep-plain-http", token, domain="nennep.test")
    client.headers["X-CSRF"] = csrf_token(token)


async def finds_nothing(client: httpx.AsyncClient, place: Place) -> None:
    before = await place.state()
    for path, method, _ in of_a_province():
        answer = await walk(client, place, path, method)

        assert answer.status_code == 404, f"{method} {path}: {answer.status_code}"
        for told in (PERSON, place.pleiku.title, place.cast.neighbour.title):
            assert told not in answer.text, f"{method} {path} shows {told}"
    assert await place.state() == before


async def test_the_ids_are_real_and_the_provinces_own_administrator_opens_every_page(
    client: httpx.AsyncClient, place: Place
) -> None:
    await sign_in(client, ("province_administrator", place.cast.province))
    for path, method, _ in of_a_province():
        if method == "GET":
            answer = await walk(client, place, path, method)
            assert answer.status_code == 200, f"{path}: {answer.status_code}"


async def test_whoever_has_every_role_in_another_province_has_none_here(
    client: httpx.AsyncClient, place: Place, elsewhere: Cast
) -> None:
    await sign_in(client, *((role, elsewhere.province) for role in PROVINCE_ROLES))

    await finds_nothing(client, place)


async def test_whose_role_has_ended_has_none(client: httpx.AsyncClient, place: Place) -> None:
    await sign_in(client, *((role, place.cast.province) for role in PROVINCE_ROLES), revoked=True)

    await finds_nothing(client, place)


@pytest.mark.parametrize("role", ["country_viewer", "committee_administrator", "office"])
async def test_who_works_for_a_committee_or_the_country_has_no_role_in_a_province(
    client: httpx.AsyncClient, place: Place, role: str
) -> None:
    await signed_in(client, role, place.cast, at_neighbour=False)

    await finds_nothing(client, place)


@pytest.mark.parametrize("role", ["province_viewer", "province_auditor"])
async def test_who_reads_here_and_administers_elsewhere_only_reads_here(
    client: httpx.AsyncClient, place: Place, elsewhere: Cast, role: str
) -> None:
    await sign_in(client, (role, place.cast.province), ("province_administrator", elsewhere.province))
    open_to = {access.province_reader} | ({access.province_auditor} if role == "province_auditor" else set())
    before = await place.state()
    for path, method, handler in of_a_province():
        answer = await walk(client, place, path, method)

        opens = handler.opt["access"] in open_to  # type: ignore[attr-defined]
        assert answer.status_code == (200 if opens else 404), f"{method} {path}: {answer.status_code}"
    after = await place.state()
    # That a report or the record was taken is written down.
    for state in (before, after):
        del state["province_event"]
    assert after == before


async def test_ids_of_another_province_are_nothing_below_ones_own(
    client: httpx.AsyncClient, place: Place, elsewhere: Cast
) -> None:
    own = await slug_of(elsewhere.province)
    await sign_in(client, ("province_administrator", elsewhere.province))
    before = await place.state()
    for path, method, _ in of_a_province():
        if not any(name in path for name in NO_ID):
            continue
        answer = await walk(client, place, path, method, own)

        # Withdrawing what is not there is nothing, and says so by nothing.
        nothing = 303 if path.endswith("/withdrawal") and "{invitation}" in path else 404
        assert answer.status_code == nothing, f"{method} {path}: {answer.status_code}"
        assert PERSON not in answer.text
    assert await place.state() == before


async def test_committees_of_another_province_are_not_named_in_forms_of_ones_own(
    client: httpx.AsyncClient, place: Place, elsewhere: Cast
) -> None:
    own = f"/provinces/{await slug_of(elsewhere.province)}"
    await sign_in(client, ("province_administrator", elsewhere.province))
    before = await place.state()
    typed = to_type(replace(place))
    rules = {"rule-1": "attendance_target", "value-1": "95", "from-1": f"{clock.today():%d/%m/%Y}", "rows": "1",
             "source-1": "15-HD/BTCTU", "confidence-1": "C", "step": "publish"}  # fmt: skip

    document = await client.post(f"{own}/bulletins", data=typed)
    again = await client.post(
        f"{own}/bulletins", data=typed | {"to": "all", "nonce": str(place.ids["bulletin"])}
    )
    published = await client.post(f"{own}/rules", data=typed | rules)
    merged = await client.post(f"{own}/committees/{elsewhere.pleiku.slug}/merger", data=typed)
    record = await client.get(f"{own}/log", params={"committee": place.pleiku.slug})
    compared = await client.get(f"{own}/comparison", params={"c": place.pleiku.slug})

    assert [each.status_code for each in (document, again, published, merged)] == [422, 404, 422, 422]
    assert "Tỉnh không có cấp ủy nào ở đường dẫn này." in record.text
    assert PERSON not in record.text
    assert compared.status_code == 200
    assert await place.state() == before
