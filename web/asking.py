"""What a handler is given: the request, its form, and the person who asks."""

from __future__ import annotations

from typing import Annotated, Any

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
