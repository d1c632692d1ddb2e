"""The whole demonstration, built once: it adds up to what the articles print, and every figure can be proved."""

from __future__ import annotations

import statistics
from collections.abc import AsyncIterator
from datetime import date

import pytest_asyncio

from infra import objects
from infra.postgres import Record, one, sql
from server.accounts.reader import CELL_ROLES, COMMITTEE_ROLES
from server.accounts.rules import check_new_account
from server.accounts.secrets import password_fits
from server.committees.units import units
from server.demo import build as demo
from server.demo.communes import WHY_SUSPENDED
from server.demo.figures import figure
from server.demo.logins import DemoLogin
from server.demo.names import never
from server.demo.places import sites
from server.names import fold
from server.roll_call import queries
from server.rollups.verify import verify
from tenants import registry
from tenants.current import CommitteeRef, using
from tenants.transactions import platform_transaction, transaction

TODAY = date(2026, 11, 14)
HOME = "Chi bộ Tổ dân phố 5, phường Thắng Lợi"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def built(owner_url: str) -> AsyncIterator[list[DemoLogin]]:
    yield await demo.build(owner_url, today=TODAY, progress=lambda *_: None)


async def committee(slug: str) -> CommitteeRef:
    async with platform_transaction(read_only=True):
        ref = await registry.find(slug)
    assert ref is not None
    return ref


async def ask(slug: str, query: str, *arguments: object) -> list[Record]:
    with using(await committee(slug)):
        async with transaction(read_only=True):
            return await sql(query, *arguments)


async def count(slug: str, query: str, *arguments: object) -> int:
    (row,) = await ask(slug, f"SELECT count(*)::int AS n FROM {query}", *arguments)
    return row["n"]


EXEMPT = """(SELECT DISTINCT member FROM exemption
    WHERE kind = $1 AND from_on <= $2 AND (to_on IS NULL OR to_on >= $2)) AS x"""
OF_CELL = """(SELECT DISTINCT x.member FROM exemption x JOIN membership s ON s.member = x.member
    JOIN cell c ON c.id = s.cell AND c.name = $3
    WHERE x.kind = $1 AND x.from_on <= $2 AND (x.to_on IS NULL OR x.to_on >= $2)) AS x"""


async def test_pleiku_has_the_printed_members_and_exempt(built):
    assert await count("pleiku", "member") == 9623
    assert await count("pleiku", EXEMPT, "age_health", TODAY) == 848
    assert await count("pleiku", EXEMPT, "away_work", TODAY) == 175


async def test_the_cell_of_151_is_as_printed(built):
    in_home = "membership s JOIN cell c ON c.id = s.cell WHERE c.name = $1"
    assert await count("pleiku", in_home, HOME) == 151
    assert await count("pleiku", OF_CELL, "age_health", TODAY, HOME) == 23
    assert await count("pleiku", OF_CELL, "away_work", TODAY, HOME) == 5
    assert await count("pleiku", OF_CELL, "away_work", TODAY, "Chi bộ Tổ dân phố 1, phường Yên Thế") == 5
    groups = await ask("pleiku", f"SELECT party_group, count(*) AS n FROM {in_home} GROUP BY 1", HOME)
    assert len(groups) == 7
    seats = await ask(
        "pleiku",
        "SELECT role, count(*)::int AS n FROM seat s JOIN cell c ON c.id = s.cell WHERE c.name = $1 GROUP BY 1",
        HOME,
    )
    assert {row["role"]: row["n"] for row in seats} == {
        "secretary": 1, "deputy_secretary": 1, "committee_member": 5, "group_leader": 7,
    }  # fmt: skip


async def test_the_leader_of_group_1_keeps_two_of_the_five_away(built):
    kept = await ask(
        "pleiku",
        """SELECT g.number, count(DISTINCT x.member)::int AS n FROM exemption x
        JOIN seat t ON t.member = x.keeper AND t.role = 'group_leader' JOIN party_group g ON g.id = t.party_group
        JOIN cell c ON c.id = t.cell AND c.name = $1 GROUP BY 1 ORDER BY 1""",
        HOME,
    )
    assert (kept[0]["number"], kept[0]["n"]) == (1, 2)
    assert sum(row["n"] for row in kept) == 5


async def test_an_exemption_for_work_is_renewed_every_six_months(built):
    rows = await ask("pleiku", "SELECT from_on, to_on FROM exemption WHERE kind = 'away_work'")
    assert {round((row["to_on"] - row["from_on"]).days / 30.4) for row in rows} == {6}


async def test_ayun_pa_has_45_organisations_and_95_cells_below_12_of_them(built):
    all_sites = list(sites("ayun-pa"))
    below = [site for site in all_sites if site.unit]
    single = [site for site in all_sites if not site.unit]

    assert len(below) == figure("ayun-pa.cells_below") == 95
    assert len(single) == figure("ayun-pa.single_cells") == 33
    assert len({site.unit for site in below}) + len(single) == figure("ayun-pa.organisations") == 45
    assert await count("ayun-pa", "cell") == 95 + 33
    assert await count("ayun-pa", "cell WHERE kind = 'residential'") == figure("ayun-pa.residential") == 55
    assert await count("ayun-pa", "member") == 1378


async def test_cao_loc_has_143_residential_cells_of_which_122_with_a_commune_cadre(built):
    cadre = """cell c WHERE kind = 'residential' AND name LIKE $1 AND EXISTS (
        SELECT 1 FROM seat t WHERE t.cell = c.id AND t.role <> 'group_leader' AND t.commune_cadre)"""
    assert await count("cao-loc", "cell WHERE kind = 'residential'") == figure("cao-loc.residential") == 143
    assert await count("cao-loc", cadre, "%") == 122
    assert await count("cao-loc", cadre, "%xã Hợp Thành") == figure("cao-loc.hop_thanh") == 7
    assert await count("cao-loc", "cell WHERE name LIKE '%xã Hợp Thành'") == 7
    assert await count("cao-loc", "seat WHERE commune_cadre AND role = 'group_leader'") == 0


async def test_every_meeting_has_its_secretary_in_the_chair_and_another_of_the_committee_to_record(built):
    seated = """meeting m WHERE EXISTS (SELECT 1 FROM seat t WHERE t.cell = m.cell AND t.member = m.{0}
        AND t.role {1} AND t.from_on <= m.held_on)"""
    for slug in ("pleiku", "cao-loc"):
        meetings = await count(slug, "meeting")
        assert await count(slug, seated.format("chair", "= 'secretary'")) == meetings
        alone = """meeting m WHERE m.recorder IS NULL AND 1 = (SELECT count(*) FROM seat t WHERE t.cell = m.cell
            AND t.role <> 'group_leader')"""
        recorded = await count(slug, seated.format("recorder", "IN ('deputy_secretary', 'committee_member')"))
        assert recorded + await count(slug, alone) == meetings


async def test_a_cell_of_cao_loc_meets_11_or_12_times_in_the_twelve_months(built):
    rows = await ask(
        "cao-loc",
        """SELECT cell, count(*) FILTER (WHERE state = 'held')::int AS n FROM meeting
        WHERE held_on >= '2025-11-01' AND held_on < '2026-11-01' GROUP BY cell""",
    )
    assert len(rows) == 143
    assert {row["n"] for row in rows} == {11, 12}


async def test_residential_cells_meet_on_the_3rd_and_office_cells_when_they_can(built):
    rows = await ask(
        "pleiku",
        """SELECT DISTINCT c.kind, extract(day FROM held_on)::int AS day FROM meeting m JOIN cell c ON c.id = m.cell
        WHERE held_on < '2026-11-01'""",
    )
    assert {row["day"] for row in rows if row["kind"] == "residential"} == {3}
    assert len({row["day"] for row in rows if row["kind"] == "office"}) > 10


async def test_the_cell_of_151_meets_today_with_123_expected_and_once_more_next_month(built):
    meetings = await ask(
        "pleiku",
        """SELECT m.*, r.meeting AS roll FROM meeting m JOIN cell c ON c.id = m.cell
        LEFT JOIN roll_call r ON r.meeting = m.id WHERE c.name = $1 AND held_on >= '2026-11-01' ORDER BY held_on""",
        HOME,
    )
    assert [(m["held_on"], m["state"], m["roll"]) for m in meetings] == [
        (TODAY, "planned", None), (date(2026, 12, 3), "planned", None),
    ]  # fmt: skip

    with using(await committee("pleiku")):
        async with transaction(read_only=True):
            roll = await queries.expected(meetings[0]["cell"], TODAY)
    assert len(roll) == 151
    assert sum(e.base == "expected" for e in roll) == 123


async def test_this_month_some_have_met_some_will_and_some_have_not_reported(built):
    async with platform_transaction(read_only=True):
        row = await one(
            """SELECT r.* FROM platform.rollup r JOIN platform.committee c ON c.id = r.committee
            WHERE c.slug = 'pleiku' AND month = '2026-11-01'"""
        )
    assert row is not None
    assert row["cells_met"] > 100
    assert row["cells_not_reported"] > 50
    called_off = await count("pleiku", "meeting WHERE state = 'not_held' AND not_held_reason <> ''")
    silent = await count("pleiku", "meeting WHERE state = 'planned' AND held_on < $1", TODAY)
    opened = await count("pleiku", "roll_call WHERE closed_at IS NULL")
    assert called_off > 50
    assert silent > 20
    assert opened > 0


async def test_attendance_is_above_90_per_cent_and_lower_at_tet(built):
    rows = await ask(
        "pleiku",
        """SELECT date_trunc('month', held_on)::date AS month, m.id, count(*) AS people,
            100.0 * count(*) FILTER (WHERE e.state IN ('present', 'late'))
            / count(*) FILTER (WHERE e.base = 'expected' OR e.state IN ('present', 'late')) AS rate
        FROM meeting m JOIN roll_call r ON r.meeting = m.id AND closed_at IS NOT NULL
        JOIN roll_entry e ON e.meeting = m.id GROUP BY 1, 2""",
    )
    months = {r["month"] for r in rows}
    by_month = {m: statistics.fmean(float(r["rate"]) for r in rows if r["month"] == m) for m in months}
    assert statistics.fmean(by_month.values()) > figure("attendance")
    assert min(by_month, key=by_month.__getitem__) == date(2026, 2, 1)
    large = [float(r["rate"]) for r in rows if r["people"] > 30]
    assert statistics.pstdev(large) > 2


async def test_each_committee_has_minutes_of_its_own_closed_rolls_in_the_store(built):
    for slug in ("pleiku", "ayun-pa", "cao-loc"):
        sent = await ask(
            slug,
            """SELECT d.state, r.closed_at, f.object_key FROM minutes d JOIN roll_call r ON r.meeting = d.meeting
            JOIN minutes_file f ON f.minutes = d.id AND f.id = ANY (d.wanted)""",
        )
        assert len(sent) >= 3
        assert all(row["closed_at"] and row["state"] == "reading" for row in sent)
        assert all([await objects.exists(row["object_key"]) for row in sent])


async def test_the_province_figures_equal_their_source(built):
    for slug in ("pleiku", "ayun-pa", "cao-loc", "nghe-an"):
        months, differences = await verify(await committee(slug))
        # Work that was due later than the months shown has figures once those months have come.
        assert (slug, differences) == (slug, [])
        assert months >= 14
    async with platform_transaction(read_only=True):
        assert (
            await sql("SELECT 1 FROM platform.outbox WHERE job NOT IN ('clean_page', 'recompute_dirty')")
            == []
        )


async def test_nobody_bears_a_real_persons_name_card_or_telephone(built):
    for slug in ("pleiku", "ayun-pa", "cao-loc", "nghe-an"):
        people = await ask(slug, "SELECT name, folded, card_number, phone FROM member")
        assert not {p["folded"] for p in people} & never()
        assert all(p["card_number"] is None or len(p["card_number"]) == 12 for p in people)
        assert all((p["card_number"] or "099").startswith("099") for p in people)
        assert all((p["phone"] or "0900").startswith("0900") for p in people)
    async with platform_transaction(read_only=True):
        accounts = await sql("SELECT name FROM platform.account")
    assert not {fold(row["name"]) for row in accounts} & never()


async def test_every_role_can_log_in_in_every_committee(built):
    for name, slug in (
        ("Thành ủy Pleiku", "pleiku"),
        ("Thị ủy Ayun Pa", "ayun-pa"),
        ("Huyện ủy Cao Lộc", "cao-loc"),
    ):
        here = {login.role: login for login in built if login.committee == name}
        assert set(here) == {*COMMITTEE_ROLES, *CELL_ROLES}
        assert {login.url_path for login in here.values()} == {f"/{slug}"}
        assert (here["office"].cell, here["committee_administrator"].cell) == (None, None)
    assert {(p.province, p.committee, p.cell, p.url_path) for p in built if p.role == "province_administrator"} == {
        ("Gia Lai", None, None, "/provinces/gia-lai"), ("Lạng Sơn", None, None, "/provinces/lang-son"),
        ("Nghệ An", None, None, "/provinces/nghe-an"),
    }  # fmt: skip
    assert {(p.role, p.login, p.url_path) for p in built if p.committee is None} >= {
        ("province_viewer", "xem.gialai", "/provinces/gia-lai"),
        ("province_auditor", "kiemtra.gialai", "/provinces/gia-lai"), ("country_viewer", "canuoc", "/country"),
    }  # fmt: skip
    assert next(p for p in built if p.login == "bithu.pleiku").cell == HOME

    for login in built:
        check_new_account(name="Người thử", login=login.login, password=login.password)
        async with platform_transaction(read_only=True):
            row = await one("SELECT password_hash FROM platform.account WHERE login = $1", login.login)
        assert row is not None
        assert await password_fits(login.password, row["password_hash"])


async def test_the_group_leader_leads_group_1_and_the_secretary_marked_with_that_account(built):
    async with platform_transaction(read_only=True):
        grants = await sql(
            """SELECT a.id, a.name, a.login, g.group_number FROM platform.account_grant g
            JOIN platform.account a ON a.id = g.account WHERE a.login LIKE '%.pleiku'"""
        )
    of = {row["login"]: row for row in grants}
    assert of["totruong.pleiku"]["group_number"] == 1
    secretary = of["bithu.pleiku"]
    assert (
        await count("pleiku", "mark WHERE account = $1 AND by_name = $2", secretary["id"], secretary["name"])
        > 500
    )


async def communes() -> list[Record]:
    async with platform_transaction(read_only=True):
        return await sql(
            """SELECT c.slug, c.unit_code, c.kind, c.name, c.state, c.state_reason, p.name AS province
            FROM platform.committee c JOIN platform.province p ON p.id = c.province WHERE unit_code <> ''"""
        )


async def test_the_map_of_gia_lai_has_24_communes_of_their_real_codes(built):
    found = await communes()

    assert len(found) == 24
    for row in found:
        unit = units()[row["unit_code"]]
        assert (row["province"], row["kind"], row["name"]) == ("Gia Lai", unit.kind, unit.name)
        assert (await verify(await committee(row["slug"])))[1] == []
    assert [row["state_reason"] for row in found if row["state"] == "suspended"] == [WHY_SUSPENDED]
    async with platform_transaction(read_only=True):
        months = await sql(
            """SELECT committee, max(month) AS newest FROM platform.rollup
            WHERE committee IN (SELECT id FROM platform.committee WHERE unit_code <> '') GROUP BY committee"""
        )
    assert {row["newest"] for row in months} <= {date(2026, 11, 1), date(2026, 12, 1)}
    assert len(months) == 24


async def test_some_of_the_communes_have_told_nothing_for_two_months(built):
    async with platform_transaction(read_only=True):
        silent = await sql(
            """SELECT committee FROM platform.rollup r JOIN platform.committee c ON c.id = r.committee
            WHERE c.unit_code <> '' AND r.month IN ('2026-09-01', '2026-10-01')
            GROUP BY committee HAVING sum(r.cells_met) = 0 AND min(r.cells_not_reported) > 0"""
        )
    assert len(silent) == 3


async def test_meetings_have_points_and_the_year_before_has_its_classification(built):
    for slug in ("pleiku", (await communes())[0]["slug"]):
        assert await count(slug, "meeting WHERE quality IS NOT NULL") > 0
        assert (
            await count(slug, "meeting WHERE quality IS NOT NULL AND (state <> 'held' OR quality_by = '')")
            == 0
        )
    rows = await ask("pleiku", "SELECT year, members, excellent, good FROM classification")
    assert len(rows) == 330
    assert {row["year"] for row in rows} == {2025}
    assert sum(row["members"] for row in rows) < 9623
    assert all(row["excellent"] <= 0.2 * (row["excellent"] + row["good"]) for row in rows)
