"""What the tests of backups do again and again."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from infra.postgres import Record, sql
from server.backups import making
from server.exports import exporting
from server.province import actions
from tenants.current import CommitteeRef
from tenants.transactions import platform_transaction
from tests.cast import Cast
from tests.export.lived import lived_in
from tests.export.playing import administrator, province_of_cast


async def backed_up(ref: CommitteeRef) -> Record:
    """A backup that is made now; its row."""
    return await making.make(uuid4(), ref)


async def lived_and_backed_up(cast: Cast, folder: Path) -> tuple[CommitteeRef, Record]:
    """A committee with a past and a page, and its first backup."""
    ref, *_ = await lived_in(cast, folder)
    return ref, await backed_up(ref)


def files_of(root: Path, ref: CommitteeRef) -> set[str]:
    """Every file of a committee in the place."""
    return {str(path.relative_to(root / ref.schema_name)) for path in every_file(root / ref.schema_name)}


def every_file(root: Path) -> list[Path]:
    """Every file in the place, those on their way too."""
    return [path for path in root.rglob("*") if path.is_file()]


def unmounted(root: Path) -> None:
    """The disk of the place is not there any more."""
    root.rename(root.with_name("unmounted"))


def mounted(root: Path) -> None:
    """And is there again."""
    root.with_name("unmounted").rename(root)


def pages_of(root: Path, ref: CommitteeRef) -> list[Path]:
    """The pages of a committee in the place."""
    return sorted((root / ref.schema_name / "pages").glob("*"))


async def rows(statement: str, *arguments: object) -> list[Record]:
    """What a statement of the platform answers."""
    async with platform_transaction():
        return await sql(statement, *arguments)


async def suspended(cast: Cast, ref: CommitteeRef) -> CommitteeRef:
    """The committee with its doors closed."""
    province, by = await province_of_cast(cast), await administrator(cast, "Rah Lan Hương")
    await actions.suspend(province.slug, ref.slug, reason="Dữ liệu bị hỏng", by=by)
    async with platform_transaction(read_only=True):
        return await exporting.ref_by_id(ref.id)
