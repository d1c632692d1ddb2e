"""The key figures of minutes: what the paper seems to say, and what a person has confirmed. The one never becomes the
other by itself, and what was confirmed is never changed by reading the paper again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from uuid import UUID

from infra.postgres import Record, connection, sql
from server.accounts.reader import Reader
from server.events import record_event
from server.minutes import rules, viewing
from server.minutes.values import NoValue, canonical
from server.proposals.fields import FIELDS
from server.words import Refused, Say, say
from tenants.transactions import transaction

# The lists, each row of several values that are confirmed together.
LISTS = {
    name.split(".")[0]: tuple(n for n in FIELDS if n.startswith(name.split(".")[0] + "."))
    for name in FIELDS
    if "." in name
}
SINGLES = tuple(name for name in FIELDS if "." not in name)
# More rows than any paper has; a form can't ask for more.
MOST_ROWS = 200
ROWS = frozenset(map(str, range(MOST_ROWS)))


@dataclass(frozen=True, slots=True)
class Figure:
    """One value: ``proposed`` (None: nothing was found) with its place, ``confirmed`` (None: by nobody; empty: it is
    not on the paper). Values are canonical.
    """

    name: str
    of: int = 0
    proposed: str | None = None
    printed: str = ""
    page: UUID | None = None
    box: tuple[int, ...] = ()
    sure: int = 0
    confirmed: str | None = None
    confirmed_at: datetime | None = None
    confirmed_by: str = ""

    @property
    def key(self) -> str:
        """What a form calls it."""
        return f"{self.name}-{self.of}"

    @property
    def value(self) -> str:
        """What holds by now: confirmed, or else proposed, or else nothing."""
        return (self.proposed or "") if self.confirmed is None else self.confirmed


@dataclass(frozen=True, slots=True)
class Unit:
    """What is confirmed with one tick: a single figure (``list`` empty), or a row of a list."""

    list: str
    of: int
    figures: tuple[Figure, ...] = field(default=())

    @property
    def key(self) -> str:
        """What a form calls it."""
        return f"{self.list}-{self.of}" if self.list else self.figures[0].key

    @property
    def confirmed(self) -> bool:
        """Whether a person has said what stands here."""
        return any(figure.confirmed is not None for figure in self.figures)

    @property
    def emptied(self) -> bool:
        """Whether a person has said that there is no such row."""
        return bool(self.list) and self.confirmed and not any(figure.value for figure in self.figures)


async def units(minutes: UUID) -> list[Unit]:
    """Everything that may be confirmed of a document: each single figure, then the rows of the lists in their order."""
    rows = await sql(
        """SELECT name, ordinal, proposed, printed, page, box, sure, confirmed, confirmed_at, confirmed_by
        FROM minutes_field WHERE minutes = $1 ORDER BY ordinal""",
        minutes,
    )
    known = {(row["name"], row["ordinal"]): _figure(row) for row in rows if row["name"] in FIELDS}
    singles = [Unit("", 0, (known.get((name, 0)) or Figure(name),)) for name in SINGLES]
    found = sorted((name.split(".")[0], of) for name, of in known if "." in name)
    lists = [row_of(name, of, known) for (name, of), _ in groupby(found)]
    return [*singles, *sorted(lists, key=lambda unit: ([*LISTS].index(unit.list), unit.of))]


def _figure(row: Record) -> Figure:
    return Figure(
        row["name"], row["ordinal"], row["proposed"], row["printed"], row["page"], tuple(row["box"] or ()),
        row["sure"] or 0, row["confirmed"], row["confirmed_at"], row["confirmed_by"],
    )  # fmt: skip


def row_of(name: str, of: int, known: Mapping[tuple[str, int], Figure] | None = None) -> Unit:
    """A row of a list, with a figure for each of its columns; one that nobody proposed is empty."""
    return Unit(
        name, of, tuple((known or {}).get((column, of)) or Figure(column, of) for column in LISTS[name])
    )


@dataclass(frozen=True, slots=True)
class Form:
    """What came back: {key of a figure: canonical value seen}, {key: text typed}, keys of the units ticked."""

    seen: Mapping[str, str]
    typed: Mapping[str, str]
    ticked: Collection[str]


async def confirm(minutes: UUID, form: Form, *, by: Reader) -> int:
    """Write down what a person says: units that are ticked, and those where something else was typed than was seen.
    Returns how many values were written. Nothing is written where one of them can't be.

    Raises NotFound; Refused(minutes=…) for those who may not; Refused(present-0=…) with every fault at its field:
    no such value, or somebody else has confirmed another meanwhile.
    """
    async with transaction():
        held = await viewing.document(minutes, by)
        check_may_confirm(by, held["cell"])
        rules.check_not_binned(binned=held["binned_at"] is not None)
        await sql("SELECT 1 FROM minutes WHERE id = $1 FOR UPDATE", minutes)
        wanted = _wanted(await _asked_of(minutes, form), form)
        if wanted:
            await _write(minutes, wanted, by)
            await record_event(by, "minutes_figures_confirmed", str(minutes), str(len(wanted)))
    return len(wanted)


def check_may_confirm(by: Reader, cell: UUID) -> None:
    """Raises Refused(minutes=…) for those who may only read."""
    if not rules.may_confirm(by, cell):
        raise Refused(minutes=say("Chỉ bí thư, phó bí thư hoặc văn phòng cấp ủy được xác nhận số liệu."))


async def _asked_of(minutes: UUID, form: Form) -> list[Unit]:
    """The units of the document, and the rows that the form adds to its lists."""
    known = await units(minutes)
    there = {unit.key for unit in known}
    added = {
        (name.split(".")[0], of) for name, _, of in (key.rpartition("-") for key in form.typed) if "." in name
    }
    return known + [
        row_of(name, int(of)) for name, of in sorted(added)
        if name in LISTS and f"{name}-{of}" not in there and of in ROWS
    ]  # fmt: skip


def _wanted(asked: Collection[Unit], form: Form) -> dict[Figure, str]:
    wanted: dict[Figure, str] = {}
    faults: dict[str, Say] = {}
    for unit in asked:
        typed = {}
        for figure in unit.figures:
            try:
                typed[figure] = canonical(figure.name, form.typed.get(figure.key, figure.value))
            except NoValue as none:
                faults[figure.key] = none.why
        touched = any(
            value != form.seen.get(figure.key, "")
            for figure, value in typed.items()
            if figure.key in form.typed
        )
        if unit.key in form.ticked or touched:
            faults |= {f.key: _meanwhile(f) for f, value in typed.items() if _overtaken(f, value, form)}
            wanted |= typed
    if faults:
        raise Refused(**faults)
    return {figure: value for figure, value in wanted.items() if figure.confirmed != value}


def _overtaken(figure: Figure, value: str, form: Form) -> bool:
    """Whether something else holds now than the person saw and has typed."""
    return figure.value not in (form.seen.get(figure.key, ""), value)


def _meanwhile(figure: Figure) -> Say:
    if figure.confirmed is None:
        return say(
            "Trang vừa được đọc lại: máy đọc là “{value}”. Xin xem lại rồi xác nhận.", value=figure.value
        )
    return say(
        "Đồng chí {name} vừa xác nhận là “{value}”. Nếu vẫn giữ nội dung đã ghi ở đây, xin xác nhận lần nữa.",
        name=figure.confirmed_by, value=figure.value or "—",
    )  # fmt: skip


async def _write(minutes: UUID, wanted: Mapping[Figure, str], by: Reader) -> None:
    await connection().executemany(
        """INSERT INTO minutes_field (minutes, name, ordinal, confirmed, confirmed_at, confirmed_by)
        VALUES ($1, $2, $3, $4, now(), $5) ON CONFLICT (minutes, name, ordinal)
        DO UPDATE SET confirmed = $4, confirmed_at = now(), confirmed_by = $5""",
        [(minutes, figure.name, figure.of, value, by.name) for figure, value in wanted.items()],
    )
    # The document counts as confirmed once nothing that was proposed waits any more.
    await sql(
        """UPDATE minutes SET confirmed_at = now(), confirmed_by = $2 WHERE id = $1 AND confirmed_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM minutes_field
            WHERE minutes = $1 AND proposed IS NOT NULL AND confirmed IS NULL)""",
        minutes, by.name,
    )  # fmt: skip
