"""What a phone on a weak signal has to load for the roll of 151 people."""

from __future__ import annotations

from e2e.conftest import SignIn
from e2e.cut import Cut
from e2e.phones import Phones
from e2e.rolls import Roll, plan

KB = 1024


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
    assert whole <= 60 * KB, loaded
    assert mark <= 2 * KB
