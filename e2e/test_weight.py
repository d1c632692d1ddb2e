"""What a phone on a weak signal has to load for the roll of 151 people, for their work and for one's own."""

from __future__ import annotations

from playwright.sync_api import expect

from e2e.conftest import SignIn
from e2e.cut import Cut
from e2e.phones import Phones
from e2e.rolls import Roll, plan
from e2e.works import Work

KB = 1024
WHOLE = 60 * KB


def test_a_first_visit_and_one_mark_are_light(phone: Phones, sign_in: SignIn, cut: Cut, capsys) -> None:
    secretary = sign_in(phone(), "secretary")
    meeting = plan(secretary)
    Roll(secretary, meeting).visit().begin()
    page = phone(cut.address, storage_state=secretary.context.storage_state())

    # Everything until the page can be opened without network: with the worker, its files and the page that it keeps.
    roll = Roll(page, meeting).visit().kept()
    loaded = [(asked.path, size) for asked, size in cut.told]
    no, *_ = roll.numbers()
    roll.present(no)
    roll.sent()

    html, mark, whole = cut.size("/roll-call"), cut.size("/marks"), sum(size for _, size in loaded)
    with capsys.disabled():
        print(f"\nfirst visit: {whole} bytes, of them the page {html}; one mark's answer: {mark} bytes")
    assert html <= 14 * KB, loaded
    assert whole <= WHOLE, loaded
    assert mark <= 2 * KB


def test_a_first_visit_of_ones_own_work_is_light(phone: Phones, sign_in: SignIn, cut: Cut, capsys) -> None:
    # A cell that no other journey gives work to: what it weighs is what anybody's page weighs.
    member = sign_in(phone(), "member", "nghe-an")
    page = phone(cut.address, storage_state=member.context.storage_state())
    page.goto("/nghe-an/work")
    expect(page.locator("#work > [data-kept]")).to_contain_text("Đã lưu")
    # Once, though other links of the page lead here too.
    expect(page.get_by_text("Đã lưu để dùng khi mất mạng")).to_have_count(1)
    loaded = [(asked.path, size) for asked, size in cut.told]

    whole = sum(size for _, size in loaded)
    with capsys.disabled():
        print(f"\nfirst visit of one's own work: {whole} bytes: {loaded}")
    assert whole <= WHOLE, loaded


def test_a_meetings_work_is_light_on_a_phone_that_knows_the_product(
    phone: Phones, sign_in: SignIn, cut: Cut, capsys
) -> None:
    # A cell that no other journey gives work to.
    secretary = sign_in(phone(), "secretary", "cao-loc")
    meeting = plan(secretary, "cao-loc")
    page = phone(cut.address, storage_state=secretary.context.storage_state())
    Roll(page, meeting).visit().kept()
    cut.told.clear()

    Work(page, meeting).visit().kept()

    loaded = [(asked.path, size) for asked, size in cut.told]
    whole = sum(size for _, size in loaded)
    with capsys.disabled():
        print(f"\na meeting's work after its roll: {whole} bytes")
    assert cut.size("/assignments") <= 14 * KB, loaded
    assert whole <= 30 * KB, loaded
