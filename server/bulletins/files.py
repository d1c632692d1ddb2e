"""The file of a bulletin: a PDF, kept and handed on byte for byte, so that what was signed in it stays signed.

Only PDFs are taken: one type to look into and to serve, which nobody changes on the way by opening it. What runs inside
of one is refused as for minutes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from infra import objects
from server.bulletins.publishing import Kept
from server.minutes.names import shown_name
from server.minutes.receiving import Unfit, received
from server.minutes.uploads import look, store
from server.words import Refused, say


async def keep_pdf(province: UUID, bulletin: UUID, body: AsyncIterator[bytes], *, name: str) -> Kept:
    """Take a file for a bulletin and store it. Raises Refused(file=…), and what objects.ObjectErrors holds."""
    async with received(body) as arrived:
        try:
            found = await look(arrived)
        except Unfit as unfit:
            if unfit.code not in ("not_a_scan", "empty"):
                raise
            found = None
        if found is None or found.kind != "pdf":
            raise Refused(file=say("Tệp đính kèm phải là PDF. Xin lưu văn bản thành PDF rồi gửi."))
        key = f"{prefix_of(province)}{bulletin}/{arrived.sha256}.pdf"
        await store(key, arrived, found)
    return Kept(shown_name(name) or "van-ban.pdf", key, arrived.bytes, arrived.sha256)


async def forget(file: Kept | None) -> None:
    """Remove a file whose bulletin was not published after all."""
    if file is not None:
        await objects.remove([file.key])


def prefix_of(province: UUID) -> str:
    """What the keys of a province's bulletins begin with; no committee's schema is called so."""
    return f"provinces/{province}/bulletins/"


def download_name(sha256: str) -> str:
    """What a download is called, in ASCII: van-ban-a1b2c3d4.pdf."""
    return f"van-ban-{sha256[:8]}.pdf"
