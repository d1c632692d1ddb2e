"""``nennep account``."""

from __future__ import annotations

from typing import TextIO

import asyncpg
import click

from server.accounts import actions, rules
from server.accounts.secrets import hash_password
from tenants.transactions import platform_transaction
from workers.commands import province
from workers.commands.ground import Failed, database, run


@click.group()
def command() -> None:
    """Create the accounts that nobody can invite."""


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
    if password_file is not None:
        password = password_file.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    run(_create(province_slug, login, name, password))


async def _create(province_slug: str, login: str, name: str, password: str) -> None:
    rules.check_new_account(name=name, login=login, password=password)
    hashed = await hash_password(password)
    async with database():
        try:
            async with platform_transaction():
                place = await province.find(province_slug)
                account = await actions.add_account(
                    name=name, login=login, password_hash=hashed, must_change=True
                )
                await actions.give_province(account, place, by_name="nennep")
        except asyncpg.UniqueViolationError:
            raise Failed(f"The log-in name {rules.tidy_login(login)!r} is taken.") from None
    click.echo(rules.tidy_login(login))
