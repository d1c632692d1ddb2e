"""The web application: every route in one list, and what stands before them."""

from __future__ import annotations

import asyncio
import gc
import logging
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from infra import standing
from infra.log import describe, set_up
from infra.memory import keep_little
from infra.postgres import Wrong, close_pool
from infra.settings import Settings, settings
from infra.starting import open_pool_when_there
from infra.watching import Watched
from server.accounts import support
from server.committees import moving_cells
from server.minutes import receiving
from server.paper import child
from tenants.current import CommitteeRef
from tenants.transactions import platform_transaction
from web import access, csrf, health, hints, problems
from web.draining import drained_by_sigterm
from web.observing import Observed
from web.routes import ROUTES
from web.visit import Entrance

# Forms and batches of marks; member lists and later pages of minutes say their own, larger limit.
LARGEST_BODY = 1_000_000
# How long a start waits for the database before it serves without one: pages say so.
OPENING_SECONDS = 2.0

log = logging.getLogger(__name__)

# Where an account may go whose password was typed by somebody else. (Files and health are asked by nobody known.)
MUST_CHANGE_MAY = ("/account/password", "/passwords", "/login", "/logout", "/language")
# And one whose work asks for a second factor that it does not have yet.
MUST_ENROL_MAY = ("/account/second-factor", *MUST_CHANGE_MAY)

# What fits into one packet gains nothing by it: above all the answer to a mark.
COMPRESSION = CompressionConfig(
    backend="brotli", brotli_quality=4, brotli_gzip_fallback=True, minimum_size=1300,
    # Pictures and PDFs are packed already.
    exclude=["/static/", "/events", "/sw.js", "/favicon.ico", r"/minutes/.*(/original|\.webp|\.pdf)$"],
)  # fmt: skip


# async though it waits for nothing: the framework sends a plain function through a thread, for every request.
async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """What every request passes: a database that answers, a page of ours, an open committee, the route's rule."""
    state = connection.scope["state"]
    if state["down"]:
        raise problems.Down
    if state["behind"]:
        raise problems.BeingUpgraded
    if state["cross_site"]:
        raise problems.CrossSite
    if state["unknown_slug"]:
        raise access.NoSuchPage
    committee = state["committee"]
    # A committee's route without a committee: no name that a committee can have, or one of the product's own.
    if committee is None and "slug" in connection.path_params:
        raise access.NoSuchPage
    if committee is not None and committee.state != "active":
        raise await _closed(committee)
    reader = state["reader"]
    if reader is not None and reader.must_change and not _leads_to(connection.url.path, MUST_CHANGE_MAY):
        raise problems.FirstPassword
    if reader is not None and reader.must_enrol and not _leads_to(connection.url.path, MUST_ENROL_MAY):
        raise problems.NoFactor
    access.check(connection, handler)
    if access.looks_only(connection):
        # Before the page is shown: a look that can't be written down is none.
        await support.note_look(_look(connection.url.path), by=reader)


def _leads_to(path: str, allowed: tuple[str, ...]) -> bool:
    """Whether a path is one of these or below one; a committee at /login-5 is neither."""
    return any(path == one or path.startswith(f"{one}/") for one in allowed)


async def _closed(committee: CommitteeRef) -> Exception:
    """Why the door of a committee is closed: of one that was erased nobody is told that it was there."""
    if committee.state == "erased":
        return access.NoSuchPage()
    if committee.state != "archived":
        return problems.Closed()
    async with platform_transaction(read_only=True):
        heir = await moving_cells.heir_of(committee.id)
    return problems.Closed((heir.slug, heir.title) if heir else None)


def _look(path: str) -> str:
    """What the record calls a look: a document's pictures are the document."""
    return re.sub(r"(/minutes/[^/]+)/pages/.*", r"\1", path)[:300]


@asynccontextmanager
async def lifespan(_: Litestar) -> AsyncIterator[None]:
    """The pool and the hints of this process."""
    chosen = settings()
    # Here, and not only in the command: each of several processes is a new one.
    keep_little()
    set_up("web", chosen.log_level)
    standing.begin_anew()
    watched = Watched("web", chosen, _ready)
    await watched.start()
    opening = asyncio.create_task(_open_pool(chosen))
    await asyncio.wait((opening,), timeout=OPENING_SECONDS)
    await hints.start(chosen.queue_url)
    standing.when_closing(hints.hub().wake_all)
    drained_by_sigterm(chosen.linger_seconds)
    receiving.forget_old()
    child.forget_old_folders()
    # What is loaded by now stays: a collection that walks through all of it costs as much as many requests.
    gc.freeze()
    gc.set_threshold(20_000)
    try:
        yield
    finally:
        await hints.stop()
        opening.cancel()
        await close_pool()
        await watched.stop()


async def _open_pool(chosen: Settings) -> None:
    """A database that is away is waited for: until then pages say so and this process is not ready."""
    try:
        await open_pool_when_there(
            chosen.database_url, size=chosen.database_pool, queries=chosen.database_connection_queries
        )
    except Wrong as error:
        log.critical("no way into PostgreSQL (NENNEP_DATABASE_URL)", extra={"error": describe(error)})
        signal.raise_signal(signal.SIGINT)


async def _ready() -> tuple[bool, dict[str, Any]]:
    answer = await health.ready.fn()
    return answer.status_code == 200, answer.content


def create_app() -> Observed:
    """The whole service as an ASGI application; it opens its pool when it starts and closes it when it stops."""
    return Observed(Entrance(routes_app()))


def routes_app() -> Litestar:
    """The routes alone, behind the entrance that create_app puts before them (unknown paths included)."""
    return Litestar(
        route_handlers=ROUTES,
        guards=[guard],
        before_request=csrf.check,
        exception_handlers=problems.HANDLERS,
        lifespan=[lifespan],
        openapi_config=None,
        logging_config=None,  # its own would replace ours, and tell the texts of exceptions
        request_max_body_size=LARGEST_BODY,
        compression_config=COMPRESSION,
    )
