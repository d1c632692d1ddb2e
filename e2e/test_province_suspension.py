"""The province closes a committee's doors for a while, and opens them again."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from e2e.conftest import SignIn
from e2e.founding import REFUSED, accept, bring_in_151, found, invite, new_name, press
from e2e.phones import Phones

CLOSED = r"status of 423"


def test_the_secretary_of_a_suspended_committee_reads_the_reason_until_it_is_resumed(
    phone: Phones, sign_in: SignIn
) -> None:
    province = sign_in(phone(expected=(REFUSED,)), "province_administrator", "gia-lai")
    new = found(province, new_name())
    office = accept(phone(), new.link, f"quantri.{new.slug}")
    bring_in_151(office, new.slug)
    secretary = accept(
        phone(expected=(CLOSED,)), invite(office, new.slug, "Bí thư chi bộ"), f"bithu.{new.slug}"
    )

    province.goto(f"/provinces/gia-lai/committees/{new.slug}")
    province.get_by_text("Tạm ngừng cấp ủy này").tap()
    reason = province.get_by_label("Lý do tạm ngừng")
    reason.fill("—")
    press(province, "Tạm ngừng")
    expect(reason).to_have_accessible_description(re.compile("ghi lý do"))
    reason.fill("Sáp nhập xã từ 01/12")
    press(province, "Tạm ngừng")
    expect(province.locator("#status")).to_contain_text("Lý do: Sáp nhập xã từ 01/12")

    for path in (f"/{new.slug}/", f"/{new.slug}/meetings"):
        answer = secretary.goto(path)
        assert answer is not None
        assert answer.status == 423
        expect(secretary.locator("main")).to_contain_text("Sáp nhập xã từ 01/12")
        expect(secretary.locator("main")).to_contain_text("Dữ liệu vẫn được giữ nguyên")
    province.goto("/provinces/gia-lai/")
    row = province.get_by_role("row").filter(has=province.locator(f"a[href$='/{new.slug}']"))
    expect(row).to_contain_text("tạm ngừng")

    province.goto(f"/provinces/gia-lai/committees/{new.slug}")
    press(province, "Mở lại")
    expect(province.locator("#status")).to_contain_text("đang hoạt động")
    secretary.goto(f"/{new.slug}/")
    expect(secretary.get_by_role("link", name="Lên lịch sinh hoạt")).to_be_visible()
