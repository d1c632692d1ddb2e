"""An office uploads its member lists as they are, and every row gets a verdict that can be explained."""

import json
from collections import Counter
from dataclasses import asdict
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from server.members.sheet import Row, Sheet, read, sentence
from server.members.sheet_words import SENTENCES

LISTS = Path(__file__).parents[1] / "fixtures" / "members"


@cache
def expected(name: str) -> Any:
    return json.loads((LISTS / f"{name}.expected.json").read_text())


@cache
def read_list(name: str) -> Sheet:
    told = expected(name)
    content = (LISTS / f"{name}.xlsx").read_bytes()
    return read(
        content,
        filename=f"{name}.xlsx",
        as_of=date.fromisoformat(told["as_of"]),
        known_cells=told.get("known_cells"),
    )


def dirty_rows() -> list[Any]:
    told = expected("dirty")["rows"]
    return [pytest.param(row, id=f"row {row['row']}") for row in told]


@pytest.mark.parametrize("told", dirty_rows())
def test_each_row_of_the_dirty_list_is_judged_as_a_careful_person_would(told: dict[str, Any]) -> None:
    row = read_list("dirty").rows[told["row"] - 1]
    assert (row.row, row.verdict, row.why) == (told["row"], told["verdict"], told.get("why"))
    assert (list(row.rejects), list(row.warnings)) == (told.get("rejects", []), told.get("warnings", []))
    assert row.of_row == told.get("of_row")
    if told.get("value"):
        assert row.value is not None
        assert {key: asdict(row.value)[key] for key in told["value"]} == told["value"]
    else:
        assert row.value is None


def test_the_tallies_of_the_dirty_list_add_up() -> None:
    sheet, told = read_list("dirty"), expected("dirty")
    assert sheet.tally == told["tally"]
    assert sheet.tally_by_code == told["tally_by_code"]


def test_tidying_is_told_for_every_row_that_is_taken() -> None:
    told = {row["row"]: row.get("fixes", []) for row in expected("dirty")["rows"]}
    assert all(list(row.fixes) == told[row.row] for row in read_list("dirty").rows if row.value)


def test_a_hidden_column_and_citizen_numbers_stay_in_the_file() -> None:
    sheet = read_list("dirty")
    assert "Số CMND/CCCD" in sheet.unread
    assert "99357516621" not in repr(sheet)


def test_every_fault_has_a_sentence_with_its_column_filled_in() -> None:
    told = [sentence(fault) for row in read_list("dirty").rows for fault in row.codes]
    assert all("{" not in words and "None" not in words and "“”" not in words for words in told)
    assert set(expected("dirty")["codes"]) <= SENTENCES.keys()


def test_a_row_says_where_the_fault_is_and_what_to_do() -> None:
    row: Row = next(row for row in read_list("dirty").rows if row.rejects == ("impossible_date",))
    assert str(sentence(row.codes[0])) == (
        "Cột “Ngày sinh”: ngày “31/09/1978” không có trên lịch. Đồng chí sửa lại ngày/tháng/năm."
    )


def test_a_cell_of_151_is_read_with_its_groups_committee_and_exemptions() -> None:
    sheet, told = read_list("chi-bo-151"), expected("chi-bo-151")
    members = sheet.members
    assert len(members) == told["members"]
    assert sheet.tally["reject"] == 0
    assert sum(member.official_on is not None for member in members) == told["official"]
    assert sum(member.status == "probationary" for member in members) == told["probationary"]
    assert Counter(member.exempt_kind for member in members if member.exempt_kind) == told["exempt"]
    assert sum(member.status != "exempt" for member in members) == told["expected_at_meetings"]
    assert sum(member.status == "official" for member in members) == told["vote_denominator"]
    groups = [{"group": g.name, "leader": g.leader, "members": g.members} for g in sheet.extras.groups]
    assert groups == told["groups"]
    assert Counter(member.group for member in members) == {g["group"]: g["members"] for g in told["groups"]}
    assert [{"name": p.name, "posts": list(p.posts)} for p in sheet.extras.committee] == told["committee"]


def test_exemptions_of_the_151_have_dates_keepers_and_the_row_of_their_member() -> None:
    sheet, told = read_list("chi-bo-151"), expected("chi-bo-151")
    exemptions = sheet.extras.exemptions
    assert Counter(line.kind for line in exemptions) == told["exempt"]
    assert all(line.from_on and line.member_row for line in exemptions)
    assert all(line.to_on is None for line in exemptions if line.kind == "age_health")
    away = [line for line in exemptions if line.kind == "away_work"]
    stated = [(a["name"], a["keeper"], a["from"], a["to"]) for a in told["away_members"]]
    assert [(line.name, line.keeper, line.from_on, line.to_on) for line in away] == stated
    assert (
        Counter(line.keeper_row for line in away).most_common(1)[0][1]
        == told["keeper_with_most"]["away_members"]
    )
    assert sheet.notes == ()


def test_the_office_cell_of_eleven_and_its_rota() -> None:
    sheet, told = read_list("chi-bo-van-phong-11"), expected("chi-bo-van-phong-11")
    assert [member.name for member in sheet.members] == told["names"]
    assert sum(member.status == "official" for member in sheet.members) == told["official"]
    assert [asdict(turn) for turn in sheet.extras.rota] == told["rota"]
    assert [member.seats for member in sheet.members[:3]] == [
        ("secretary",),
        ("deputy_secretary",),
        ("committee_member",),
    ]


def test_a_district_of_1378_members_adds_up_by_organisation() -> None:
    sheet, told = read_list("dang-bo-thi-xa"), expected("dang-bo-thi-xa")
    members, registered = sheet.members, sheet.extras.organisations
    assert len(members) == told["members"]
    assert Counter(member.status for member in members) == {
        "official": told["official"],
        "probationary": told["probationary"],
    }
    assert Counter(member.organisation for member in members) == told["members_by_organisation"]
    cells = Counter((member.organisation, member.cell) for member in members)
    assert (len(cells), min(cells.values()), max(cells.values())) == (
        told["cells_altogether"],
        told["smallest_cell"],
        told["largest_cell"],
    )
    kinds = Counter(line.kind for line in registered)
    assert kinds == {
        "Đảng bộ cơ sở": told["of_which_bodies"],
        "Chi bộ cơ sở": told["of_which_single_cells"],
        None: told["cells_under_grassroots_committees"],
    }
    assert {
        (line.parent or line.name, line.name): line.members
        for line in registered
        if line.kind != "Đảng bộ cơ sở"
    } == cells


def test_eight_digits_on_a_card_are_only_remarked_once_cards_have_twelve() -> None:
    assert read_list("dang-bo-thi-xa").tally["accept_with_warning"] == 0
    content = (LISTS / "dang-bo-thi-xa.xlsx").read_bytes()
    later = read(content, as_of=date(2026, 11, 20), known_cells=None)
    assert later.tally_by_code["card_old_form"] == expected("dang-bo-thi-xa")["official"]
