"""A committee that was damaged goes back to a backup: the same committee, its people and figures, with the tables and
pages of that moment. What stood there until then is put aside, whole, as an archived committee of its own.
"""

from __future__ import annotations

from functools import partial
from uuid import UUID, uuid4

import asyncpg

from server import clock
from server.accounts.reader import Reader
from server.backups import reading
from server.backups.about import About
from server.committees import moving_cells
from server.exports import exporting
from server.exports.rehearsing import owner_url
from server.exports.restoring import free_schema, store_pages
from server.province.actions import Province
from server.rollups.actions import EVER
from server.rollups.marking import JOB
from server.schema import committee_line
from server.words import Refused, say
from tenants import slugs
from tenants.current import CommitteeRef
from tenants.export.restoring import Target, put_back
from tenants.registry import ABOVE_ALL_VERSIONS
from tenants.transactions import platform_transaction

_ASIDE = (
    f"""UPDATE platform.committee SET schema_name = $2, version = 0, rules_version = rules_version + 1,
        versions_from = {ABOVE_ALL_VERSIONS}, migration_error = '' WHERE id = $1""",
    """INSERT INTO platform.committee (id, province, slug, schema_name, kind, name, state, state_reason, version,
        rules_version)
    SELECT $2, province, $3, $4, kind, $5, 'archived', $6, $7, rules_version
    FROM platform.committee WHERE id = $1""",
    # It was never a committee of its own: no day of the province's past has it.
    "UPDATE platform.committee_belonging SET from_on = $2::date, to_on = $2::date - 1 WHERE committee = $1",
    """INSERT INTO platform.committee_migration (committee, version, finished_at)
    SELECT $2, version, finished_at FROM platform.committee_migration WHERE committee = $1""",
    "DELETE FROM platform.committee_migration WHERE committee = $1",
    # What waited to be done was about what is put aside; its backups are of that too.
    "DELETE FROM platform.outbox WHERE schema_name = $1 AND done_at IS NULL",
    "DELETE FROM platform.rollup_dirty WHERE schema_name = $1",
    "UPDATE platform.backup SET committee = $2 WHERE starts_with(location, $1 || '/')",
    # With the tables, not after them: a kill in between would leave the province the figures of what is put aside.
    """WITH marked AS (
        INSERT INTO platform.rollup_dirty (schema_name, month, onward, cause) VALUES ($1, $2, true, 'restored')
        RETURNING schema_name
    ) INSERT INTO platform.outbox (id, schema_name, job, arguments)
    SELECT gen_random_uuid(), schema_name, $3, '{}' FROM marked""",
    """INSERT INTO platform.province_event (province, account, by_name, action, subject, detail, committee)
    VALUES ($1, $2, $3, 'committee_taken_back', $4, $5, $6)""",
)
# Cells that came or went since the backup was made would stand in two committees, or in none.
_CELLS_SINCE = """SELECT 1 FROM platform.committee_succession WHERE $1::uuid IN (predecessor, successor) AND at >= $2
UNION ALL SELECT 1 FROM platform.run WHERE kind = ANY ($3) AND (state IN ('open', 'paused', 'failed') OR ended_at >= $2)
    AND (arguments ->> 'source' = $1::text OR arguments ->> 'target' = $1::text)"""


async def take_back(ref: CommitteeRef, location: str, province: Province, *, by: Reader) -> CommitteeRef:
    """Take a suspended committee back to a backup of it, whole and compared, or not at all; what was put aside. It
    stays suspended, so that somebody can look first.

    Raises WrongFile, Refused(backup=…), StoreAway, Hopeless.
    """
    async with reading.fetched(location) as found:
        if found.about.committee.id != ref.id:
            raise Refused(backup=say("Bản sao lưu này là của một cấp ủy khác."))
        _check_closed(ref.state)
        async with platform_transaction(read_only=True):
            schema = await free_schema("back", found.about.manifest_sha256, ref.schema_name)
        await store_pages(found.file, schema, partial(reading.put_pages, found))
        aside = uuid4()
        target = Target(ref.id, ref.province_id, ref.slug, schema, ref.kind, ref.name)
        await put_back(
            owner_url(), found.file, target, committee_line(), parts=(), state="suspended",
            register=partial(_put_aside, ref, aside, found.about, (province.id, by.account_id, by.name)),
        )  # fmt: skip
    async with platform_transaction(read_only=True):
        return await exporting.ref_by_id(aside)


def _check_closed(state: str) -> None:
    if state != "suspended":
        raise Refused(backup=say("Chỉ đưa về bản sao lưu được cấp ủy đang tạm ngừng. Xin tạm ngừng trước."))


async def _put_aside(
    ref: CommitteeRef,
    aside: UUID,
    about: About,
    by: tuple[UUID, UUID, str],
    owner: asyncpg.Connection,
    target: Target,
) -> None:
    row = await owner.fetchrow(
        "SELECT state, schema_name, version FROM platform.committee WHERE id = $1 FOR UPDATE", ref.id
    )
    if row is None or row["schema_name"] != ref.schema_name:
        raise Refused(backup=say("Cấp ủy này vừa được đưa về một bản sao lưu."))
    _check_closed(row["state"])
    if await owner.fetchrow(_CELLS_SINCE, ref.id, about.taken_at, list(moving_cells.KINDS)):
        raise Refused(backup=say("Từ lúc có bản sao này, chi bộ đã chuyển giữa cấp ủy này và cấp ủy khác."))
    day = clock.today()
    slug = f"{ref.slug[: slugs.LONGEST - 16].strip('-')}-truoc-{aside.hex[:8]}"
    name = f"{ref.name} (trước khi phục hồi {day:%d/%m/%Y}, {aside.hex[:6]})"
    reason = str(say("Dữ liệu trước khi phục hồi từ bản sao lưu"))
    old = ref.schema_name
    given = (
        (ref.id, target.schema_name), (ref.id, aside, slug, old, name, reason, row["version"]), (aside, day),
        (ref.id, aside), (ref.id,), (old,), (old,), (old, aside), (target.schema_name, EVER, JOB),
        (*by, ref.slug, about.manifest_sha256, ref.id),
    )  # fmt: skip
    for statement, arguments in zip(_ASIDE, given, strict=True):
        await owner.execute(statement, *arguments)
