"""Walking the routes: all of them, with somebody's ids, as somebody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID, uuid4

import httpx
from litestar.routes import HTTPRoute

from infra.postgres import sql
from server import clock
from server.accounts.actions import Place, add_account, give, give_country, give_province
from server.accounts.reader import COMMITTEE_ROLES, COUNTRY_VIEWER, PROVINCE_ROLES, SUPPORT
from server.accounts.secrets import csrf_token
from server.accounts.sessions import start
from tenants.current import CommitteeRef
from tenants.transactions import platform_transaction
from tests.cast import Cast
from web.app import routes_app

ORIGIN = "http://nennep.test"


def handlers() -> Iterator[tuple[str, str, object]]:
    """Every route as (path, method, handler)."""
    for route in routes_app().routes:
        assert isinstance(route, HTTPRoute)
        for handler in route.route_handlers:
            for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
                yield route.path_format, method, handler


async def signed_in(
    client: httpx.AsyncClient, role: str, cast: Cast, *, at_neighbour: bool, member: UUID | None = None
) -> None:
    """Log a new account with one role into the client; ``member``: which member of the cell this is. Somebody with
    support is an auditor of the province beside it.
    """
    cell = cast.neighbour_cell if at_neighbour else cast.cell
    async with platform_transaction():
        account = await add_account(name="Trần Thị Láng", login=f"u{uuid4().hex[:12]}", password_hash="x")
        ref = cast.neighbour if at_neighbour else cast.pleiku
        if role in PROVINCE_ROLES:
            await give_province(account, cast.province, role=role, by_name="test")
        elif role == COUNTRY_VIEWER:
            await give_country(account, by_name="test")
        elif role == SUPPORT:
            await give_province(account, cast.province, role="province_auditor", by_name="test")
            await let_look(ref, account)
        else:
            place = Place() if role in COMMITTEE_ROLES else Place(cell, "Chi bộ", 1, member)
            await give(account, ref.id, role, place, by_name="test")
        token = await start(account, device="test")
    client.cookies.clear()
    client.cookies.set("nennep-plain-http", token, domain="nennep.test")
    # In the place of the field that every form of a page carries.
    client.headers["X-CSRF"] = csrf_token(token)


async def let_look(ref: CommitteeRef, account: UUID, *, hours: float = 1) -> UUID:
    """Let an account look into a committee; the grant. Needs a platform transaction."""
    grant = uuid4()
    await sql(
        """INSERT INTO platform.account_grant (id, account, committee, role, granted_by, expires_at)
        VALUES ($1, $2, $3, 'support', 'test', now() + $4 * interval '1 hour')""",
        grant, account, ref.id, hours,
    )  # fmt: skip
    return grant


def filled(path: str, cast: Cast, meeting: object, **more: object) -> str:
    """A route's path with our own committee's ids in it, and ``more`` by name."""
    known = {
        "slug": cast.pleiku.slug, "meeting": meeting, "cell": cast.cell, "no": cast.numbers["Nguyễn Văn An"],
        "token": "x" * 43, "path": "nothing.js", "province": "gia-lai", "committee": cast.pleiku.slug,
        "year": clock.today().year, "assignment": 1,
    } | more  # fmt: skip
    # Members and assignments have numbers of their own.
    path = path.replace("/assignments/{no}", "/assignments/{assignment}")
    return re.sub(r"\{(\w+)[^}]*\}", lambda m: str(known.get(m[1], uuid4())), path)
