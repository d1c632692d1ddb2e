"""Every migration runs beside the code before it: it adds. What takes away says since when nothing needs it any more.

While a new version is rolled out, processes of the old one go on reading and writing every committee, migrated or not,
and whoever goes back to the old image finds the new schema. So a step may add tables, nullable columns, columns with a
default, indexes, wider checks. What would stop the old code (a column or table that goes or gets another name, a type
that changes, a value that has to be there) is done two releases later, with a line above it in the file:

    -- contract: since 0.3: nothing has read member.phone_old since then

where 0.3 is the release whose code stopped needing it; 0.2 then no longer runs beside this step.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

import pytest

from server.schema import committee_line, platform_lines
from tenants.migrations import Migration
from workers.commands.children import ROOT

WITHOUT_DEFAULT = r"(?:(?!,|;|\bDEFAULT\b|\bGENERATED\b).)*"
TAKES_AWAY = {
    "drops": r"\bDROP\s+(?!CONSTRAINT\b|NOT\s+NULL\b|DEFAULT\b)\w+",
    "renames": r"\bRENAME\b",
    "changes a type": r"\bALTER\s+(COLUMN\s+)?\w+\s+(SET\s+DATA\s+)?TYPE\b",
    "asks for a value": r"\bSET\s+NOT\s+NULL\b",
    "asks for a value in a new column": rf"\bADD\s+COLUMN\s+{WITHOUT_DEFAULT}\bNOT\s+NULL\b{WITHOUT_DEFAULT}(?=,|;|$)",
    "takes a right": r"\bREVOKE\b",
}
# Before there was a release beside which they could run: 1 to the number of each line.
FIRST = {"tenants": 1, "server": 6, "committee": 8}
# A constraint that goes has to come back wider in the same file: these were looked at, and why the old code keeps it.
WIDENED = {
    ("tenants", "0002_fleet"): "committee_state_check knows the old four states and three more",
    (
        "server",
        "0007_province",
    ): "grant_place lets in every grant of the old code: expiry is asked of support alone",
}
NOTE = re.compile(r"--\s*contract: since (\d+(?:\.\d+)+): \S.+")


def steps() -> Iterator[tuple[str, Migration]]:
    for line, migrations in (*platform_lines(), ("committee", committee_line())):
        yield from ((line, m) for m in migrations if m.version > FIRST[line])


def faults(sql: str) -> list[str]:
    """What a step takes away without saying since when it may."""
    found, allowed = [], False
    # Statements by the semicolons between them; a comment belongs to the statement below it.
    for statement in re.split(r";", sql):
        notes = [tuple(map(int, m[1].split("."))) for m in NOTE.finditer(statement)]
        allowed = any(since <= present() for since in notes)
        code = " ".join(re.sub(r"--[^\n]*", "", statement).split())
        found += [
            f"{what}: {match[0]}"
            for what, pattern in TAKES_AWAY.items()
            for match in re.finditer(pattern, code, re.IGNORECASE)
            if not allowed
        ]
    return found


def present() -> tuple[int, ...]:
    """This version, as pyproject.toml has it."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    return tuple(int(part) for part in version.split("."))


STEPS = [pytest.param(line, step, id=f"{line}-{step.name}") for line, step in steps()]


@pytest.mark.parametrize(("line", "step"), STEPS)
def test_a_step_takes_nothing_away_from_the_code_before_it(line: str, step: Migration) -> None:
    assert faults(step.sql) == []


@pytest.mark.parametrize(("line", "step"), STEPS)
def test_a_check_that_goes_comes_back_wider(line: str, step: Migration) -> None:
    goes = re.search(r"\bDROP\s+CONSTRAINT\b", step.sql, re.IGNORECASE) is not None
    assert goes == ((line, step.name) in WIDENED), (
        "look whether the old code's rows still pass, and say so in WIDENED"
    )


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("ALTER TABLE member DROP COLUMN phone", "drops"),
        ("DROP TABLE note", "drops"),
        ("CREATE TABLE a (id int); DROP INDEX meeting_by_date", "drops"),
        ("ALTER TABLE member RENAME phone TO telephone", "renames"),
        ("ALTER TABLE member ALTER COLUMN no TYPE bigint", "changes a type"),
        ("ALTER TABLE member ALTER no SET DATA TYPE bigint", "changes a type"),
        ("ALTER TABLE member ALTER COLUMN phone SET NOT NULL", "asks for a value"),
        ("ALTER TABLE member ADD COLUMN age int NOT NULL", "asks for a value in a new column"),
        (
            "ALTER TABLE member\n ADD COLUMN a int NOT NULL,\n ADD COLUMN b int",
            "asks for a value in a new column",
        ),
        ("REVOKE DELETE ON mark FROM {role}", "takes a right"),
        ("-- contract: since 99.0: not yet\nDROP TABLE note", "drops"),
        ("-- contract: since 0.1: said of another\nDROP TABLE a; DROP TABLE note", "drops"),
    ],
)
def test_what_takes_away_is_seen(sql: str, why: str) -> None:
    assert [fault.partition(":")[0] for fault in faults(sql)] == [why]


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE member ADD COLUMN note text, ADD COLUMN n int NOT NULL DEFAULT 0, ALTER COLUMN x DROP NOT NULL",
        "ALTER TABLE member ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY NOT NULL",
        "CREATE TABLE note (id uuid PRIMARY KEY, text text NOT NULL); CREATE INDEX note_by ON note (text)",
        "-- nothing is to DROP or RENAME here\nSELECT 1",
        "CREATE TABLE a (id int);\n-- contract: since 0.1: nothing has read it since then\nDROP TABLE note",
    ],
)
def test_what_adds_is_let_through(sql: str) -> None:
    assert faults(sql) == []
