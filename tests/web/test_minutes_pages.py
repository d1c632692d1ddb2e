"""Minutes in the browser: the board, a document, its text, its figures, the bin, the record of looks."""

from __future__ import annotations

import html
import re
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from infra import objects
from infra.postgres import one, sql
from infra.settings import settings
from server import clock
from tenants.current import using
from tenants.transactions import transaction
from tests.cast import Cast
from tests.minutes.read_pages import change, read_minutes
from tests.web.walking import signed_in

PAGE = "Có mặt 33 đồng chí\nKết nạp <b>đảng viên</b>"


@pytest.fixture
async def minutes(cast: Cast) -> UUID:
    return await read_minutes(cast.pleiku, cast.cell, PAGE, "Trang hai")


async def pages_of(cast: Cast, minutes: UUID) -> list[UUID]:
    with using(cast.pleiku):
        async with transaction(read_only=True):
            rows = await sql(
                """SELECT p.id FROM minutes_page p JOIN minutes d ON d.id = p.minutes WHERE d.id = $1
                ORDER BY array_position(d.wanted, p.file)""",
                minutes,
            )
    return [row["id"] for row in rows]


def plain(answer: httpx.Response) -> str:
    """The words of a page, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", answer.text.split("<main")[1])).split())


async def test_the_office_sees_who_has_not_sent_with_its_base(
    client: httpx.AsyncClient, cast: Cast, minutes: UUID
) -> None:
    await cast.meeting()
    await signed_in(client, "office", cast, at_neighbour=False)
    home = f"/{cast.pleiku.slug}/minutes"

    board = await client.get(home)

    assert "1/1" in plain(board)
    assert f"{home}/{minutes}" in board.text
    for path, found in (
        ("?standing=missing", False),
        ("?standing=ready", True),
        ("?q=to+dan+pho", True),
        ("?q=zzz", False),
    ):
        assert (f"{home}/{minutes}" in (await client.get(home + path)).text) == found, path
    assert (await client.get(f"{home}?month=9999-99&standing=nonsense")).status_code == 200


async def test_a_month_behind_without_a_meeting_is_not_reported(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    await signed_in(client, "office", cast, at_neighbour=False)
    month = clock.month_after(clock.month_of(clock.today()), -2)

    board = await client.get(f"/{cast.pleiku.slug}/minutes?month={month:%Y-%m}")

    assert "chưa báo cáo" in plain(board)
    assert "1/1" in plain(board)


async def test_a_cells_people_see_their_own_and_the_home_page_leads_there(
    client: httpx.AsyncClient, cast: Cast, minutes: UUID
) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)

    own, home = await client.get(f"/{cast.pleiku.slug}/minutes"), await client.get(f"/{cast.pleiku.slug}/")

    for page in (own, home):
        assert f"/{cast.pleiku.slug}/minutes/{minutes}" in page.text
        assert "chờ xác nhận" in plain(page)


@pytest.mark.parametrize("role", ["secretary", "recorder", "group_leader", "member", "office"])
async def test_everybody_of_the_cell_reads_and_some_may_change(
    client: httpx.AsyncClient, cast: Cast, minutes: UUID, role: str
) -> None:
    await signed_in(client, role, cast, at_neighbour=False)
    home = f"/{cast.pleiku.slug}/minutes/{minutes}"

    page = await client.get(home)

    assert "Có mặt 33 đồng chí" in plain(page)
    assert "<b>đảng viên</b>" not in page.text
    changes = role not in ("group_leader", "member")
    for words in ("Sửa chữ", "Xoay trái", "Xóa biên bản"):
        assert (words in plain(page)) == changes, words
    assert ("Ghi các mục" in plain(await client.get(f"{home}/figures"))) == (role in ("secretary", "office"))


async def test_another_cell_and_the_neighbour_know_of_nothing(
    client: httpx.AsyncClient, cast: Cast, minutes: UUID
) -> None:
    (page, _) = await pages_of(cast, minutes)
    other = uuid4()
    with using(cast.pleiku):
        async with transaction():
            await sql("INSERT INTO cell (id, name, sort_key) VALUES ($1, 'Chi bộ Thôn 9', '2')", other)
    home = f"/{cast.pleiku.slug}/minutes/{minutes}"
    paths = ["", "/figures", f"/pages/{page}/colour.webp", f"/pages/{page}/thumb.webp", "/document.pdf"]
    posts = ["/figures", "/binning", "/restoring", "/again", "/order"]
    posts += [f"/pages/{page}/{verb}" for verb in ("text", "turning", "again", "same")]
    own, cast.cell = cast.cell, other
    for at_neighbour in (True, False):
        await signed_in(client, "secretary", cast, at_neighbour=at_neighbour)
        for path in paths:
            assert (await client.get(home + path)).status_code == 404, path
        for path in posts:
            assert (
                await client.post(home + path, data={"reason": "x", "decision": "kept"})
            ).status_code == 404, path
    cast.cell = own


async def test_words_looked_for_are_marked_on_the_page_and_in_the_picture(
    client: httpx.AsyncClient, cast: Cast, minutes: UUID
) -> None:
    await change(cast.pleiku, "UPDATE minutes_text SET lines = jsonb_set(lines, '{lines,0,5,2,5}', '40')")
    await signed_in(client, "member", cast, at_neighbour=False)

    page = await client.get(f"/{cast.pleiku.slug}/minutes/{minutes}?q=co mat")

    assert page.text.count("<mark>Có</mark> <mark>mặt</mark>") == 1
    assert page.text.count('class="hit" x=') == 1
    assert '<span class="unsure">33</span>' in page.text


STATES = [
    (
        "UPDATE minutes_page SET state = 'identified'; UPDATE minutes SET state = 'reading'",
        "Ảnh đang được làm rõ",
    ),
    ("UPDATE minutes_page SET state = 'cleaned'; UPDATE minutes SET state = 'reading'", "đang được đọc"),
    ("UPDATE minutes_page SET readable = false", "Không đọc được chữ trên trang này, ảnh vẫn được giữ"),
    ("UPDATE minutes_page SET readable = NULL, reason = 'no_tesseract_language'", "chưa cài phần đọc chữ"),
    ("UPDATE minutes_page SET state = 'failed', failed_step = 'clean', reason = 'too_slow'", "xử lý quá lâu"),
    ("UPDATE minutes SET state = 'failed', reason = 'store_away'", "Kho ảnh chưa trả lời"),
    ("UPDATE minutes SET state = 'assembling'", "Đang ghép"),
    ("UPDATE minutes_page SET readable = true, faults = '{blurred,cut_edge}'", "hơi mờ"),
    (
        "UPDATE minutes_page SET same_page = (SELECT id FROM minutes_page q WHERE q.id <> minutes_page.id)",
        "Giữ cả hai",
    ),
    ("UPDATE minutes SET pdf_key = 'k/document.pdf'", "Tải PDF"),
]


@pytest.mark.parametrize(("statements", "words"), STATES)
async def test_every_state_is_said_in_words(
    client: httpx.AsyncClient, cast: Cast, minutes: UUID, statements: str, words: str
) -> None:
    for statement in statements.split(";"):
        await change(cast.pleiku, statement)
    await signed_in(client, "secretary", cast, at_neighbour=False)
    home = f"/{cast.pleiku.slug}/minutes/{minutes}"

    page = await client.get(home)

    assert words in plain(page)
    assert ("Thử lại" in plain(page)) == any(sign in statements for sign in ("failed", "no_tesseract")), words
    assert (await client.get(f"/{cast.pleiku.slug}/minutes")).status_code == 200


async def test_a_waiting_page_is_told_only_of_news(
    client: httpx.AsyncClient, cast: Cast, minutes: UUID
) -> None:
    await change(cast.pleiku, "UPDATE minutes SET state = 'reading'")
    await signed_in(client, "member", cast, at_neighbour=False)
    home = f"/{cast.pleiku.slug}/minutes/{minutes}"
    asking = html.unescape(re.findall(r'hx-get="([^"]+)"', (await client.get(home)).text)[0])

    quiet = await client.get(asking, headers={"HX-Request": "true"})
    await change(cast.pleiku, "UPDATE minutes SET state = 'ready'")
    news = await client.get(asking, headers={"HX-Request": "true"})

    assert (quiet.status_code, news.status_code, news.headers["HX-Refresh"]) == (204, 200, "true")


async def test_a_page_that_somebody_types_into_does_not_ask_for_news(
    client: httpx.AsyncClient, cast: Cast, minutes: UUID
) -> None:
    await change(cast.pleiku, "UPDATE minutes SET state = 'assembling'")
    await signed_in(client, "secretary", cast, at_neighbour=False)

    form = await client.get(f"/{cast.pleiku.slug}/minutes/{minutes}?edit=1")

    assert 'name="line_0"' in form.text
    assert "hx-get" not in form.text


async def test_text_is_corrected_and_nothing_typed_is_lost(
    client: httpx.AsyncClient, cast: Cast, minutes: UUID
) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)
    home, (page, _) = f"/{cast.pleiku.slug}/minutes/{minutes}", await pages_of(cast, minutes)
    form = await client.get(f"{home}?page={page}&edit=1")
    assert 'name="line_1"' in form.text
    seen = {"attempt": "1", "was_0": "Có mặt 33 đồng chí", "was_1": "Kết nạp <b>đảng viên</b>"}
    post = f"{home}/pages/{page}/text"

    too_long = await client.post(post, data={**seen, "line_0": "Có mặt 34 đồng chí", "line_1": "x" * 501})
    done = await client.post(post, data={**seen, "line_0": "Có mặt 34 đồng chí", "line_1": seen["was_1"]})
    late = await client.post(post, data={**seen, "line_0": "Có mặt 35 đồng chí", "line_1": seen["was_1"]})
    gone = await client.post(post, data={**seen, "attempt": "7", "line_0": "Có mặt 36 đồng chí"})

    assert (too_long.status_code, done.status_code, late.status_code, gone.status_code) == (
        422,
        303,
        422,
        422,
    )
    assert "Có mặt 34 đồng chí" in too_long.text
    assert "x" * 501 in too_long.text
    assert "Có mặt 34 đồng chí" in plain(await client.get(done.headers["location"]))
    assert "Trần Thị Láng vừa sửa" in plain(late)
    assert ">Có mặt 35 đồng chí</textarea>" in late.text
    assert 'name="was_0" value="Có mặt 34 đồng chí"' in late.text
    assert "Có mặt 36 đồng chí" in gone.text


async def test_a_double_is_dropped_and_taken_back(
    client: httpx.AsyncClient, cast: Cast, minutes: UUID
) -> None:
    await change(
        cast.pleiku,
        "UPDATE minutes_page SET same_page = (SELECT id FROM minutes_page q WHERE q.id <> minutes_page.id)",
    )
    await signed_in(client, "secretary", cast, at_neighbour=False)
    home, (_, page) = f"/{cast.pleiku.slug}/minutes/{minutes}", await pages_of(cast, minutes)

    dropped = await client.post(f"{home}/pages/{page}/same", data={"decision": "dropped"})
    shown = await client.get(dropped.headers["location"])
    await client.post(f"{home}/pages/{page}/same", data={"decision": "kept"})

    assert "Trang này đã bỏ" in plain(shown)
    assert "Cả hai được giữ" in plain(await client.get(f"{home}?page={page}"))


async def test_a_page_is_turned_from_how_it_was_seen(
    client: httpx.AsyncClient, cast: Cast, minutes: UUID
) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)
    home, (page, _) = f"/{cast.pleiku.slug}/minutes/{minutes}", await pages_of(cast, minutes)

    for _ in range(2):  # an impatient thumb
        await client.post(f"{home}/pages/{page}/turning", data={"way": "left", "turned": "0", "attempt": "1"})

    with using(cast.pleiku):
        async with transaction(read_only=True):
            row = await one("SELECT turned, attempt, state FROM minutes_page WHERE id = $1", page)
    assert row is not None
    assert tuple(row) == (270, 2, "identified")


async def test_files_are_put_into_another_order(client: httpx.AsyncClient, cast: Cast, minutes: UUID) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)
    home, before = f"/{cast.pleiku.slug}/minutes/{minutes}", await pages_of(cast, minutes)
    file = re.findall(r'name="file" value="([^"]+)"', (await client.get(home)).text)[-1]

    await client.post(f"{home}/order", data={"file": file, "way": "up"})
    await client.post(f"{home}/order", data={"file": str(uuid4()), "way": "up"})

    assert await pages_of(cast, minutes) == before[::-1]


async def test_figures_are_confirmed_and_a_bad_value_keeps_the_form(
    client: httpx.AsyncClient, cast: Cast, minutes: UUID
) -> None:
    (page, _) = await pages_of(cast, minutes)
    await change(
        cast.pleiku,
        """INSERT INTO minutes_field (minutes, name, proposed, printed, page, box, sure)
        VALUES ($1, 'present', '33', '33', $2, '{100,0,300,30}', 90),
            ($1, 'expected', '36', '36', $2, '{100,0,300,30}', 60)""",
        minutes, page,
    )  # fmt: skip
    await signed_in(client, "secretary", cast, at_neighbour=False)
    post = f"/{cast.pleiku.slug}/minutes/{minutes}/figures"
    shown = await client.get(post)
    assert shown.text.count('class="strips"') == 2
    assert (
        re.findall(r'name="tick\.([a-z]+)-0" value="1" data-tick( checked)?', shown.text).count(
            ("present", " checked")
        )
        == 1
    )
    seen = {"seen.present-0": "33", "seen.expected-0": "36", "present-0": "33", "tick.present-0": "1"}

    refused = await client.post(post, data={**seen, "expected-0": "ba sáu"})
    done = await client.post(post, data={**seen, "expected-0": "35"})

    assert (refused.status_code, done.status_code) == (422, 303)
    assert 'value="ba sáu"' in refused.text
    assert "Xin ghi một số nguyên" in plain(refused)
    after = await client.get(post)
    assert plain(after).count("Trần Thị Láng xác nhận") >= 2
    assert 'name="tick.present-0"' not in after.text


async def test_minutes_go_into_the_bin_and_come_back(
    client: httpx.AsyncClient, cast: Cast, minutes: UUID
) -> None:
    await signed_in(client, "secretary", cast, at_neighbour=False)
    home = f"/{cast.pleiku.slug}/minutes"

    bare = await client.post(f"{home}/{minutes}/binning", data={"reason": " "})
    done = await client.post(f"{home}/{minutes}/binning", data={"reason": "Chụp nhầm cuộc họp"})
    lying = await client.get(done.headers["location"])

    assert (bare.status_code, done.status_code) == (422, 303)
    assert "Xin ghi lý do xóa" in plain(bare)
    assert "Còn 30 ngày" in plain(lying)
    assert "Chụp nhầm cuộc họp" in plain(await client.get(f"{home}/{minutes}"))
    await signed_in(client, "member", cast, at_neighbour=False)
    assert [(await client.get(f"{home}/{path}")).status_code for path in (minutes, "bin")] == [404, 404]
    await signed_in(client, "office", cast, at_neighbour=False)
    back = await client.post(f"{home}/{minutes}/restoring")
    assert "Có mặt 33" in plain(await client.get(back.headers["location"]))


async def test_the_record_shows_the_administrator_who_looked(
    client: httpx.AsyncClient, cast: Cast, minutes: UUID
) -> None:
    await signed_in(client, "member", cast, at_neighbour=False)
    await client.get(f"/{cast.pleiku.slug}/minutes/{minutes}")
    await signed_in(client, "committee_administrator", cast, at_neighbour=False)
    home = f"/{cast.pleiku.slug}/looks"

    page = await client.get(home)

    assert "Trần Thị Láng" in plain(page)
    assert "mở biên bản" in plain(page)
    assert "mở biên bản" in plain(await client.get(f"{home}?about={minutes}&day={clock.today()}"))
    assert "Không có gì" in plain(await client.get(f"{home}?who={uuid4()}"))
    assert "Ngày không đúng" in plain(await client.get(f"{home}?day=mai&before=x"))


async def test_pictures_and_the_pdf_come_with_a_type_of_ours(
    client: httpx.AsyncClient, cast: Cast, minutes: UUID, tmp_path: Path
) -> None:
    home, (page, _) = f"/{cast.pleiku.slug}/minutes/{minutes}", await pages_of(cast, minutes)
    file, folder = tmp_path / "any", f"{cast.pleiku.schema_name}/{minutes}/{page}/1"
    file.write_bytes(b"<script>alert(1)</script>")
    objects.client.cache_clear()
    objects.ensure_bucket(objects.client(), settings().objects_bucket)
    for name in ("colour.webp", "document.pdf"):
        await objects.put_file(f"{folder}/{name}", file, "text/html")
    await change(cast.pleiku, "UPDATE minutes_page SET clean_key = $1", f"{folder}/colour.webp")
    await change(cast.pleiku, "UPDATE minutes SET pdf_key = $1", f"{folder}/document.pdf")
    await signed_in(client, "member", cast, at_neighbour=False)

    shown = await client.get(home)
    picture = await client.get(f"{home}/pages/{page}/colour.webp?v=1")
    pdf = await client.get(f"{home}/document.pdf")

    assert f"{home}/pages/{page}/colour.webp?v=1" in shown.text
    assert (picture.headers["content-type"], picture.content) == ("image/webp", file.read_bytes())
    assert picture.headers["x-content-type-options"] == "nosniff"
    assert picture.headers["cache-control"] == "private, no-cache"
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.headers["content-disposition"].startswith(
        'attachment; filename="bien-ban-chi-bo-to-dan-pho-5-'
    )
    with using(cast.pleiku):
        async with transaction(read_only=True):
            events = await sql("SELECT action FROM event WHERE subject = $1 ORDER BY id", str(minutes))
    assert [event["action"] for event in events] == ["minutes_opened", "minutes_downloaded"]


async def test_a_picture_is_asked_for_by_who_may_see_it(
    client: httpx.AsyncClient, cast: Cast, minutes: UUID
) -> None:
    await signed_in(client, "member", cast, at_neighbour=False)
    home, (page, _) = f"/{cast.pleiku.slug}/minutes/{minutes}", await pages_of(cast, minutes)

    unknown = await client.get(f"{home}/pages/{uuid4()}/colour.webp")
    nothing_stored = await client.get(f"{home}/pages/{page}/colour.webp")
    no_pdf = await client.get(f"{home}/document.pdf")

    assert [answer.status_code for answer in (unknown, nothing_stored, no_pdf)] == [404, 404, 404]
