"""A person puts right what was read on a page: line by line, and never over what somebody else has put right."""

from __future__ import annotations

import json
from collections.abc import Mapping
from uuid import UUID

from infra.postgres import Record, one, sql
from server.accounts.reader import Reader
from server.events import record_event
from server.meetings.queries import NotFound
from server.minutes import rules
from server.minutes.actions import settle
from server.minutes.folding import folded_text, line_texts
from server.minutes.queries import head
from server.words import Refused, Say, say
from tenants.transactions import transaction

LONGEST_LINE = 500


class Changed(Exception):
    """Somebody else has put the same lines right meanwhile: ``now`` {number of a line: what stands there now}."""

    def __init__(self, now: dict[int, str], by_name: str) -> None:
        super().__init__(by_name)
        self.now, self.by_name = now, by_name


async def correct(
    minutes: UUID, page: UUID, *, attempt: int, seen: Mapping[int, str], typed: Mapping[int, str], by: Reader
) -> int:
    """Put right the lines of a page that ``typed`` has otherwise than the person has ``seen``: {number: text}. Returns
    how many lines were changed. Nothing is written where one of them can't be.

    Raises NotFound; Changed where somebody else has changed the same line; Refused(line_3=…) at one that is too long,
    Refused(minutes=…) for those who may not, Refused(attempt=…) where the page has been read anew since ``attempt``.
    """
    async with transaction():
        await _held(minutes, by)
        row = await _text(minutes, page)
        if row["attempt"] != attempt:
            raise Refused(
                attempt=say("Trang này vừa được đọc lại, các dòng đã khác. Xin sửa lại trên bản mới.")
            )
        lines, corrected = json.loads(row["lines"]), json.loads(row["corrected"])
        now = line_texts(lines, corrected)
        wanted = _wanted(now, seen, typed, row["corrected_by"])
        if wanted:
            corrected |= {str(number): text for number, text in wanted.items()}
            await _write(page, lines, corrected, by)
            await record_event(by, "minutes_corrected", str(minutes), str(len(wanted)))
            await settle(minutes, changed=True)
    return len(wanted)


async def _held(minutes: UUID, by: Reader) -> None:
    """Hold a document until the end of the transaction, for somebody who may change it."""
    row = await head(minutes, by, lock=True)
    rules.check_may_send(by, row["cell"])
    rules.check_not_binned(binned=row["binned_at"] is not None)


async def _text(minutes: UUID, page: UUID) -> Record:
    row = await one(
        """SELECT t.lines, t.corrected, t.corrected_by, p.attempt
        FROM minutes_text t JOIN minutes_page p ON p.id = t.page
        WHERE t.page = $1 AND t.minutes = $2""",
        page, minutes,
    )  # fmt: skip
    if row is None:
        raise NotFound(page)
    return row


def _wanted(
    now: list[str], seen: Mapping[int, str], typed: Mapping[int, str], last_by: str
) -> dict[int, str]:
    """The lines to write. A line that the person left alone stays as it is by now, whoever changed it."""
    tidied = {n: tidy(text) for n, text in typed.items() if 0 <= n < len(now)}
    mine = {n: text for n, text in tidied.items() if text != tidy(seen.get(n, "")) and text != now[n]}
    faults: dict[str, Say] = {
        f"line_{n}": say("Dòng dài quá {n} ký tự.", n=LONGEST_LINE)
        for n, text in mine.items()
        if len(text) > LONGEST_LINE
    }
    if faults:
        raise Refused(**faults)
    if theirs := {n: now[n] for n in mine if now[n] != tidy(seen.get(n, ""))}:
        raise Changed(theirs, last_by)
    return mine


def tidy(text: str) -> str:
    """A line as it is kept: one blank between words."""
    return " ".join(text.split())


async def _write(page: UUID, lines: Mapping[str, object], corrected: Mapping[str, str], by: Reader) -> None:
    await sql(
        """UPDATE minutes_text SET corrected = $2, folded = $3, corrected_at = now(), corrected_by = $4
        WHERE page = $1""",
        page, json.dumps(corrected), folded_text(lines, corrected), by.name,
    )  # fmt: skip
