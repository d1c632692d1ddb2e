"""``nennep account``."""

from __future__ import annotations

from typing import TextIO
from uuid import UUID

import asyncpg
import click

from infra.postgres import one, sql
from infra.settings import settings
from server.accounts import actions, factor, passwords, rules
from server.accounts.queries import COMMITTEE
from server.accounts.reader import Reader
from server.accounts.secrets import hash_password
from server.events import record_event
from server.province.log import record_of_account
from tenants.registry import ref_of
from tenants.transactions import as_committee, platform_transaction
from workers.commands import province
from workers.commands.ground import Failed, database, run

# The person at the terminal, as records name them.
_OPERATOR = Reader(UUID(int=0), "nennep")


@click.group()
def command() -> None:
    """Create the accounts that nobody can invite; help who has lost a second factor or a password."""


@command.command(
    epilog='Example: nennep account create-province-administrator --province gia-lai --login qt.gialai --name "Trần An"'
)
@click.option("--province", "province_slug", required=True, metavar="SLUG", help="Path of the province.")
@click.option("--login", required=True, help="User name or phone number.")
@click.option("--name", required=True, help="Full name.")
@click.option(
    "--password-file", type=click.File("r"), help="Its first line is the password (-: standard input)."
)
def create_province_administrator(
    province_slug: str, login: str, name: str, password_file: TextIO | None
) -> None:
    """Create an account that administers a province."""
    run(_create(province_slug, login, name, _password(password_file)))


@command.command(epilog='Example: nennep account create-country-viewer --login xem.canuoc --name "Trần An"')
@click.option("--login", required=True, help="User name or phone number.")
@click.option("--name", required=True, help="Full name.")
@click.option(
    "--password-file", type=click.File("r"), help="Its first line is the password (-: standard input)."
)
def create_country_viewer(login: str, name: str, password_file: TextIO | None) -> None:
    """Create an account that sees the figures of the whole deployment, and nothing else."""
    run(_create(None, login, name, _password(password_file)))


@command.command(epilog="Example: nennep account reset-second-factor qt.gialai")
@click.argument("login")
def reset_second_factor(login: str) -> None:
    """Take the second factor away from who has lost it, and log them out; the provinces' records tell it."""
    run(_reset(login))


@command.command(epilog="Example: nennep account password-link qt.gialai")
@click.argument("login")
def password_link(login: str) -> None:
    """Print a link with which somebody sets a forgotten password, once, within a day; the records tell it."""
    run(_link(login))


def _password(file: TextIO | None) -> str:
    if file is not None:
        return file.readline().rstrip("\r\n")
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return typed


async def _reset(login: str) -> None:
    async with database(), platform_transaction():
        row = await one(
            "SELECT id, name FROM platform.account WHERE lower(login) = $1", rules.tidy_login(login)
        )
        if row is None:
            raise Failed(f"There is no account {rules.tidy_login(login)!r}.")
        if not await factor.reset(row["id"]):
            raise Failed(f"{rules.tidy_login(login)!r} has no second factor.")
        await record_of_account(row["id"], _OPERATOR, "factor_reset", row["name"])
    click.echo(rules.tidy_login(login))


async def _link(login: str) -> None:
    async with database(), platform_transaction():
        issued = await passwords.issue_operator_link(login)
        if issued is None:
            raise Failed(f"There is no account {rules.tidy_login(login)!r}.")
        await record_of_account(issued.account, _OPERATOR, "person_password_link", issued.name)
        # Whoever a committee has let in, its administrators read of it too.
        for row in await sql(
            f"""SELECT DISTINCT {COMMITTEE} FROM platform.account_grant g JOIN platform.committee c
                ON c.id = g.committee AND c.state IN ('active', 'suspended', 'archived')
            WHERE g.account = $1 AND g.revoked_at IS NULL""",
            issued.account,
        ):
            async with as_committee(ref_of(row)):
                await record_event(_OPERATOR, "password_link_issued", str(issued.account))
    click.echo(f"{settings().public_url}/passwords/{issued.token}")


async def _create(province_slug: str | None, login: str, name: str, password: str) -> None:
    rules.check_new_account(name=name, login=login, password=password)
    hashed = await hash_password(password)
    async with database():
        try:
            async with platform_transaction():
                place = await province.find(province_slug) if province_slug else None
                account = await actions.add_account(
                    name=name, login=login, password_hash=hashed, must_change=True
                )
                if place:
                    await actions.give_province(account, place, by_name="nennep")
                else:
                    await actions.give_country(account, by_name="nennep")
        except asyncpg.UniqueViolationError:
            raise Failed(f"The log-in name {rules.tidy_login(login)!r} is taken.") from None
    click.echo(rules.tidy_login(login))
