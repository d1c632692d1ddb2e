"""What a handler is given: the request, its form, and the person who asks."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request
from litestar.enums import RequestEncodingType
from litestar.params import Body

from server.accounts.reader import Reader

Asked = Request[Any, Any, Any]
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


def reader_of(request: Asked) -> Reader:
    """Who asks; only behind an access rule that wants somebody logged in."""
    reader: Reader = request.scope["state"]["reader"]
    return reader


def date_in(text: str) -> date | None:
    """A date as people (03/11/2026) or browsers (2026-11-03) write it; None for what is none."""
    try:
        if "/" in text:
            day, month, year = text.split("/")
            return date(int(year), int(month), int(day))
        return date.fromisoformat(text)
    except (ValueError, OverflowError):
        return None


def uuid_in(text: str) -> UUID | None:
    """An id that a form carries; None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
