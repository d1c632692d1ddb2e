"""What the rules that a province may publish are called, and in what they are measured."""

from __future__ import annotations

from server.rulebook.entries import Rule
from server.words import Say, say

Name = tuple[str, str | None]

# (key, scope) in the order of the form. When a month closes is not among them: it closes for a whole province.
TITLES: dict[Name, Say] = {
    ("attendance_target", None): say("Tỷ lệ dự sinh hoạt phải đạt"),
    ("meeting_band_from", "good"): say("Sinh hoạt xếp loại tốt từ"),
    ("meeting_band_from", "fair"): say("Sinh hoạt xếp loại khá từ"),
    ("meeting_band_from", "average"): say("Sinh hoạt xếp loại trung bình từ"),
    ("regular_meetings_a_month", None): say("Số kỳ sinh hoạt định kỳ mỗi tháng"),
    ("thematic_meetings_a_quarter", None): say("Số kỳ sinh hoạt chuyên đề mỗi quý"),
    ("minimum_minutes", None): say("Thời gian một kỳ sinh hoạt ít nhất"),
    ("minimum_minutes", "combined"): say("Thời gian kỳ sinh hoạt định kỳ kèm chuyên đề ít nhất"),
    ("notice_days_before", None): say("Báo lịch họp trước ít nhất"),
    ("papers_days_before", None): say("Gửi tài liệu họp trước ít nhất"),
    ("results_days_after", None): say("Hoàn thành văn bản sau kỳ họp chậm nhất"),
    ("excused_absences_in_a_row", None): say("Số lần vắng có lý do liền nhau được phép"),
    ("vote_passes", None): say("Biểu quyết được thông qua khi quá"),
    ("vote_passes", "admission_or_expulsion"): say("Kết nạp, khai trừ được thông qua khi đạt ít nhất"),
    ("cell_official_members", None): say("Số đảng viên chính thức ít nhất của một chi bộ"),
    ("cell_committee_from_official_members", None): say("Được bầu chi ủy khi có từ"),
    ("grassroots_body_official_members", None): say("Số đảng viên chính thức ít nhất của một đảng bộ cơ sở"),
    ("standing_committee_at_most", None): say("Ban thường vụ nhiều nhất so với cấp ủy"),
    ("exemption_decided_by", "age_health"): say("Miễn sinh hoạt vì tuổi cao, sức khỏe do cấp nào quyết định"),
    ("exemption_decided_by", "away_work"): say("Miễn sinh hoạt vì đi làm xa do cấp nào quyết định"),
    ("exemption_at_most_months", "away_work"): say("Miễn sinh hoạt vì đi làm xa nhiều nhất"),
    ("exemption_renewal_months", "away_work"): say("Mỗi lần gia hạn miễn sinh hoạt vì đi làm xa"),
    ("probation_months", None): say("Thời gian dự bị"),
    ("admission_age", "from"): say("Tuổi kết nạp từ"),
    ("admission_age", "to"): say("Tuổi kết nạp đến"),
    ("organisation_code_digits", None): say("Số chữ số của mã tổ chức đảng"),
    ("card_digits", None): say("Số chữ số của thẻ đảng viên"),
    ("document_margin", "top"): say("Lề trên của văn bản"),
    ("document_margin", "bottom"): say("Lề dưới của văn bản"),
    ("document_margin", "left"): say("Lề trái của văn bản"),
    ("document_margin", "right"): say("Lề phải của văn bản"),
    ("document_font_size", None): say("Cỡ chữ của văn bản"),
    ("document_line", None): say("Khoảng cách dòng của văn bản"),
    ("document_typeface", None): say("Phông chữ của văn bản"),
    ("document_signed_for", "cell"): say("Thể thức ký của chi bộ"),
}
# Rules by which figures are counted: where they change, figures are counted again.
IN_FIGURES = frozenset({"meeting_band_from"})

UNITS: dict[str, Say] = {
    "days": say("ngày"), "months": say("tháng"), "minutes": say("phút"), "percent": say("phần trăm"),
    "points": say("điểm"), "members": say("đảng viên"), "meetings": say("kỳ họp"), "digits": say("chữ số"),
    "years": say("tuổi"), "times": say("lần"), "share": say("phần"), "mm": say("mm"), "pt": say("pt"),
}  # fmt: skip
BODIES: dict[str, Say] = {"cell": say("chi bộ"), "committee": say("cấp ủy")}
CONFIDENCE_WORDS: dict[str, Say] = {
    "C": say("đã thấy trên văn bản chính thức"),
    "G": say("thấy trong tệp không chính thức"),
    "B": say("chưa thấy văn bản, cần kiểm tra lại"),
}


def title_of(key: str, scope: str | None) -> str:
    """What a rule is called; its key where no form of ours has it."""
    return TITLES.get((key, scope)) or (f"{key} ({scope})" if scope else key)


def value_of(rule: Rule) -> Say | str:
    """A rule's value with its unit, as pages show it: 90 phần trăm, 2/3, chi bộ."""
    if rule.unit == "body":
        return BODIES.get(str(rule.value), str(rule.value))
    if rule.unit in ("share", "words"):
        return str(rule.value)
    return say("{n} {unit}", n=rule.value, unit=UNITS.get(rule.unit, rule.unit))
