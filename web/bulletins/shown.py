"""Bulletins and rules as pages of the province and of its committees show them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response
from litestar.response import Stream

from infra.postgres import Record
from server.bulletins.files import download_name
from server.bulletins.preview import Change
from server.bulletins.queries import PAGE
from server.bulletins.titles import CONFIDENCE_WORDS, title_of, value_of
from server.meetings.queries import NotFound
from server.minutes.names import attachment
from server.rulebook.entries import Rule, read_entry
from server.words import Say, say
from web.minutes.pictures import begun
from web.words import day, moment


def head_of(row: Record, base: str) -> dict[str, Any]:
    """What every list and page says of a bulletin; ``base``: the address below which it stands."""
    return {
        "href": f"{base}/{row['id']}", "title": row["title"], "number": row["number"], "kind": row["kind"],
        "kind_word": say("bộ quy định") if row["kind"] == "rules" else say("văn bản"),
        "published": moment(row["published_at"]), "by": row["by_name"],
        "gone": {"at": moment(row["taken_back_at"]), "by": row["taken_back_by"], "reason": row["taken_back_reason"]}
        if row["taken_back_at"] else None,
    }  # fmt: skip


def whole_of(row: Record, base: str) -> dict[str, Any]:
    """The same with its text, its file and its rules."""
    file = {"name": row["file_name"], "href": f"{base}/{row['id']}/file", "size": _size(row["file_bytes"]),
            "sha256": row["file_sha256"]}  # fmt: skip
    return {
        **head_of(row, base), "lines": row["body"].splitlines(), "file": file if row["file_name"] else None,
        "rules": [rule_of(rule) for rule in rules_of(row)],
    }  # fmt: skip


def rules_of(row: Record) -> list[Rule]:
    """The rules of a bulletin's row."""
    return [read_entry(entry) for entry in json.loads(row["rules"])]


def rule_of(rule: Rule) -> dict[str, Any]:
    """One rule: title, value, days, source, confidence, note."""
    return {
        "title": title_of(rule.key, rule.scope), "value": value_of(rule), "days": days_of(rule), "source": rule.source,
        "confidence": CONFIDENCE_WORDS[rule.confidence], "note": rule.note, "unsure": rule.confidence == "B",
    }  # fmt: skip


def days_of(rule: Rule) -> Say:
    """From 01/12/2026 on, or to a day."""
    if rule.to_on is None:
        return say("từ {first}", first=day(rule.from_on))
    return say("từ {first} đến {last}", first=day(rule.from_on), last=day(rule.to_on))


def change_of(change: Change) -> dict[str, Any]:
    """One change of a preview: what stands in whose place, since when, for whom."""
    return {
        "title": title_of(change.rule.key, change.rule.scope), "value": value_of(change.rule),
        "days": days_of(change.rule), "since": day(change.since), "everywhere": change.everywhere,
        "other": value_of(change.other) if change.other else None,
        "same": change.other is not None and change.other.value == change.rule.value,
        "other_source": change.other.source if change.other else "",
        "committees": change.committees, "n": len(change.committees),
    }  # fmt: skip


def _size(size: int) -> str:
    return f"{max(1, round(size / 1000)):,} KB".replace(",", ".")


def further(rows: Sequence[Mapping[str, Any]], path: str) -> tuple[list[Any], str | None]:
    """The rows of one page, and where the next one is."""
    shown = list(rows[:PAGE])
    return shown, f"{path}?before={shown[-1]['id']}" if len(rows) > PAGE else None


async def sent_file(row: Record) -> Response[Any] | Stream:
    """The file of a bulletin, byte for byte as it was published, never opened in the browser. Raises NotFound."""
    if not row["file_key"]:
        raise NotFound(row["id"])
    return Stream(
        await begun(row["file_key"]), media_type="application/pdf",
        headers={
            "Content-Disposition": attachment(download_name(row["file_sha256"])),
            "Content-Length": str(row["file_bytes"]), "Content-Security-Policy": "sandbox",
            "Cache-Control": "private, no-store",
        },
    )  # fmt: skip
