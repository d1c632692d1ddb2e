"""Keeping in touch with members: when, how, and one line about what; most of all with those who are exempt or away."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from infra.postgres import Record, one, sql
from server import clock
from server.accounts.reader import Reader
from server.meetings.queries import NotFound
from server.words import Refused, Say, say
from tenants.transactions import transaction

CHANNELS = {
    "call": say("Gọi điện"),
    "zalo": say("Nhắn Zalo"),
    "sms": say("Nhắn tin"),
    "visit": say("Gặp trực tiếp"),
    "family_visit": say("Thăm gia đình"),
    "letter": say("Gửi thư"),
}
LONGEST_SUMMARY = 280
# A contact further back than this is rather a slip of the finger.
_BACK_YEARS = 2


def check_contact(held_on: date | None, channel: str, summary: str, *, today: date) -> None:
    """Raises Refused(held_on=…, channel=…, summary=…) with every fault at its field."""
    faults: dict[str, Say] = {}
    if held_on is None:
        faults["held_on"] = say("Ngày không đúng, xin ghi như 03/11/2026.")
    elif not date(today.year - _BACK_YEARS, 1, 1) <= held_on <= today:
        faults["held_on"] = say(
            "Ngày liên hệ phải từ đầu năm {year} đến hôm nay.", year=today.year - _BACK_YEARS
        )
    if channel not in CHANNELS:
        faults["channel"] = say("Xin chọn cách liên hệ.")
    if len(summary) > LONGEST_SUMMARY:
        faults["summary"] = say("Nội dung dài quá {n} ký tự.", n=LONGEST_SUMMARY)
    if faults:
        raise Refused(**faults)


async def standing_of(no: int, on: date) -> Record:
    """Who a member is and where on a day: id, no, name, official_on, cell, cell_name, group_number, group_name; cell is
    None for somebody who belongs nowhere any more. Raises NotFound.
    """
    row = await one(
        """SELECT p.id, p.no, p.name, p.official_on, s.cell, c.name AS cell_name, g.number AS group_number,
            g.name AS group_name
        FROM member p LEFT JOIN LATERAL (
            SELECT x.cell, x.party_group FROM membership x WHERE x.member = p.id AND x.kind <> 'temporary_out'
                AND x.from_on <= $2 AND (x.to_on IS NULL OR x.to_on >= $2)
            ORDER BY x.kind = 'permanent' DESC, x.from_on DESC LIMIT 1
        ) s ON true LEFT JOIN cell c ON c.id = s.cell LEFT JOIN party_group g ON g.id = s.party_group
        WHERE p.no = $1""",
        no, on,
    )  # fmt: skip
    if row is None:
        raise NotFound(no)
    return row


def leads(member: Record, by: Reader) -> bool:
    """Whether somebody answers for a member (of standing_of): the office, who leads the cell, who leads the group."""
    if by.whole_committee:
        return True
    cell = member["cell"]
    if cell is None:
        return False
    group = member["group_number"]
    return by.may_close_roll(cell) or (group is not None and by.group_in(cell) == group)


async def kept_by(by: Reader, on: date) -> frozenset[UUID]:
    """The exempt members with whom somebody is the one to stay in touch on a day."""
    rows = await sql(
        """SELECT member FROM exemption WHERE keeper = ANY ($1::uuid[]) AND from_on <= $2
            AND (to_on IS NULL OR to_on >= $2)""",
        [*by.members()], on,
    )  # fmt: skip
    return frozenset(row["member"] for row in rows)


async def add(
    contact: UUID, *, no: int, held_on: date | None, channel: str, summary: str, by: Reader
) -> None:
    """Put down that ``by`` was in touch with a member; ``contact`` is the id that the form carries, so sending it twice
    puts it down once. Raises NotFound; Refused(held_on=…, channel=…, summary=…).
    """
    today, line = clock.today(), " ".join(summary.split())
    async with transaction():
        member = await standing_of(no, today)
        if not (leads(member, by) or member["id"] in await kept_by(by, today)):
            raise NotFound(no)
        check_contact(held_on, channel, line, today=today)
        await sql(
            """INSERT INTO contact (id, member, held_on, channel, summary, account, by_name)
            VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING""",
            contact, member["id"], held_on, channel, line, by.account_id, by.name,
        )  # fmt: skip


async def of_time(member: UUID, first: date, last: date) -> list[Record]:
    """The contacts with a member in a time, both days included, newest first: held_on, channel, summary, by_name."""
    return await sql(
        """SELECT held_on, channel, summary, by_name FROM contact WHERE member = $1 AND held_on BETWEEN $2 AND $3
        ORDER BY held_on DESC, created_at DESC""",
        member, first, last,
    )  # fmt: skip
