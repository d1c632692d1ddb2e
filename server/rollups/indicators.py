"""What a province reads of its committees: each indicator with its base, its words and how it is computed.

An indicator is made of columns of platform.rollup. A rate is the sum of ``part`` over the sum of ``base``; a sum over
several committees or months takes only those in which none of its columns is null.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from server.words import Say, say

# Of fewer people than this a number says who they are: "fewer than 5" is shown in its place.
SMALLEST_SHOWN = 5

MEMBERS = ("members_official", "members_probationary")
ATTENDING, EXPECTED = ("present", "late"), ("expected", "exempt_attending")
WORK_DONE = ("assignments_better", "assignments_on_time", "assignments_late")
QUALITY = ("quality_good", "quality_fair", "quality_average", "quality_weak")


@dataclass(frozen=True)
class Indicator:
    """One indicator. ``people``: it counts persons, so small numbers are hidden; ``base`` None: a plain count."""

    key: str
    title: Say
    unit: Literal["count", "rate"]
    part: tuple[str, ...]
    base: tuple[str, ...] | None
    people: bool
    how: Say

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column it needs, each once."""
        return tuple(dict.fromkeys(self.part + (self.base or ())))

    def of(self, row: Mapping[str, Any]) -> tuple[int | None, int | None]:
        """(part, base) of one committee's month; the base of a count is None, both are where a column is null."""
        if any(row[name] is None for name in self.columns):
            return None, None
        return sum(row[n] for n in self.part), sum(row[n] for n in self.base) if self.base else None

    def over(self, rows: Iterable[Mapping[str, Any]]) -> tuple[int | None, int | None]:
        """(part, base) over several rows: of those in which it was computed; (None, None) where there is none."""
        told = [pair for row in rows if (pair := self.of(row))[0] is not None]
        if not told:
            return None, None
        part, base = (sum(pair[n] or 0 for pair in told) for n in (0, 1))
        return part, base if self.base else None


def _count(key: str, title: Say, part: tuple[str, ...], how: Say, *, people: bool = False) -> Indicator:
    return Indicator(key, title, "count", part, None, people, how)


def _rate(
    key: str, title: Say, part: tuple[str, ...], base: tuple[str, ...], how: Say, *, people: bool = False
) -> Indicator:
    return Indicator(key, title, "rate", part, base, people, how)


INDICATORS: tuple[Indicator, ...] = (
    _count("cells", say("Chi bộ"), ("cells",), say("Số chi bộ thuộc cấp ủy vào ngày cuối tháng.")),
    _rate(
        "met", say("Chi bộ đã họp"), ("cells_met",), ("cells",),
        say("Số chi bộ có ít nhất một kỳ họp đã khóa điểm danh trong tháng, trên số chi bộ vào ngày cuối tháng."),
    ),
    _rate(
        "not_met", say("Chi bộ không họp"), ("cells_not_met",), ("cells",),
        say("Số chi bộ đã báo không họp và không có kỳ họp nào trong tháng, trên số chi bộ vào ngày cuối tháng."),
    ),
    _rate(
        "not_reported", say("Chi bộ chưa báo cáo"), ("cells_not_reported",), ("cells",),
        say("Số chi bộ chưa có kỳ họp nào đã khóa điểm danh và cũng chưa báo không họp, trên số chi bộ."),
    ),
    _count(
        "meetings_held", say("Kỳ họp đã tổ chức"), ("meetings_held",),
        say("Số kỳ họp có ngày họp trong tháng và đã khóa điểm danh, kể cả họp chuyên đề và bất thường."),
    ),
    _rate(
        "attendance", say("Dự sinh hoạt"), ATTENDING, EXPECTED,
        say("Lượt có mặt và đến muộn, trên lượt phải dự và lượt miễn nhưng vẫn dự; chỉ tính điểm danh đã khóa."),
        people=True,
    ),
    _count(
        "members", say("Đảng viên"), MEMBERS,
        say("Số đảng viên chính thức và dự bị thuộc các chi bộ của cấp ủy vào ngày cuối tháng."), people=True,
    ),
    _rate(
        "probationary", say("Đảng viên dự bị"), ("members_probationary",), MEMBERS,
        say("Số đảng viên chưa đến ngày chính thức vào ngày cuối tháng, trên tổng số đảng viên."), people=True,
    ),
    _rate(
        "exempt_age_health", say("Miễn sinh hoạt do tuổi, sức khỏe"), ("exempt_age_health",), MEMBERS,
        say("Số đảng viên được miễn công tác và sinh hoạt do tuổi cao, sức khỏe yếu vào ngày cuối tháng, trên tổng số \
đảng viên."), people=True,
    ),
    _rate(
        "exempt_away_work", say("Tạm miễn do đi làm xa"), ("exempt_away_work",), MEMBERS,
        say("Số đảng viên được tạm miễn do đi làm xa vào ngày cuối tháng, trên tổng số đảng viên."), people=True,
    ),
    _rate(
        "assigned", say("Đảng viên được giao việc"), ("members_assigned",), ("members_assignable",),
        say("Số đảng viên có ít nhất một việc đang làm trong tháng, trên số đảng viên không được miễn vào ngày cuối \
tháng."), people=True,
    ),
    _count(
        "work_live", say("Việc đang làm trong tháng"), ("assignments_live",),
        say("Số việc được giao đang làm vào ít nhất một ngày trong tháng."),
    ),
    _rate(
        "work_done", say("Việc đến hạn đã xong"), WORK_DONE, ("assignments_due",),
        say("Số việc đã xong (tốt hơn yêu cầu, đúng hạn, chậm hạn), trên số việc có hạn trong tháng; việc đã hủy không \
tính."),
    ),
    _rate(
        "work_late", say("Việc xong chậm hạn"), ("assignments_late",), ("assignments_due",),
        say("Số việc xong sau hạn, trên số việc có hạn trong tháng."),
    ),
    _rate(
        "work_not_done", say("Việc không hoàn thành"), ("assignments_not_done",), ("assignments_due",),
        say("Số việc kết luận là không hoàn thành, trên số việc có hạn trong tháng."),
    ),
    _rate(
        "minutes_received", say("Biên bản đã nhận"), ("meetings_with_minutes",), ("meetings_held",),
        say("Số kỳ họp đã tổ chức có biên bản nhận đủ trang, trên số kỳ họp đã tổ chức trong tháng."),
    ),
    _rate(
        "quality_told", say("Kỳ họp đã chấm điểm"), QUALITY, ("meetings_held",),
        say("Số kỳ họp có điểm chất lượng, trên số kỳ họp đã tổ chức trong tháng."),
    ),
    _rate(
        "quality_good", say("Chất lượng sinh hoạt tốt"), ("quality_good",), QUALITY,
        say("Số kỳ họp đạt mức tốt theo điểm chi bộ tự chấm và quy định có hiệu lực vào ngày họp, trên số kỳ họp đã \
chấm điểm."),
    ),
    _rate(
        "quality_fair", say("Chất lượng sinh hoạt khá"), ("quality_fair",), QUALITY,
        say("Số kỳ họp đạt mức khá, trên số kỳ họp đã chấm điểm."),
    ),
    _rate(
        "quality_average", say("Chất lượng sinh hoạt trung bình"), ("quality_average",), QUALITY,
        say("Số kỳ họp đạt mức trung bình, trên số kỳ họp đã chấm điểm."),
    ),
    _rate(
        "quality_weak", say("Chất lượng sinh hoạt kém"), ("quality_weak",), QUALITY,
        say("Số kỳ họp ở mức kém, trên số kỳ họp đã chấm điểm."),
    ),
)  # fmt: skip
BY_KEY: dict[str, Indicator] = {one.key: one for one in INDICATORS}

# The same of a year's classification: columns of platform.rollup_year.
_CELLS, _RATED = ("cells_told",), ("members",)
_OF_CELLS = say("Số chi bộ xếp loại này, trên số chi bộ đã có kết quả xếp loại của năm.")
_OF_MEMBERS = say("Số đảng viên xếp loại này, trên số đảng viên thuộc diện đánh giá của các chi bộ đã báo.")
YEARLY: tuple[Indicator, ...] = (
    _rate(
        "cells_told", say("Chi bộ đã có kết quả xếp loại"), _CELLS, ("cells",),
        say("Số chi bộ đã có kết quả xếp loại của năm, trên số chi bộ vào ngày cuối năm."),
    ),
    _rate("cells_excellent", say("Chi bộ hoàn thành xuất sắc nhiệm vụ"), ("cells_excellent",), _CELLS, _OF_CELLS),
    _rate("cells_good", say("Chi bộ hoàn thành tốt nhiệm vụ"), ("cells_good",), _CELLS, _OF_CELLS),
    _rate("cells_completed", say("Chi bộ hoàn thành nhiệm vụ"), ("cells_completed",), _CELLS, _OF_CELLS),
    _rate("cells_failed", say("Chi bộ không hoàn thành nhiệm vụ"), ("cells_failed",), _CELLS, _OF_CELLS),
    _rate(
        "members_excellent", say("Đảng viên hoàn thành xuất sắc nhiệm vụ"), ("members_excellent",), _RATED,
        _OF_MEMBERS, people=True,
    ),
    _rate(
        "members_good", say("Đảng viên hoàn thành tốt nhiệm vụ"), ("members_good",), _RATED, _OF_MEMBERS, people=True
    ),
    _rate(
        "members_completed", say("Đảng viên hoàn thành nhiệm vụ"), ("members_completed",), _RATED, _OF_MEMBERS,
        people=True,
    ),
    _rate(
        "members_failed", say("Đảng viên không hoàn thành nhiệm vụ"), ("members_failed",), _RATED, _OF_MEMBERS,
        people=True,
    ),
    _rate(
        "members_not_rated", say("Đảng viên chưa đánh giá"), ("members_not_rated",), _RATED,
        say("Số đảng viên chưa được đánh giá, xếp loại và có ghi lý do, trên số đảng viên thuộc diện đánh giá."),
        people=True,
    ),
)  # fmt: skip
