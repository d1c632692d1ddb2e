"""Whose work somebody may see. Needs a transaction in the current committee."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from infra.postgres import Record, one, sql
from server import clock
from server.accounts.reader import Reader
from server.meetings.queries import NotFound

# Who leads a cell or records its meetings sees all of its work.
SEEING_ROLES = ("secretary", "deputy", "recorder")

# $1 … $5 of a query that asks for work somebody may see; `a` is the assignment.
MAY_SEE = """($1 OR a.cell = ANY($2) OR a.member = ANY($3)
    OR (a.cell, a.member) IN (SELECT * FROM unnest($4::uuid[], $5::uuid[])))"""


@dataclass(frozen=True, slots=True)
class Sight:
    """All work, or the work of some cells, of some members (whoever the reader is), and of led (cell, member) pairs."""

    everything: bool
    cells: frozenset[UUID]
    members: frozenset[UUID]
    led: frozenset[tuple[UUID, UUID]] = frozenset()

    @property
    def arguments(self) -> tuple[object, ...]:
        """$1 … $5 of ``MAY_SEE``."""
        led = sorted(self.led)
        return (
            self.everything, list(self.cells), list(self.members), [cell for cell, _ in led], [m for _, m in led]
        )  # fmt: skip

    def sees_all(self, cell: UUID) -> bool:
        """Whether all work of a cell may be seen."""
        return self.everything or cell in self.cells

    def sees(self, cell: UUID, member: UUID) -> bool:
        """Whether this is work that may be seen."""
        return self.sees_all(cell) or member in self.members or (cell, member) in self.led


async def sight_of(reader: Reader) -> Sight:
    """What somebody may see, by role, by group led today, and by what each cell has set."""
    if reader.sees_all:
        return Sight(True, frozenset(), frozenset())
    full = {cell for cell in reader.cells() if reader.in_cell(cell, *SEEING_ROLES)}
    rest = sorted(reader.cells() - full)
    if not rest:
        return Sight(False, frozenset(full), reader.members())
    rows = await sql(_OF_OTHERS, rest, [reader.group_in(cell) for cell in rest], clock.today())
    full |= {row["cell"] for row in rows if row["shown"]}
    led = frozenset((row["cell"], row["member"]) for row in rows if row["member"] is not None)
    return Sight(False, frozenset(full), reader.members(), led)


# Of cells ($1) in which somebody leads a group ($2) or none: whether all is shown, and else who is in the group on a
# day.
_OF_OTHERS = """SELECT c.id AS cell, c.members_see_assignments AS shown, s.member
FROM unnest($1::uuid[], $2::smallint[]) AS mine (cell, number) JOIN cell c ON c.id = mine.cell
LEFT JOIN party_group g ON g.cell = c.id AND g.number = mine.number AND NOT c.members_see_assignments
LEFT JOIN membership s ON s.party_group = g.id AND s.cell = c.id AND s.from_on <= $3
    AND (s.to_on IS NULL OR s.to_on >= $3)"""


async def cell(cell: UUID, reader: Reader) -> Record:
    """A cell that somebody belongs to by a role: id, name, kind, members_see_assignments. Raises NotFound."""
    row = await one("SELECT id, name, kind, members_see_assignments FROM cell WHERE id = $1", cell)
    if row is None or not reader.may_see_cell(cell):
        raise NotFound(cell)
    return row
