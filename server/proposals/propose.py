"""All that is proposed from the pages of one document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from server.paper.shapes import Reading

from .absences import absences
from .assignments import assignments
from .counts import counts
from .fields import FIELDS, PROPOSED_FROM, Proposal
from .flow import flow_of, lines_of
from .heads import heads
from .rolls import running
from .votes import votes


def propose(
    pages: Sequence[Reading], *, people: Sequence[str] = (), meeting_on: date | None = None
) -> tuple[Proposal, ...]:
    """What a document's pages seem to say, in the order of FIELDS, repeated ones by ``of``. ``people`` are the names of
    the cell's members, ``meeting_on`` the day the meeting was planned or held on, if known: both only make surer what
    is read, and tell a year that is not printed. Pages that are not readable are left out.
    """
    lines = lines_of(pages)
    flow = flow_of(running(lines))
    found = [*heads(flow, people, meeting_on), *counts(flow), *absences(flow, people), *votes(flow)]
    day = next((proposal for proposal in found if proposal.name == "meeting_date"), None)
    met = date.fromisoformat(str(day.value)) if day and day.sure >= PROPOSED_FROM else meeting_on
    found += assignments(lines, flow, people, met)
    return _once([replace(proposal, sure=max(0, min(proposal.sure, 99))) for proposal in found])


def _once(found: Sequence[Proposal]) -> tuple[Proposal, ...]:
    """Of several values for one field the surest, if it is sure enough to be proposed; in order."""
    best: dict[tuple[str, int], Proposal] = {}
    for proposal in found:
        other = best.get((proposal.name, proposal.of))
        if proposal.sure >= PROPOSED_FROM and (other is None or proposal.sure > other.sure):
            best[proposal.name, proposal.of] = proposal
    order = list(FIELDS)
    return tuple(sorted(best.values(), key=lambda proposal: (order.index(proposal.name), proposal.of)))
