"""The real product, real browsers the size of a phone, and the people who hold them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, Page, expect

from e2e.cut import Cut
from e2e.phones import TIMEOUT, Ear, Phones, launch_arguments
from e2e.product import Login, Product

SignIn = Callable[..., Page]
expect.set_options(timeout=TIMEOUT)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys come last: once a browser has been started its event loop runs on, and no asynchronous test can."""
    items.sort(key=lambda item: item.nodeid.startswith("e2e/"))


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product, started once. E2E_DATA names a folder to keep, so that its demonstration is built only once."""
    kept = os.environ.get("E2E_DATA")
    started = Product(Path(kept).absolute() if kept else tmp_path_factory.mktemp("product") / "data")
    yield started
    started.stop()


@pytest.fixture(scope="session")
def address(product: Product) -> str:
    """Where the product is, without a slash at the end."""
    return product.address


@pytest.fixture(scope="session")
def logins(product: Product) -> dict[tuple[str, str], Login]:
    """The printed log-ins by (role, slug): ("secretary", "pleiku"), ("province_administrator", "gia-lai")."""
    return product.logins()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """How pytest-playwright starts its browser."""
    return browser_type_launch_args | launch_arguments()


@pytest.fixture
def cut(address: str) -> Iterator[Cut]:
    """A wire to the product that can be cut: give ``phone(cut.address)``."""
    wire = Cut(address)
    yield wire
    wire.close()


@pytest.fixture
def phone(browser: Browser, browser_type: BrowserType, address: str, cut: Cut) -> Iterator[Phones]:
    """``phone()`` is the page of a new phone of its own. A test fails for any error that one of its pages reports,
    unless it said ``expected=(pattern,)`` or ``phone.ear.expect(context, pattern)``. (It asks for ``cut``
    so that phones are closed before their wire is.)
    """
    phones = Phones(browser, browser_type, address, Ear())
    yield phones
    phones.close()
    faults = phones.ear.faults()
    assert not faults, "\n".join(faults)


@pytest.fixture(scope="session")
def sign_in(logins: dict[tuple[str, str], Login]) -> SignIn:
    """``sign_in(page, role, slug, to="/path")``: logs in as that person and opens the path (else where they begin)."""

    def signed_in(page: Page, role: str, slug: str = "pleiku", to: str = "") -> Page:
        who = logins[role, slug]
        page.goto(f"/login?next={to or who.url[who.url.index('/', 8) :]}")
        page.get_by_label("Tên đăng nhập").fill(who.login)
        page.get_by_label("Mật khẩu").fill(who.password)
        page.get_by_role("button", name="Đăng nhập").click()
        page.wait_for_url(lambda url: "/login" not in url)
        return page

    return signed_in
