"""The same page photographed twice: noticed by how it looks, said to a person, who keeps it or drops it."""

from __future__ import annotations

from uuid import UUID

from infra.postgres import Record, one, sql

MONTHS = 24

# Earlier pages of the cell that may be the same, nearest first; of the same document those that stand before it.
_OTHERS = f"""SELECT p.id, p.looks, p.same_decided, p.minutes = own.minutes AS here, (p.minutes <> own.minutes OR
    (array_position(d.wanted, p.file), p.number) < (array_position(d.wanted, own.file), own.number)) AS before
FROM minutes_page own JOIN minutes mine ON mine.id = own.minutes
JOIN minutes d ON d.cell = mine.cell AND d.binned_at IS NULL
    AND (d.id = mine.id OR (d.created_at < mine.created_at AND d.created_at > now() - interval '{MONTHS} months'))
JOIN minutes_page p ON p.minutes = d.id AND p.id <> own.id AND p.looks <> '' AND p.file = ANY (d.wanted)
JOIN minutes_file f ON f.id = p.file JOIN minutes_file g ON g.id = own.file
WHERE own.id = $1 AND f.same_decided <> 'dropped' AND p.same_decided <> 'dropped'
    AND g.same_file IS DISTINCT FROM p.file AND f.same_file IS DISTINCT FROM own.file
ORDER BY here DESC, d.created_at DESC, p.number"""


async def find_same(page: UUID) -> None:
    """Note of a page just cleaned which earlier one it repeats, and of a later one of its document that it is repeated.

    In the present transaction. What a person has decided stays as it is; what is byte for byte the same was said of
    the file already.
    """
    own = await one("SELECT looks, same_decided FROM minutes_page WHERE id = $1", page)
    assert own is not None
    if own["same_decided"]:
        return
    same = [row for row in await sql(_OTHERS, page) if _alike(own, row)]
    earlier = next((row["id"] for row in same if row["before"]), None)
    await sql("UPDATE minutes_page SET same_page = $2 WHERE id = $1", page, earlier)
    if earlier is None:
        later = [row["id"] for row in same if not row["before"]]
        await sql(
            """UPDATE minutes_page SET same_page = $2
            WHERE id = ANY ($1) AND same_page IS NULL AND same_decided = ''""",
            later, page,
        )  # fmt: skip


def _alike(one: Record, other: Record) -> bool:
    from server.paper.look import alike  # noqa: PLC0415 - brings OpenCV, of which only workers have a use

    return alike(one["looks"], other["looks"])
