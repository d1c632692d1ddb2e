"""What people see while a server behind the pages is away: offices a quiet word, phones that their page is kept."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest

from infra import objects
from infra.settings import settings
from tests.cast import Cast
from tests.minutes.sending import picture
from tests.web.sending import Phone
from tests.web.walking import signed_in
from web import hints

WAITS = "Việc nền (số liệu, đọc biên bản, nhắc việc) đang chờ"


@pytest.mark.parametrize(
    ("role", "told"), [("office", True), ("committee_administrator", True), ("secretary", False)]
)
async def test_an_office_is_told_that_work_waits_for_the_queue(
    client: httpx.AsyncClient, cast: Cast, monkeypatch: pytest.MonkeyPatch, role: str, told: bool
) -> None:
    await signed_in(client, role, cast, at_neighbour=False)
    home = f"/{cast.pleiku.slug}/"
    before = await client.get(home)
    monkeypatch.setattr(hints, "queue_away", lambda: 60.0)
    away = await client.get(home)
    monkeypatch.setattr(hints, "queue_away", lambda: 1.0)
    just_now = await client.get(home)

    assert [page.status_code for page in (before, away, just_now)] == [200, 200, 200]
    assert (WAITS in before.text, WAITS in away.text, WAITS in just_now.text) == (False, told, False)


async def test_a_page_waits_in_the_phone_while_the_store_is_away(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = uuid4()
    assert (await phone.arrange(file)).status_code == 200
    monkeypatch.setenv("NENNEP_OBJECTS_URL", "http://127.0.0.1:9")
    for cached in (settings, objects.client):
        cached.cache_clear()
    refused = await phone.put(file, picture(1))
    monkeypatch.undo()
    for cached in (settings, objects.client):
        cached.cache_clear()
    taken = await phone.put(file, picture(1))

    assert refused.status_code == 503
    assert "Trang vẫn còn trong máy" in refused.json()["message"]
    assert taken.json()["safe"] == [str(file)]
