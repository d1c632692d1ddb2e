"""The user guide's pages: for everybody, the same for everybody, and without a look at the database."""

from __future__ import annotations

import asyncio

from litestar import Response, get
from litestar.enums import MediaType
from litestar.params import FromPath
from markupsafe import Markup

from web.access import NoSuchPage, anyone
from web.guide.pages import pages
from web.render import environment

# A phone may read again without network what it has read in the last week.
_CACHE = "public, max-age=3600, stale-while-revalidate=604800, stale-if-error=604800"


@get("/guide", access=anyone)
async def first_page() -> Response[str]:
    """What there is to read."""
    return await _show("")


@get("/guide/{name:str}", access=anyone)
async def guide_page(name: FromPath[str]) -> Response[str]:
    """One page."""
    return await _show(name)


async def _show(name: str) -> Response[str]:
    # Read once by each process, which takes a third of a second: not on the loop on which others mark.
    page = (await asyncio.to_thread(pages)).get(name)
    if page is None:
        raise NoSuchPage
    # Written in Vietnamese, so what stands around it is in Vietnamese too, whatever language the reader chose.
    body = (
        environment("vi")
        .get_template("guide/guide.html")
        .render(page=page, text=Markup(page.html), first=not name)  # noqa: S704  our own text, no HTML in it
    )
    return Response(body, media_type=MediaType.HTML, headers={"Cache-Control": _CACHE})
