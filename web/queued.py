"""What a phone's queue sends: whose it is, how it is read, what its clock says. Marks, pages and work come this way."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import unquote

import msgspec

from server import clock
from server.words import Refused, say
from web.access import NotSignedIn
from web.asking import Asked, reader_of

_Sent = TypeVar("_Sent")
_HASH = re.compile(r"[0-9a-f]{64}")


def check_account(request: Asked) -> None:
    """Raises NotSignedIn where what is sent belongs to another account than the session's: it would get the wrong
    author.
    """
    if request.headers.get("X-Account") not in (None, str(reader_of(request).account_id)):
        raise NotSignedIn


def decoded(decoder: msgspec.json.Decoder[_Sent], body: bytes) -> _Sent:
    """A body as its decoder reads it. Raises msgspec.MsgspecError, ValueError or RecursionError for what it can't."""
    try:
        return decoder.decode(body)
    except msgspec.MsgspecError:
        # Half of a sign (an emoji cut in two) is written \ud83d by browsers and read by no strict reader. One such word
        # must not hold back everything else that waits on the phone.
        return decoder.decode(json.dumps(json.loads(body), ensure_ascii=False).encode(errors="replace"))


def told_time(sent: str) -> datetime:
    """What a phone's clock said. It may be anywhere and never decides; what can't be read as a time is taken as now."""
    try:
        at = msgspec.convert(sent, datetime)
    except msgspec.ValidationError:
        return clock.now()
    return at if at.tzinfo else at.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Bare:
    """A file that comes as it is, without a form around it: what its sender says of it, and its bytes."""

    sha256: str
    size: int | None
    name: str
    body: AsyncIterator[bytes]


def bare_file(request: Asked) -> Bare:
    """The file of a request. Raises NotSignedIn, and Refused(file=…) (code ``no_hash``) where it has no hash."""
    check_account(request)
    claimed = request.headers.get("X-Sha256", "").strip().lower()
    if not _HASH.fullmatch(claimed):
        raise NoHash
    length = request.headers.get("Content-Length", "")
    name = unquote(request.headers.get("X-Name", ""), errors="replace")
    return Bare(claimed, int(length) if length.isdecimal() else None, name, request.stream())


class NoHash(Refused):
    """A file was sent without saying what it is."""

    code = "no_hash"

    def __init__(self) -> None:
        super().__init__(file=say("Lượt gửi không đúng mẫu nên chưa được nhận. Trang vẫn còn trong máy."))
