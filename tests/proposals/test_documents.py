"""The five documents of the fixtures: from what is printed, and from what Tesseract read in photographs and scans."""

from __future__ import annotations

import pytest

from server.paper.shapes import Reading
from server.proposals.checks import contradictions
from server.proposals.propose import propose
from tests.proposals.score import MINUTES, document, groups, shares
from tests.proposals.sheets import page, reading, stored

TYPED = ("a1", "a2", "a3", "a4")
DOCUMENTS = (*TYPED, "a5")
# Of the day, kind, numbers, times, people in charge, counts and votes that are printed; and of assignments.
VALUES, TASKS = 0.9, 0.8
BLURRED = reading([], readable=False)


def printed(which: str) -> list[Reading]:
    """The pages as they are printed; tables as plain lines, cell by cell."""
    (folder,) = MINUTES.glob(f"{which}-*")
    return [page(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("page-*.txt"))]


def read(which: str) -> list[Reading]:
    """The pages as Tesseract read them in cleaned photographs (a3: in scans); page 2 of a1 is too blurred."""
    pages = {"a1": ["a1-1", "", "a1-3"], "a2": ["a2-1", "a2-2", "a2-3"], "a3": ["a3-1", "a3-2", "a3-3"]}
    return [stored(name) if name else BLURRED for name in pages.get(which, [f"{which}-1", f"{which}-2"])]


def told(which: str, pages: list[Reading]) -> dict:
    proposals = propose(pages)
    found = shares(which, proposals)
    print(f"{which}: {found['right']}/{found['printed']} values, {found['assignments']} assignments, {found}")
    return found


@pytest.mark.parametrize("which", DOCUMENTS)
def test_everything_printed_is_proposed_rightly_from_the_true_text(which: str) -> None:
    found = told(which, printed(which))
    right, there, too_many = found["assignments"]

    assert (found["wrong"], found["missing"]) == ([], [])
    assert (right, too_many) == (there, 0)
    assert found["absences"] == (len(document(which)["absences"]), len(document(which)["absences"]), 0)


@pytest.mark.parametrize("which", TYPED)
def test_typed_pages_as_they_were_read_reach_the_shares(which: str) -> None:
    found = told(which, read(which))
    right, there, _ = found["assignments"]

    assert found["share"] >= VALUES
    assert right / there >= TASKS
    assert found["wrong"] == []


def test_handwriting_gives_what_could_be_read_and_little_that_is_wrong() -> None:
    found = told("a5", read("a5"))

    assert found["share"] >= 0.75
    assert len(found["wrong"]) <= 1


@pytest.mark.parametrize(
    ("which", "pages"), [("a1", ["a1-3-plain"]), ("a2", ["a2-2-plain"]), ("a4", ["a4-2-plain"])]
)
def test_a_table_that_came_as_plain_lines_is_still_read(which: str, pages: list[str]) -> None:
    """Without the first page the year of a due time is the printed one."""
    found = shares(which, propose([stored(name) for name in pages]))
    right, there, too_many = found["assignments"]

    assert right / there >= TASKS
    assert too_many <= 1


@pytest.mark.parametrize("which", TYPED)
def test_only_the_paper_that_contradicts_itself_is_pointed_out(which: str) -> None:
    found = contradictions(propose(read(which)))

    if which == "a3":
        (only,) = found
        assert only.names == ("expected", "present", "absent_excused", "absent_unexcused")
        assert only.says == "Có mặt và vắng 23 + 2 + 0 cộng lại là 25, nhưng phải có mặt ghi 26."
        assert all(proposal.box for proposal in only.proposals)
    else:
        assert found == ()


def test_members_of_the_cell_are_recognised_through_misread_names() -> None:
    truth = document("a5")
    people = [
        truth["chair"],
        truth["secretary"],
        "Lò Thị Mây",
        "Đàm Văn Thụ",
        *(t["name"] for t in truth["assignments"]),
    ]
    alone, helped = propose(read("a5")), propose(read("a5"), people=people)

    assert {task["name"] for task in groups("assignment", alone).values()} - {*people}
    assert {task["name"] for task in groups("assignment", helped).values()} <= {*people}
    assert [away["name"] for away in groups("absence", helped).values()] == ["Đàm Văn Thụ", "Lò Thị Mây"]


def test_a_proposal_stands_where_its_words_stand() -> None:
    pages = read("a4")
    for proposal in propose(pages):
        assert proposal.box is not None
        inside = [
            word.text
            for line in pages[proposal.page].lines
            for word in line.words
            if proposal.box.x <= word.box.x < proposal.box.right
            and proposal.box.y <= word.box.y < proposal.box.bottom
        ]
        assert proposal.printed.split()[0] in inside


def test_pages_that_are_not_readable_are_left_out() -> None:
    assert propose([reading(page("Tổng số đảng viên: 40. Có mặt: 38.").lines, readable=False)]) == ()
