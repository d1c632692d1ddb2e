"""Who opened, took and did what in a committee, for its administrators."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromQuery

from infra.postgres import Record
from server.accounts import queries
from server.looks import PAGE, Wanted, looks, named
from server.words import Say, say
from tenants.current import current
from tenants.transactions import transaction
from web.access import committee_administrator
from web.asking import Asked, date_in, uuid_in
from web.render import page, translate
from web.words import day as day_word
from web.words import kind_word, moment

ACTIONS = {
    "minutes_opened": say("mở biên bản"),
    "minutes_downloaded": say("tải biên bản về"),
    "minutes_corrected": say("sửa chữ của biên bản"),
    "minutes_figures_confirmed": say("xác nhận số liệu của biên bản"),
    "minutes_binned": say("xóa biên bản vào thùng rác"),
    "minutes_restored": say("khôi phục biên bản"),
    "minutes_erased": say("xóa hẳn biên bản"),
    "minutes_asked_again": say("cho xử lý lại biên bản"),
    "minutes_page_turned": say("xoay một trang biên bản"),
    "minutes_page_kept": say("giữ một trang giống nhau"),
    "minutes_page_dropped": say("bỏ một trang giống nhau"),
    "minutes_file_kept": say("giữ một tệp gửi trùng"),
    "minutes_file_dropped": say("bỏ một tệp gửi trùng"),
    "members_viewed": say("xem danh sách đảng viên"),
    "members_exported": say("tải sổ đảng viên về"),
    "member_year_viewed": say("xem phiếu theo dõi cả năm của một đảng viên"),
    "assignment_opened": say("mở một việc được giao"),
    "assignment_cancelled": say("hủy một việc được giao"),
    "assignment_settled": say("chốt chỗ ghi khác nhau của một việc"),
    "assignment_file_downloaded": say("tải ảnh, tệp kèm theo một việc"),
    "assignment_file_removed": say("gỡ ảnh, tệp kèm theo một việc"),
    "assignments_seeing_set": say("đổi việc đảng viên thấy việc của ai"),
    "assignments_exported": say("tải danh sách việc về"),
    "assignments_taken_over": say("ghi việc trong biên bản vào danh sách việc"),
    "resolution_written": say("ghi nghị quyết chuyên đề về phân công"),
    "resolution_works_put_in": say("đưa việc vào nghị quyết chuyên đề"),
    "resolution_works_taken_out": say("đưa việc ra khỏi nghị quyết chuyên đề"),
    "member_list_read": say("đọc một danh sách đảng viên"),
    "member_list_written": say("ghi danh sách đảng viên vào sổ"),
    "member_list_dropped": say("bỏ một danh sách đảng viên"),
    "roll_closed": say("khóa điểm danh"),
    "meeting_people_named": say("ghi chủ trì, thư ký của kỳ họp"),
    "meeting_not_held": say("ghi kỳ họp không tổ chức"),
    "meeting_scored": say("chấm điểm kỳ họp"),
    "classification_told": say("ghi kết quả xếp loại của chi bộ"),
    "meeting_planned_again": say("đưa kỳ họp trở lại lịch"),
    "setting_changed": say("đổi một cài đặt của cấp ủy"),
    "cell_reminded": say("nhắc một chi bộ"),
    "invited": say("mời một người dùng"),
    "invitation_withdrawn": say("rút một lời mời"),
    "role_taken_away": say("ngừng quyền của một người"),
    "password_link_issued": say("tạo đường dẫn đặt lại mật khẩu"),
    "role_member_set": say("ghi tài khoản là đảng viên nào"),
    "usual_work_added": say("thêm một việc thường kỳ"),
    "usual_work_changed": say("sửa một việc thường kỳ"),
    "usual_work_ended": say("ngừng một việc thường kỳ"),
    "usual_work_exception": say("đổi một kỳ của việc thường kỳ"),
    "support_given": say("cho một người của tỉnh xem"),
    "support_ended": say("ngừng quyền hỗ trợ"),
    "export_fetched": say("tải toàn bộ dữ liệu của cấp ủy về"),
    "support_looked": say("người của tỉnh xem một trang"),
}
# What pages are called in the record, by what follows the committee's path; the first that fits.
_PAGES: tuple[tuple[str, Say], ...] = (
    ("", say("Trang chính")),
    ("meetings", say("Cuộc họp")),
    ("meetings/[^/]+/(roll-call|changes)", say("Bảng điểm danh")),
    ("meetings/[^/]+/assignments", say("Việc của cuộc họp")),
    ("meetings/[^/]+", say("Một cuộc họp")),
    ("cells", say("Các chi bộ")),
    ("cells/[^/]+/assignments", say("Bảng việc của một chi bộ")),
    ("cells/[^/]+", say("Một chi bộ")),
    ("members", say("Sổ đảng viên")),
    ("minutes", say("Biên bản")),
    ("minutes/search", say("Tìm trong biên bản")),
    ("minutes/[^/]+/figures", say("Số liệu của một biên bản")),
    ("minutes/[^/]+", say("Một biên bản")),
    ("assignments", say("Danh sách việc")),
    ("assignments/figures", say("Số liệu giao việc")),
    ("assignments/[^/]+", say("Một việc")),
)
# Whose detail is a reason that somebody typed, and so is worth showing.
_WITH_REASON = ("minutes_binned", "meeting_not_held", "support_given")


@get("/{slug:str}/looks", access=committee_administrator)
async def show_looks(
    request: Asked,
    who: FromQuery[str] = "",
    about: FromQuery[str] = "",
    day: FromQuery[str] = "",
    before: FromQuery[str] = "",
) -> Response[str]:
    """The record, fifty at a time; ``who`` an account, ``about`` what it happened to, ``day`` a date."""
    on = date_in(day) if day else None
    wanted = Wanted(uuid_in(who), about[:100], on)
    async with transaction(read_only=True):
        rows = await looks(
            wanted, before=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
        )
        found = await named(
            {row["subject"] for row in rows} | ({wanted.subject} if wanted.subject else set())
        )
    people = {row["account"]: row["name"] for row in await queries.people_of(current().id)}
    people |= {row["account"]: row["by_name"] for row in rows if row["account"] == wanted.account}
    shown, more = rows[:PAGE], len(rows) > PAGE
    given = {"who": str(wanted.account or ""), "about": wanted.subject, "day": on.isoformat() if on else ""}
    return page(
        request, "accounts/looks.html", rows=[_row(request, row, found, given) for row in shown],
        who=given["who"], about=given["about"], day=given["day"],
        people=sorted(((str(account), name) for account, name in people.items()), key=lambda one: one[1]),
        about_words=_about(found[wanted.subject])[0] if wanted.subject in found else None,
        wrong_day=bool(day) and on is None,
        next_href=_link({**given, "before": str(shown[-1]["id"])}) if more else None, filtered=any(given.values()),
        first_href=_link(given) if before else None, home=f"/{current().slug}/looks",
        back=(f"/{current().slug}/", translate(request, say("Hôm nay"))),
    )  # fmt: skip


def page_words(path: str) -> Say | None:
    """What the page at a path of this committee is called; None where it has no name of its own."""
    rest = path.removeprefix(f"/{current().slug}").strip("/")
    return next((words for pattern, words in _PAGES if re.fullmatch(pattern, rest)), None)


def _link(given: dict[str, str]) -> str:
    return f"/{current().slug}/looks?{urlencode({key: value for key, value in given.items() if value})}"


def _row(request: Asked, row: Record, found: dict[str, Record], given: dict[str, str]) -> dict[str, Any]:
    thing = found.get(row["subject"])
    words, href = _about(thing) if thing else _looked(row)
    return {
        "when": moment(row["at"]), "who": row["by_name"],
        "what": translate(request, ACTIONS.get(row["action"], row["action"])),
        "about": words, "href": href, "reason": row["detail"] if row["action"] in _WITH_REASON else None,
        "who_href": _link({**given, "who": str(row["account"] or "")}),
        "about_href": _link({**given, "about": row["subject"]}) if thing else None,
    }  # fmt: skip


def _looked(row: Record) -> tuple[Say | str | None, str | None]:
    if row["action"] in ("support_given", "support_ended"):
        return say("Quyền hỗ trợ"), f"/{current().slug}/support"
    if row["action"] != "support_looked":
        return None, None
    return page_words(row["subject"]) or row["subject"], row["subject"]


def _about(thing: Record) -> tuple[Say | str, str | None]:
    base, which = f"/{current().slug}", thing["id"]
    if thing["what"] == "cell":
        return thing["cell_name"], f"{base}/cells/{which}"
    words = say(
        "{kind}, {day}, {cell}",
        kind=kind_word(thing["kind"]),
        day=day_word(thing["held_on"]),
        cell=thing["cell_name"],
    )
    folder = {"minutes": "minutes", "meeting": "meetings"}.get(thing["what"])
    return words, f"{base}/{folder}/{which}" if folder else None
