"""The nightly look at every committee's schema."""

from __future__ import annotations

import logging

from infra.settings import settings
from server.schema import committee_line
from tenants import drift
from tenants.outbox import Hopeless

log = logging.getLogger("nennep.schemas")


async def check_schemas() -> None:
    """Compare every committee's schema with the template; the fleet page and the log name what differs."""
    owner_url = settings().owner_database_url
    if owner_url is None:
        raise Hopeless("this worker has no NENNEP_OWNER_DATABASE_URL, so it cannot make the template")
    for slug, differences in (await drift.check_schemas(owner_url, committee_line())).items():
        log.error("schema of %s differs from its template: %s", slug, "; ".join(differences[:5]))
