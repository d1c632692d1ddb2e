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

from infra.postgres import Away
from server.meetings.queries import NotFound
from server.words import Refused, say
from web.access import NoSuchPage, NotSignedIn
from web.asking import Asked
from web.render import errors, page, translate

log = logging.getLogger("nennep.web")


class CrossSite(Exception):
    """A writing request that another site's page made."""


class OldPage(Exception):
    """A writing request from a page of another session, or from no page of ours."""


class FirstPassword(Exception):
    """The account's password was typed by somebody else and has to be changed first."""


class Down(Exception):
    """The database did not answer."""


class Closed(Exception):
    """The committee is suspended, or still being founded."""


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
        action=(_way_out(request), translate(request, say("Về trang chính"))),
    )  # fmt: skip


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
    return Redirect(f"/login?next={quote(after + query)}", status_code=303)


def closed(request: Asked, _: Exception) -> Response[Any]:
    """423: suspended, with the reason the province gave, or being founded."""
    committee = request.scope["state"]["committee"]
    if committee.state == "founding":
        return _say(
            request, 423, say("Cấp ủy đang được lập"),
            say("Không gian làm việc của cấp ủy này đang được tạo."), say("Xin mở lại trang này sau ít phút."),
        )  # fmt: skip
    reader = request.scope["state"].get("reader")
    why = say("Quản trị tỉnh đã tạm ngừng cấp ủy này.")
    if reader is not None and reader.grants:
        # The reason was written for the committee's own people.
        why = say(
            "Quản trị tỉnh đã tạm ngừng cấp ủy này. Lý do: {reason}", reason=committee.state_reason or "—"
        )
    return _say(
        request, 423, say("Cấp ủy tạm ngừng hoạt động"), why,
        say("Dữ liệu vẫn được giữ nguyên. Xin liên hệ quản trị tỉnh."),
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
    Refused: refused,
    HTTPException: http,
    Down: down,
    **dict.fromkeys(Away, down),
    MinioException: store_away,
    urllib3.exceptions.HTTPError: store_away,
    asyncpg.DataError: unreadable,
    Exception: broken,
}
