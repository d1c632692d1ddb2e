"""What leaves for good leaves wholly, leaves a record, and takes nothing else along."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from infra import objects
from infra.postgres import sql
from server import clock
from server.minutes import erasing, keeping
from server.minutes.bin import throw_away
from tenants.current import using
from tenants.outbox import later
from tenants.transactions import transaction
from tests.cast import Cast
from tests.minutes.pages import Sent, send, work
from tests.minutes.sending import picture
from tests.workers.rows import rows_of
from workers.actors import run


async def ready(cast: Cast, tmp_path: Path, *shades: int) -> Sent:
    for shade in shades:
        (tmp_path / f"{shade}.jpg").write_bytes(picture(shade))
    sent = await send(cast, *(tmp_path / f"{shade}.jpg" for shade in shades))
    await work(cast.pleiku)
    assert await sent.state() == "ready"
    return sent


async def count(sent: Sent) -> dict[str, int]:
    tables = ("minutes", "minutes_file", "minutes_page", "minutes_text", "minutes_field")
    async with transaction(read_only=True):
        rows = {
            table: await sql(
                f"SELECT 1 FROM {table} WHERE {'id' if table == 'minutes' else 'minutes'} = $1", sent.id
            )
            for table in tables
        }
    return {table: len(found) for table, found in rows.items()}


async def bin_it(cast: Cast, sent: Sent, *, days_left: int) -> None:
    await throw_away(sent.id, reason="chụp nhầm cuộc họp", by=cast.hoa)
    async with transaction():
        last = clock.today() + timedelta(days=days_left)
        await sql("UPDATE minutes SET erase_on = $2 WHERE id = $1", sent.id, last)


async def erased(sent: Sent) -> list[dict[str, object]]:
    async with transaction(read_only=True):
        return [dict(row) for row in await sql("SELECT * FROM minutes_erased WHERE minutes = $1", sent.id)]


async def test_a_document_whose_days_in_the_bin_are_over_is_erased_and_its_record_stays(
    cast: Cast, tmp_path: Path
) -> None:
    gone, waits = await ready(cast, tmp_path, 180, 181), await ready(cast, tmp_path, 182)
    stays = await ready(cast, tmp_path, 180)
    await bin_it(cast, gone, days_left=0)
    await bin_it(cast, waits, days_left=1)

    await erasing.erase_binned_minutes()
    await erasing.erase_binned_minutes()

    assert set((await count(gone)).values()) == {0}
    assert await gone.keys() == []
    assert await waits.keys()
    assert await stays.keys()
    assert (await count(stays))["minutes"] == (await count(waits))["minutes"] == 1
    (record,) = await erased(gone)
    assert (record["files"], record["pages"], record["reason"]) == (2, 2, "chụp nhầm cuộc họp")
    assert len(record["sha256"]) == 2  # type: ignore[arg-type]
    assert await erased(waits) == []


async def test_what_was_killed_between_store_and_rows_is_ended_the_next_night(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = await ready(cast, tmp_path, 190)
    await bin_it(cast, sent, days_left=-3)

    async def die(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as there:
        there.setattr(erasing, "_erase", die)
        with pytest.raises(SystemExit):
            await erasing.erase_binned_minutes()
    assert await sent.keys() == []
    assert (await count(sent))["minutes"] == 1

    await erasing.erase_binned_minutes()

    assert set((await count(sent)).values()) == {0}
    assert len(await erased(sent)) == 1


async def test_the_store_being_away_puts_the_erasing_off(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = await ready(cast, tmp_path, 191)
    await bin_it(cast, sent, days_left=0)

    async def away(_: str) -> list[str]:
        raise ConnectionRefusedError

    monkeypatch.setattr(keeping.objects, "list_keys", away)
    await ask_for(cast, "erase_binned_minutes")

    row = next(row for row in await rows_of(cast.pleiku) if row["job"] == "erase_binned_minutes")
    assert (row["dead_at"], row["done_at"], row["attempts"]) == (None, None, 0)
    assert (await count(sent))["minutes"] == 1


async def ask_for(cast: Cast, job: str) -> None:
    """Leave a job without arguments and attempt it once."""
    with using(cast.pleiku):
        async with transaction():
            await later(job)
    for row in await rows_of(cast.pleiku):
        if row["job"] == job:
            await run(job, [str(row["id"])])


async def test_only_what_no_row_names_and_is_old_is_swept(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = await ready(cast, tmp_path, 192, 193)
    named = await sent.keys()
    page, stray = (await sent.pages())[0]["id"], tmp_path / "192.jpg"
    prefix = f"{cast.pleiku.schema_name}/{sent.id}"
    orphans = [
        f"{prefix}/{page}/7/colour.webp",
        f"{prefix}/{uuid4()}/{'a' * 64}",
        f"{prefix}/document-0123456789ab.pdf",
        f"{cast.pleiku.schema_name}/{uuid4()}/{uuid4()}/{'b' * 64}",
    ]
    neighbours = f"{cast.neighbour.schema_name}/{uuid4()}/{uuid4()}/{'c' * 64}"
    for key in (*orphans, neighbours):
        await objects.put_file(key, stray, "image/jpeg")

    await erasing.sweep_minutes()
    assert all([await objects.exists(key) for key in orphans])
    monkeypatch.setattr(erasing, "OLD", timedelta(seconds=-60))
    await erasing.sweep_minutes()

    assert [key for key in orphans if await objects.exists(key)] == []
    assert await sent.keys() == named
    assert await objects.exists(neighbours)
