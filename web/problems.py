"""What goes wrong, said plainly: what happened, what was kept, what to do. JSON for scripts, a page for people."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote

import asyncpg
import urllib3
from litestar import Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect
from minio.error import MinioException

from infra.postgres import Away, Behind
from server.meetings.queries import NotFound
from server.words import Refused, say
from web.access import NoSuchPage, NotSignedIn, OnlyLooks
from web.asking import Asked
from web.doors import DOORS
from web.render import errors, page, translate

log = logging.getLogger("nennep.web")


class CrossSite(Exception):
    """A writing request that another site's page made."""


class OldPage(Exception):
    """A writing request from a page of another session, or from no page of ours."""


class FirstPassword(Exception):
    """The account's password was typed by somebody else and has to be changed first."""


class NoFactor(Exception):
    """The account's work asks for a second factor, and it has none yet."""


class Down(Exception):
    """The database did not answer."""


class BeingUpgraded(Exception):
    """The database does not have the tables of this program yet."""


class Closed(Exception):
    """The committee is not active. ``successor``: path and full name of the one into which it has merged."""

    def __init__(self, successor: tuple[str, str] | None = None) -> None:
        super().__init__(successor)
        self.successor = successor


_NOT_FOUND = (
    say("Không tìm thấy trang này"),
    say("Đường dẫn sai, hoặc nội dung không thuộc quyền xem của đồng chí."),
    say("Về trang chính và chọn lại từ đó."),
)


# What Litestar says, as a fault of ours, when a phone gives up before it has sent all of its request.
_HUNG_UP = "client disconnected prematurely"


def wants_json(request: Asked) -> bool:
    """Whether a script of ours asks, not a person."""
    return request.headers.get("X-Requested-With") == "nennep"


def _say(request: Asked, status: int, title: str, message: str, what_to_do: str = "") -> Response[Any]:
    told = [translate(request, words) for words in (title, message, what_to_do)]
    if wants_json(request):
        return Response({"message": f"{told[1]} {told[2]}".strip()}, status_code=status)
    return page(
        request, "pages/problem.html", status=status, title=told[0], message=told[1], what_to_do=told[2],
        action=(_way_out(request), translate(request, say("Về trang chính"))), number=_number(request),
    )  # fmt: skip


def _number(request: Asked) -> str:
    """What a person reads out to the office, who find the request's lines in the log by it."""
    return str(request.scope["state"].get("request_id", ""))


def _way_out(request: Asked) -> str:
    """Where a page that says no leads: never to one that says no again, or that is not this reader's to know of."""
    committee, reader = request.scope["state"].get("committee"), request.scope["state"].get("reader")
    if committee is None or reader is None or not reader.grants:
        return "/"
    return f"/{committee.slug}/" if committee.state == "active" else "/places"


def not_found(request: Asked, _: Exception) -> Response[Any]:
    """404, whether the thing does not exist or is not this reader's."""
    return _say(request, 404, *_NOT_FOUND)


def not_signed_in(request: Asked, _: Exception) -> Response[Any]:
    """To the log-in page and back; a script is told 401 and keeps what it has."""
    if wants_json(request):
        return Response(
            {"message": translate(request, say("Phiên đăng nhập đã hết. Xin đăng nhập lại."))},
            status_code=401,
        )
    after = request.url.path if request.method == "GET" else ""
    query = f"?{request.url.query}" if request.method == "GET" and request.url.query else ""
    step = "/login/code" if request.scope["state"].get("awaits_factor") else "/login"
    return Redirect(f"{step}?next={quote(after + query)}", status_code=303)


def closed(request: Asked, exception: Exception) -> Response[Any]:
    """423: what the committee is instead of open, with the reason for its own people, and where its cells are now."""
    committee = request.scope["state"]["committee"]
    assert isinstance(exception, Closed)
    if exception.successor is not None:
        return _merged(request, *exception.successor)
    title, message, own, what_to_do = DOORS[committee.state]
    reader = request.scope["state"].get("reader")
    if own is not None and reader is not None and reader.grants:
        # The reason was written for the committee's own people.
        message = say(own.msgid, reason=committee.state_reason or "—")
    return _say(request, 423, title, message, what_to_do)


def _merged(request: Asked, slug: str, title: str) -> Response[Any]:
    """The same for a committee that has merged; what a phone still holds for it is the phone's until people decide."""
    told = [
        translate(request, words)
        for words in (
            say("Cấp ủy này đã sáp nhập"),
            say("Các chi bộ của cấp ủy này nay thuộc {title}, ở đường dẫn /{slug}/.", title=title, slug=slug),
            say(
                "Những gì còn trong máy chưa gửi kịp vẫn giữ nguyên trong máy: xin báo văn phòng {title} để ghi lại.",
                title=title,
            ),
        )
    ]
    if wants_json(request):
        return Response({"message": f"{told[1]} {told[2]}"}, status_code=423)
    return page(
        request, "pages/problem.html", status=423, title=told[0], message=told[1], what_to_do=told[2],
        action=(f"/{slug}/", translate(request, say("Mở {title}", title=title))), number=_number(request),
    )  # fmt: skip


def refused(request: Asked, exception: Exception) -> Response[Any]:
    """422 for a refusal that no form of ours shows at a field."""
    assert isinstance(exception, Refused)
    reasons = " ".join(errors(request, exception).values())
    return _say(request, 422, say("Chưa thực hiện được"), reasons, say("Không có gì bị thay đổi."))


def cross_site(request: Asked, _: Exception) -> Response[Any]:
    """403 for a form that another site sent."""
    return _say(
        request, 403, say("Yêu cầu bị từ chối"), say("Yêu cầu này không đến từ trang của Nền Nếp."),
        say("Xin mở lại Nền Nếp và làm lại từ trang chính."),
    )  # fmt: skip


def old_page(request: Asked, _: Exception) -> Response[Any]:
    """403 for a form of a page from before the last log-in."""
    return _say(
        request, 403, say("Trang này đã cũ"),
        say("Trang được mở từ lần đăng nhập trước nên việc vừa rồi chưa được nhận. Không có gì bị thay đổi."),
        say("Xin mở lại trang và làm lại."),
    )  # fmt: skip


def first_password(request: Asked, _: Exception) -> Response[Any]:
    """To the page where the password is changed; a script is told 403 and keeps what it has."""
    if wants_json(request):
        message = say("Xin mở trang Tài khoản và đổi mật khẩu trước. Dữ liệu vẫn còn trong máy.")
        return Response({"message": translate(request, message)}, status_code=403)
    return Redirect("/account/password", status_code=303)


def no_factor(request: Asked, _: Exception) -> Response[Any]:
    """To the page where a second factor is set up; a script is told 403 and keeps what it has."""
    if wants_json(request):
        message = say("Xin mở trang Xác nhận hai bước và cài đặt trước. Dữ liệu vẫn còn trong máy.")
        return Response({"message": translate(request, message)}, status_code=403)
    return Redirect("/account/second-factor", status_code=303)


def only_looks(request: Asked, _: Exception) -> Response[Any]:
    """403 for whom a committee lets look, who wants to change something, to take it away, or to see more than that."""
    return _say(
        request, 403, say("Quyền hỗ trợ không mở được trang này"),
        say("Quyền hỗ trợ chỉ để xem các trang chung của văn phòng: không sửa, không tải tệp về."),
        say("Xin nhờ người của cấp ủy làm việc này."),
    )  # fmt: skip


def http(request: Asked, exception: Exception) -> Response[Any]:
    """What the framework refuses: unknown paths, wrong ids, methods, sizes."""
    assert isinstance(exception, HTTPException)
    status = exception.status_code
    if status in (404, 405) or (status == 400 and request.method == "GET"):
        return not_found(request, exception)
    if status == 413:
        return _say(
            request, 413, say("Tệp hoặc biểu mẫu quá lớn"), say("Nội dung gửi lên lớn hơn mức cho phép.")
        )
    if status < 500:
        return _say(
            request, 422, say("Chưa thực hiện được"), say("Nội dung gửi lên không đúng mẫu, xin xem lại.")
        )
    if exception.detail == _HUNG_UP:
        return Response(None, status_code=499)  # nobody hears it
    return broken(request, exception)


def unreadable(request: Asked, _: Exception) -> Response[Any]:
    """422 for what no field can hold, such as a NUL character: checked once, here, by PostgreSQL's own word."""
    return _say(
        request, 422, say("Chưa thực hiện được"), say("Nội dung gửi lên có ký tự không đọc được, xin ghi lại."),
        say("Không có gì bị thay đổi."),
    )  # fmt: skip


def down(request: Asked, exception: Exception) -> Response[Any]:
    """503 while the database is away: phones keep what they have and try again."""
    log.warning("database away: %s", type(exception).__name__)
    return _say(
        request, 503, say("Hệ thống đang khởi động lại"), say("Việc vừa rồi chưa được ghi."),
        say("Xin thử lại sau ít phút; những gì đã lưu trong máy vẫn còn và sẽ tự gửi lại."),
    )  # fmt: skip


def store_away(request: Asked, exception: Exception) -> Response[Any]:
    """503 while the object store is away: phones keep their pages and try again."""
    log.warning("object store away: %s", type(exception).__name__)
    return _say(
        request, 503, say("Kho ảnh đang tạm nghỉ"), say("Kho ảnh đang tạm nghỉ nên chưa gửi hoặc mở được ảnh."),
        say("Trang vẫn còn trong máy, xin thử lại sau ít phút."),
    )  # fmt: skip


def behind(request: Asked, exception: Exception) -> Response[Any]:
    """503 where a committee's schema lacks what this program reads: its migration is stuck, or still on its way.

    One of thousands is no reason to take the process away from all others (web/health.py), so its own pages say it.
    """
    log.error("schema behind the program", exc_info=exception)
    if request.scope["state"].get("committee") is None:
        title = say("Hệ thống đang được nâng cấp")
        message = say("Dữ liệu đang được chuyển sang bản mới nên việc vừa rồi chưa được ghi.")
    else:
        title = say("Cấp ủy đang được nâng cấp")
        message = say("Dữ liệu của cấp ủy đang được chuyển sang bản mới nên việc vừa rồi chưa được ghi.")
    return _say(
        request, 503, title, message,
        say("Xin thử lại sau ít phút; những gì đã lưu trong máy vẫn còn và sẽ tự gửi lại."),
    )  # fmt: skip


def broken(request: Asked, exception: Exception) -> Response[Any]:
    """500: our fault; the log has the details, the page has none."""
    log.error("unhandled", exc_info=exception)
    return _say(
        request, 500, say("Hệ thống gặp lỗi"), say("Việc vừa rồi chưa thực hiện được. Lỗi đã được ghi lại."),
        say("Xin thử lại sau ít phút; những gì đã lưu trong máy vẫn còn."),
    )  # fmt: skip


HANDLERS: dict[int | type[Exception], Any] = {
    NotSignedIn: not_signed_in,
    NoSuchPage: not_found,
    NotFound: not_found,
    Closed: closed,
    CrossSite: cross_site,
    OldPage: old_page,
    FirstPassword: first_password,
    NoFactor: no_factor,
    OnlyLooks: only_looks,
    Refused: refused,
    HTTPException: http,
    Down: down,
    **dict.fromkeys(Away, down),
    MinioException: store_away,
    urllib3.exceptions.HTTPError: store_away,
    asyncpg.DataError: unreadable,
    BeingUpgraded: behind,
    **dict.fromkeys(Behind, behind),
    Exception: broken,
}
