"""What only the operator can do for accounts: the country's viewer, and what is lost for good."""

from __future__ import annotations

from uuid import uuid4

from infra.postgres import sql
from server.accounts import factor, passwords, sessions
from server.accounts.actions import give_province
from tenants.current import using
from tenants.transactions import platform_transaction, transaction
from tests.accounts.people import give, new_account
from tests.accounts.test_second_factor import enrolled
from tests.cast import Cast
from tests.commands.conftest import Nennep


async def test_an_account_for_the_country_sees_figures_and_changes_its_password_first(nennep: Nennep) -> None:
    login = f"canuoc.{uuid4().hex[:8]}"
    command = (
        "account",
        "create-country-viewer",
        "--login",
        login,
        "--name",
        "Trần An",
        "--password-file",
        "-",
    )

    made = await nennep(*command, typed="cây đa bến nước\n")

    assert (made.code, made.out) == (0, f"{login}\n")
    token = await sessions.log_in(login, "cây đa bến nước", address=uuid4().hex, device="x")
    reader = (await sessions.visit(token, None)).reader
    assert reader is not None
    assert ([grant.role for grant in reader.grants], reader.must_change) == (["country_viewer"], True)


async def test_a_lost_second_factor_is_taken_away_and_the_province_is_told(
    nennep: Nennep, cast: Cast
) -> None:
    phone = await enrolled()
    async with platform_transaction():
        await give_province(phone.by.account_id, cast.province, by_name="test")

    done = await nennep("account", "reset-second-factor", f" {phone.login.upper()} ")
    twice = await nennep("account", "reset-second-factor", phone.login)
    nobody = await nennep("account", "reset-second-factor", "nobody.here")

    assert (done.code, twice.code, nobody.code) == (0, 1, 1)
    assert "has no second factor" in twice.err
    assert "no account" in nobody.err
    assert await factor.standing(phone.by.account_id) == factor.Standing(False, 0)
    assert (await sessions.visit(phone.token, None)).reader is None
    async with platform_transaction(read_only=True):
        rows = await sql(
            "SELECT action, by_name, detail FROM platform.province_event WHERE province = $1", cast.province
        )
    assert [tuple(row) for row in rows] == [("factor_reset", "nennep", "Bí thư Hòa")]


async def test_the_operator_helps_who_forgot_the_password_and_every_record_tells_it(
    nennep: Nennep, cast: Cast
) -> None:
    account, login = await new_account("Trần Thị Láng")
    async with platform_transaction():
        await give_province(account, cast.province, by_name="test")
    await give(account, cast.pleiku.id)

    printed = await nennep("account", "password-link", f" {login.upper()} ")
    nobody = await nennep("account", "password-link", "nobody.here")

    assert (printed.code, nobody.code, nobody.out) == (0, 1, "")
    assert "no account" in nobody.err
    token = printed.out.strip().rpartition("/passwords/")[2]
    session = await passwords.use_link(token, "cây đa bến nước", device="x")
    assert session is not None
    assert await passwords.open_link(token) is None
    async with platform_transaction(read_only=True):
        told = await sql(
            "SELECT action, by_name, detail FROM platform.province_event WHERE province = $1", cast.province
        )
    with using(cast.pleiku):
        async with transaction(read_only=True):
            kept = await sql("SELECT action, by_name, subject FROM event ORDER BY id DESC LIMIT 1")
    assert [tuple(row) for row in told] == [("person_password_link", "nennep", "Trần Thị Láng")]
    assert [tuple(row) for row in kept] == [("password_link_issued", "nennep", str(account))]
