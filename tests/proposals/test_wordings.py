"""Minutes of other cells say the same in other words; what they do not say is not proposed."""

from __future__ import annotations

import pytest

from server.proposals.propose import propose
from tests.proposals.score import VOTE, groups
from tests.proposals.sheets import page
from tests.proposals.wordings import WORDINGS, Wording


@pytest.mark.parametrize("wording", WORDINGS.values(), ids=WORDINGS.keys())
def test_what_is_said_in_other_words_is_proposed_and_nothing_else(wording: Wording) -> None:
    proposals = propose([page(wording.text)])

    assert {p.name: p.value for p in proposals if "." not in p.name} == wording.values
    votes = [tuple(vote.get(part) for part in VOTE) for vote in groups("vote", proposals).values()]
    assert votes == wording.votes
    tasks = [(task["name"], task.get("due") or None) for task in groups("assignment", proposals).values()]
    assert tasks == wording.tasks
    assert [away["name"] for away in groups("absence", proposals).values()] == wording.away
