"""The whole country's figures: provinces, never committees of theirs, for who may read them."""

from __future__ import annotations

from litestar import Response, get
from litestar.params import FromQuery

from server.names import fold
from server.province.country import country
from server.province.figures import folded
from server.words import say
from tenants.transactions import platform_transaction
from web.access import country_viewer
from web.asking import Asked
from web.province import choosing
from web.render import Place, page, translate
from web.words import moment, month_title


@get("/country", access=country_viewer)
async def show_country(
    request: Asked, month: FromQuery[str] = "", show: FromQuery[str] = "", sort: FromQuery[str] = "",
    q: FromQuery[str] = "",
) -> Response[str]:  # fmt: skip
    """A month, province by province."""
    asked, path = choosing.read(month, show, sort, q), "/country/"
    async with platform_transaction(read_only=True):
        found = await country(asked.month, {one.key for one in asked.indicators})
    words = fold(asked.words)
    rows = [
        (province, moment(province.computed_at) if province.computed_at else None)
        for province in choosing.ordered(found.provinces, asked.sort)
        if words in folded(province.title)
    ]
    title = translate(request, say("Toàn quốc"))
    return page(
        request, "province/country.html", place=Place(title, "country", []), path=path, month=asked.switch(path),
        month_title=month_title(asked.month), asked=asked, groups=asked.groups(path), columns=asked.indicators,
        rows=rows, totals=found.totals, provinces=len(found.provinces),
        committees=sum(p.committees for p in found.provinces), told=sum(p.told for p in found.provinces),
    )  # fmt: skip
