"""What a person may do follows from the roles that stand at this moment, here and nowhere else."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from infra.embedded import Servers
from server.accounts import actions, sessions
from server.accounts.actions import Place, take_away
from server.accounts.queries import people_of, places_of
from server.accounts.reader import CELL_ROLES, ROLE_WORDS, ROLES, Grant, Reader
from server.words import Refused
from tenants import registry
from tenants.transactions import platform_transaction
from tests.accounts.people import ADMINISTRATOR, give, invited, new_account
from tests.cast import Cast

CELL, OTHER = uuid4(), uuid4()
# see a cell, see another cell, open, close, mark in the own cell, plan
RIGHTS = {
    "country_viewer": (False, False, False, False, "look"),
    "province_administrator": (False, False, False, False, "look"),
    "province_viewer": (False, False, False, False, "look"),
    "province_auditor": (False, False, False, False, "look"),
    "committee_administrator": (True, True, False, False, "look"),
    "office": (True, True, False, False, "look"),
    "support": (True, True, False, False, "look"),
    "secretary": (True, False, True, True, "mark"),
    "deputy": (True, False, True, True, "mark"),
    "recorder": (True, False, True, False, "mark"),
    "group_leader": (True, False, False, False, "group"),
    "member": (True, False, False, False, "look"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def town(database: Servers) -> Cast:
    return await Cast.assemble(database.owner_url)


def of(role: str) -> Reader:
    return Reader(
        uuid4(),
        "X",
        (Grant(role, CELL if role in CELL_ROLES else None, 2 if role == "group_leader" else None),),
    )


def test_the_table_of_rights_names_every_role() -> None:
    assert tuple(RIGHTS) == ROLES
    assert set(ROLE_WORDS) == set(ROLES)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_what_the_table_says(role: str) -> None:
    reader = of(role)

    assert (
        reader.may_see_cell(CELL), reader.may_see_cell(OTHER), reader.may_open_roll(CELL), reader.may_close_roll(CELL),
        reader.may_mark(CELL),
    ) == RIGHTS[role]  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_no_role_of_one_cell_acts_in_another(role: str) -> None:
    reader = of(role)

    assert not reader.may_open_roll(OTHER)
    assert not reader.may_close_roll(OTHER)
    assert reader.may_mark(OTHER) == "look"
    assert reader.group_in(OTHER) is None


@pytest.mark.parametrize("role", ROLES)
def test_why_somebody_is_exempt_is_told_to_who_takes_the_roll_and_to_the_office_alone(role: str) -> None:
    told = {"committee_administrator", "office", "secretary", "deputy", "recorder", "group_leader"}

    assert of(role).may_know_why(CELL) == (role in told)


def test_who_only_looks_has_no_other_role_in_the_place() -> None:
    both = Reader(uuid4(), "X", (Grant("support"), Grant("office")))

    assert [role for role in ROLES if of(role).only_looks] == ["support"]
    assert not of("support").whole_committee
    assert not both.only_looks
    assert both.whole_committee


def test_without_a_role_nothing_is_allowed_and_several_roles_add_up() -> None:
    nobody = Reader(uuid4(), "X")
    both = Reader(
        uuid4(), "X", (Grant("member", CELL), Grant("group_leader", OTHER, 3), Grant("recorder", OTHER))
    )

    assert (nobody.may_see_cell(CELL), nobody.may_mark(CELL), nobody.role_word) == (False, "look", "")
    assert both.cells() == {CELL, OTHER}
    assert (both.may_mark(CELL), both.may_mark(OTHER), both.group_in(OTHER)) == ("look", "mark", 3)
    assert both.role_word == "Đảng viên chi bộ"


async def test_roles_count_where_they_were_given_and_all_together_on_the_front_page(town: Cast) -> None:
    account, login = await new_account()
    await give(account, town.pleiku.id, "office")
    await give(account, town.neighbour.id, "member", Place(town.neighbour_cell, "Chi bộ 5"))
    async with platform_transaction():
        await actions.give_province(account, town.province, by_name="Hệ thống")
    token = await _logged_in(account)

    async def roles(slug: str | None) -> list[str]:
        reader = (await sessions.visit(token, slug)).reader
        assert reader is not None
        return [grant.role for grant in reader.grants]

    assert await roles(town.pleiku.slug) == ["office"]
    assert await roles(town.neighbour.slug) == ["member"]
    assert await roles("no-such-path") == []
    assert await roles(None) == ["office", "member", "province_administrator"]
    places = await places_of(account)
    assert [row["role"] for row in places] == ["office", "member", "province_administrator"]
    assert [row["slug"] for row in places] == [town.pleiku.slug, town.neighbour.slug, None]
    assert login


async def _logged_in(account: UUID) -> str:
    async with platform_transaction():
        return await sessions.start(account, device="Điện thoại")


async def test_a_role_taken_away_is_gone_with_the_next_request(town: Cast) -> None:
    account, _ = await new_account("Trần Thị Bình")
    await give(account, town.pleiku.id, "office")
    token = await _logged_in(account)
    [grant] = [row["grant"] for row in await people_of(town.pleiku.id) if row["account"] == account]

    assert await take_away(town.pleiku.id, grant, by=ADMINISTRATOR) is True

    visit = await sessions.visit(token, town.pleiku.slug)
    assert visit.reader is not None
    assert visit.reader.grants == ()
    assert await take_away(town.pleiku.id, grant, by=ADMINISTRATOR) is False
    assert account not in {row["account"] for row in await people_of(town.pleiku.id)}
    assert await places_of(account) == []


async def test_nobody_takes_the_own_role_or_one_of_the_neighbours(town: Cast) -> None:
    account, _ = await new_account()
    await give(account, town.pleiku.id, "committee_administrator")
    [grant] = [row["grant"] for row in await people_of(town.pleiku.id) if row["account"] == account]

    with pytest.raises(Refused, match="tự thu hồi"):
        await take_away(town.pleiku.id, grant, by=Reader(account, "Hòa"))
    assert await take_away(town.neighbour.id, grant, by=ADMINISTRATOR) is False
    assert await take_away(town.pleiku.id, uuid4(), by=ADMINISTRATOR) is False
    assert account in {row["account"] for row in await people_of(town.pleiku.id)}
    assert account not in {row["account"] for row in await people_of(town.neighbour.id)}


async def test_who_ceases_to_be_an_administrator_leaves_no_way_back_in(town: Cast) -> None:
    name = f"Thủ {uuid4().hex[:8]}"
    account, _ = await new_account(name)
    await give(account, town.pleiku.id, "committee_administrator")
    await give(account, town.pleiku.id, "office")
    own = [await invited(ref.id, "office", by=Reader(account, name)) for ref in (town.pleiku, town.neighbour)]
    others = await invited(town.pleiku.id, "office")
    found = {p["role"]: p["grant"] for p in await people_of(town.pleiku.id) if p["account"] == account}

    await take_away(town.pleiku.id, found["office"], by=ADMINISTRATOR)
    before = await actions.open_invitation(own[0])
    await take_away(town.pleiku.id, found["committee_administrator"], by=ADMINISTRATOR)

    assert before is not None
    assert await actions.open_invitation(own[0]) is None
    assert await actions.open_invitation(own[1]) is not None
    assert await actions.open_invitation(others) is not None


async def test_a_suspended_committee_is_known_with_its_reason(town: Cast) -> None:
    async with platform_transaction():
        await registry.suspend(town.neighbour.id, "Sáp nhập")
    try:
        visit = await sessions.visit(None, town.neighbour.slug)
    finally:
        async with platform_transaction():
            await registry.resume(town.neighbour.id)

    assert visit.committee is not None
    assert (visit.committee.state, visit.committee.state_reason) == ("suspended", "Sáp nhập")
    assert visit.reader is None
