"""Sending minutes as a phone does, and doing the jobs that this leaves, without waiting for a worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

from infra import objects
from infra.postgres import Record, one, sql
from infra.settings import settings
from server.minutes import actions
from tenants.current import CommitteeRef, using
from tenants.transactions import platform_transaction, transaction
from tests.cast import Cast
from tests.minutes import sending
from tests.minutes.sending import MINUTES
from workers.actors import run

TYPED = MINUTES / "a1-to-dan-pho-7" / "20261003_211502.jpg"
SHOTS = MINUTES / "a4-khu-pho-12"


@dataclass
class Sent:
    """One document of a meeting."""

    ref: CommitteeRef
    id: UUID
    files: list[UUID] = field(default_factory=list)

    async def row(self) -> Record:
        with using(self.ref):
            async with transaction(read_only=True):
                found = await one("SELECT * FROM minutes WHERE id = $1", self.id)
        assert found is not None
        return found

    async def pages(self) -> list[Record]:
        """In the order of the document."""
        with using(self.ref):
            async with transaction(read_only=True):
                return await sql(
                    """SELECT p.* FROM minutes_page p JOIN minutes d ON d.id = p.minutes
                    WHERE d.id = $1 ORDER BY array_position(d.wanted, p.file), p.number""",
                    self.id,
                )

    async def text(self, page: UUID) -> Record:
        with using(self.ref):
            async with transaction(read_only=True):
                found = await one("SELECT * FROM minutes_text WHERE page = $1", page)
        assert found is not None
        return found

    async def fields(self) -> dict[str, Record]:
        with using(self.ref):
            async with transaction(read_only=True):
                rows = await sql(
                    "SELECT * FROM minutes_field WHERE minutes = $1 ORDER BY ordinal DESC", self.id
                )
        return {row["name"]: row for row in rows}

    async def keys(self) -> list[str]:
        """What the store holds of it."""
        return sorted(await objects.list_keys(f"{self.ref.schema_name}/{self.id}/"))

    async def state(self) -> str:
        return str((await self.row())["state"])


async def send(cast: Cast, *paths: Path) -> Sent:
    """A document of a new meeting, all its files stored."""
    objects.ensure_bucket(objects.client(), settings().objects_bucket)
    sent = Sent(cast.pleiku, uuid4(), [uuid4() for _ in paths])
    meeting = await cast.meeting()
    await actions.arrange(sent.id, meeting=meeting, files=sent.files, by=cast.hoa)
    for file, path in zip(sent.files, paths, strict=True):
        await sending.send(sent.id, file, path.read_bytes(), by=cast.hoa, name=path.name)
    return sent


async def open_jobs(ref: CommitteeRef) -> list[Record]:
    async with platform_transaction(read_only=True):
        return await sql(
            """SELECT * FROM platform.outbox WHERE schema_name = $1 AND done_at IS NULL AND dead_at IS NULL
            ORDER BY created_at""",
            ref.schema_name,
        )


async def work(ref: CommitteeRef, *, only: Sequence[str] = ()) -> int:
    """Do the open jobs of a committee as a worker does, until there are none (of those named); how many were done."""
    done = 0
    while rows := [row for row in await open_jobs(ref) if not only or row["job"] in only]:
        for row in rows:
            await run(row["job"], [str(row["id"])])
        done += len(rows)
    return done


async def work_once(ref: CommitteeRef) -> None:
    """One attempt at each job that is open now."""
    for row in await open_jobs(ref):
        await run(row["job"], [str(row["id"])])
