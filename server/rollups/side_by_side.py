"""Rows of several tables read together, those of one thing at a time: no table lies in memory as a whole."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from infra.postgres import Record, connection

_AT_ONCE = 2_000


def each(query: str) -> AsyncIterator[Record]:
    """The rows of a query, one after the other. Needs a transaction."""
    rows: AsyncIterator[Record] = connection().cursor(query, prefetch=_AT_ONCE).__aiter__()
    return rows


class Beside:
    """The rows of a query that is ordered by the columns ``key``, asked for in that order."""

    def __init__(self, query: str, *key: str) -> None:
        self._rows, self._key = each(query), key
        self._ahead: Record | None = None

    async def of(self, *value: Any) -> list[Record]:
        """Those whose key has this value; what comes before them and was not asked for is passed by."""
        found = []
        while (row := await self._next()) is not None and (at := tuple(row[n] for n in self._key)) <= value:
            if at == value:
                found.append(row)
            self._ahead = None
        return found

    async def _next(self) -> Record | None:
        if self._ahead is None:
            self._ahead = await anext(self._rows, None)
        return self._ahead
