"""Phones for the journeys, and the ear that hears what goes wrong in any of their pages."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, BrowserType, ConsoleMessage, Page, WebError

CHROMIUM = Path("/usr/bin/chromium")
TIMEOUT = 30_000
# A signal that goes away is part of the story; everything else that a page complains of is a fault.
NO_NETWORK = (
    "net::ERR_(CONNECTION_(REFUSED|RESET|CLOSED)|INTERNET_DISCONNECTED|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING|"
    "NETWORK_CHANGED|FAILED)"
)
ANDROID = {
    "viewport": {"width": 360, "height": 740},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "locale": "vi-VN",
    "timezone_id": "Asia/Ho_Chi_Minh",
    "user_agent": "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Mobile Safari/537.36",
}


def launch_arguments() -> dict[str, Any]:
    """The distribution's browser where there is one; as root it can't have a sandbox."""
    arguments: dict[str, Any] = {"args": ["--no-sandbox"] if os.geteuid() == 0 else []}
    if CHROMIUM.exists():
        arguments["executable_path"] = str(CHROMIUM)
    return arguments


class Ear:
    """Collects policy violations, console errors and uncaught errors of all pages; ``expected`` are patterns."""

    def __init__(self) -> None:
        self.heard: list[tuple[BrowserContext, str]] = []
        self._expected: dict[BrowserContext, list[str]] = {}

    def listen(self, context: BrowserContext, expected: tuple[str, ...]) -> None:
        self._expected[context] = list(expected)
        context.on("console", lambda message: self._console(context, message))
        context.on("weberror", lambda error: self._error(context, error))

    def expect(self, context: BrowserContext, *patterns: str) -> None:
        """From now on these are part of the story in this browser, e.g. ``r"status of 401"``."""
        self._expected[context] += patterns

    def _console(self, context: BrowserContext, message: ConsoleMessage) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            self.heard.append((context, f"{message.text} ({message.location.get('url', '')})"))

    def _error(self, context: BrowserContext, error: WebError) -> None:
        self.heard.append((context, f"uncaught: {error.error}"))

    def faults(self) -> list[str]:
        """What was heard and not expected."""
        return [
            text
            for context, text in self.heard
            if not any(re.search(pattern, text) for pattern in self._expected[context])
        ]


class Phones:
    """``phones()`` is the only page of a new phone; ``profile`` keeps its storage in a folder, so that the browser
    can be closed and started again; other options go to Playwright's context.
    """

    def __init__(self, browser: Browser, browser_type: BrowserType, address: str, ear: Ear) -> None:
        self._browser, self._type, self._address, self.ear = browser, browser_type, address, ear
        self._contexts: list[BrowserContext] = []

    def __call__(
        self,
        address: str | None = None,
        *,
        profile: Path | None = None,
        expected: tuple[str, ...] = (),
        **options: Any,
    ) -> Page:
        given = ANDROID | {"base_url": address or self._address} | options
        if profile is None:
            context = self._browser.new_context(**given)
        else:
            context = self._type.launch_persistent_context(profile, **launch_arguments(), **given)
        context.set_default_timeout(TIMEOUT)
        self.ear.listen(context, expected)
        self._contexts.append(context)
        return context.pages[0] if context.pages else context.new_page()

    def close(self) -> None:
        for context in self._contexts:
            context.close()
