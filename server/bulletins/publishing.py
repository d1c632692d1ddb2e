"""The verbs of what a province tells its committees. Each is one transaction, written into the province's record."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from infra.postgres import connection, one, rows_affected, sql
from server.accounts.reader import Reader
from server.bulletins.addressing import Addressed, addressed
from server.bulletins.preview import check_bands, others_of
from server.bulletins.titles import IN_FIGURES
from server.meetings.queries import NotFound
from server.province.actions import Province, province_of, record_event
from server.rollups.marking import mark_committees_dirty
from server.rulebook.entries import Rule, entry_of, read_entry
from server.words import Refused, Say, say
from tenants.transactions import platform_transaction

LONGEST_TITLE, LONGEST_BODY, LONGEST_NUMBER, LONGEST_REASON = 200, 5_000, 60, 300


@dataclass(frozen=True)
class Told:
    """What stands on a bulletin; ``slugs``: to which committees (None: to all)."""

    number: str
    title: str
    body: str
    slugs: Collection[str] | None


@dataclass(frozen=True)
class Kept:
    """A file in the object store."""

    name: str
    key: str
    bytes: int
    sha256: str


def tidy(told: Told) -> Told:
    """The same without blanks at its edges. Raises Refused(title=…, number=…, body=…)."""
    found = Told(" ".join(told.number.split()), " ".join(told.title.split()), told.body.strip(), told.slugs)
    faults: dict[str, Say | str] = {}
    if not 3 <= len(found.title) <= LONGEST_TITLE:
        faults["title"] = say("Xin ghi trích yếu, từ 3 đến {n} ký tự.", n=LONGEST_TITLE)
    if len(found.number) > LONGEST_NUMBER:
        faults["number"] = say("Số, ký hiệu dài nhất {n} ký tự.", n=LONGEST_NUMBER)
    if len(found.body) > LONGEST_BODY:
        faults["body"] = say("Nội dung dài nhất {n} ký tự; xin đính kèm tệp PDF.", n=LONGEST_BODY)
    if faults:
        raise Refused(**faults)
    return found


async def publish_document(
    province_slug: str, bulletin: UUID, told: Told, file: Kept | None, *, by: Reader
) -> None:
    """Publish a document. Sent again with the same id it changes nothing. Raises Refused(title=…, number=…, body=…,
    to=…) and NotFound.
    """
    told = tidy(told)
    if file is None and not told.body:
        raise Refused(body=say("Xin ghi nội dung hoặc đính kèm một tệp PDF."))
    async with platform_transaction():
        province = await province_of(province_slug, by)
        to = await addressed(province.id, told.slugs)
        if await _put_down(province, bulletin, told, file, (), to, by):
            await record_event(province, by, "bulletin_published", str(bulletin), told.title)


async def publish_rules(
    province_slug: str, bulletin: UUID, told: Told, rules: Sequence[Rule], *, by: Reader
) -> None:
    """Publish a set of rules; from this commit on look-ups of the committees answer by it for its days. Sent again with
    the same id it changes nothing. Raises Refused(title=…, number=…, body=…, to=…, rules=…) and NotFound.
    """
    told = tidy(told)
    async with platform_transaction():
        province = await province_of(province_slug, by)
        to = await addressed(province.id, told.slugs)
        check_bands(rules, to, await others_of([each.id for each in to], besides=bulletin))
        if await _put_down(province, bulletin, told, None, rules, to, by):
            await _rules_changed([each.id for each in to], rules)
            await record_event(province, by, "rules_published", str(bulletin), told.title)


async def _put_down(
    province: Province, bulletin: UUID, told: Told, file: Kept | None, rules: Sequence[Rule],
    to: Sequence[Addressed], by: Reader,
) -> bool:  # fmt: skip
    """Whether it is new; raises NotFound for the id of another province's."""
    # One after the other, so that the order of publications is the order of their times.
    await sql("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"bulletins {province.id}")
    status = await connection().execute(
        """INSERT INTO platform.bulletin (id, province, kind, number, title, body, file_name, file_key, file_bytes,
            file_sha256, rules, published_at, by_name)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, clock_timestamp(), $12) ON CONFLICT (id) DO NOTHING""",
        bulletin, province.id, "rules" if rules else "document", told.number, told.title, told.body,
        file.name if file else "", file.key if file else "", file.bytes if file else 0, file.sha256 if file else "",
        json.dumps([entry_of(rule) for rule in rules], ensure_ascii=False), by.name,
    )  # fmt: skip
    if not rows_affected(status):
        await _held(province, bulletin)
        return False
    await _address(bulletin, to)
    return True


async def _address(bulletin: UUID, to: Sequence[Addressed]) -> None:
    await sql(
        "INSERT INTO platform.bulletin_receipt (bulletin, committee) SELECT $1, unnest($2::uuid[])",
        bulletin, [each.id for each in to],
    )  # fmt: skip


async def _held(province: Province, bulletin: UUID) -> tuple[str, str, bool, list[Rule]]:
    """Kind, title, whether it is taken back, rules; locked until the end. Raises NotFound."""
    row = await one(
        """SELECT kind, title, taken_back_at IS NOT NULL AS gone, rules FROM platform.bulletin
        WHERE id = $1 AND province = $2 FOR UPDATE""",
        bulletin, province.id,
    )  # fmt: skip
    if row is None:
        raise NotFound(bulletin)
    return row["kind"], row["title"], row["gone"], [read_entry(entry) for entry in json.loads(row["rules"])]


async def send_further(province_slug: str, bulletin: UUID, *, by: Reader) -> int:
    """Publish a bulletin to the committees of the province that do not have it (founded since, or left out): how many.

    Raises Refused(to=…) for none, Refused(bulletin=…) for one that is taken back, and NotFound.
    """
    async with platform_transaction():
        province = await province_of(province_slug, by)
        _, title, gone, rules = await _held(province, bulletin)
        if gone:
            raise Refused(bulletin=say("Văn bản này đã được thu hồi."))
        to = await addressed(province.id, None, besides=bulletin)
        await _address(bulletin, to)
        if rules:
            await _rules_changed([each.id for each in to], rules)
        await record_event(province, by, "bulletin_sent_further", str(bulletin), f"{title} ({len(to)})")
    return len(to)


async def hand_on(source: UUID, target: UUID) -> None:
    """Give a committee that comes out of another one the rules that stand there, before anything is judged in it. Needs
    a platform transaction.
    """
    given = await sql(
        """INSERT INTO platform.bulletin_receipt (bulletin, committee)
        SELECT b.id, $2 FROM platform.bulletin_receipt r JOIN platform.bulletin b ON b.id = r.bulletin
        WHERE r.committee = $1 AND b.kind = 'rules' AND b.taken_back_at IS NULL
        ON CONFLICT DO NOTHING RETURNING bulletin""",
        source, target,
    )  # fmt: skip
    if given:
        await _rules_changed([target], ())


async def take_back(province_slug: str, bulletin: UUID, *, reason: str, by: Reader) -> None:
    """Take a bulletin back: committees read the reason in its place, and its rules are as if they had never been for
    whatever is judged from now on. What is frozen stays; figures of closed months that change by it are corrections.

    Taking back twice changes nothing. Raises Refused(reason=…) and NotFound.
    """
    reason = " ".join(reason.split())
    async with platform_transaction():
        province = await province_of(province_slug, by)
        kind, title, gone, rules = await _held(province, bulletin)
        if gone:
            return
        if not 3 <= len(reason) <= LONGEST_REASON:
            raise Refused(reason=say("Xin ghi lý do thu hồi; các cấp ủy sẽ đọc được lý do này."))
        await sql(
            """UPDATE platform.bulletin SET taken_back_at = now(), taken_back_by = $2, taken_back_reason = $3
            WHERE id = $1""",
            bulletin, by.name, reason,
        )  # fmt: skip
        if rules:
            rows = await sql("SELECT committee FROM platform.bulletin_receipt WHERE bulletin = $1", bulletin)
            await _rules_changed([r["committee"] for r in rows], rules)
        action = "rules_taken_back" if kind == "rules" else "bulletin_taken_back"
        await record_event(province, by, action, str(bulletin), f"{title}: {reason}")


async def _rules_changed(committees: Sequence[UUID], rules: Sequence[Rule]) -> None:
    """New look-ups of these committees read their rules anew; figures that are counted by them are counted again."""
    await sql(
        """UPDATE platform.committee c SET rules_version = rules_version + 1
        FROM (SELECT id FROM platform.committee WHERE id = ANY ($1) ORDER BY id FOR UPDATE) AS held
        WHERE c.id = held.id""",
        list(committees),
    )
    counted = [rule.from_on for rule in rules if rule.key in IN_FIGURES]
    if counted:
        await mark_committees_dirty(committees, min(counted), onward=True, cause="rules")
