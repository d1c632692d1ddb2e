"""Somebody who uses the product over HTTP as a browser and a phone do: what ``nennep check`` asks with."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import urllib3

from server import clock

_SECONDS = urllib3.Timeout(connect=5, read=20)
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
_SHOWN = 200


class Unexpected(Exception):
    """An answer is not what it has to be; the text says to which question."""


class Visitor:
    """One browser: keeps its cookies, follows nothing by itself."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._http = urllib3.PoolManager(timeout=_SECONDS, retries=False)
        self._cookies: dict[str, str] = {}

    def get(self, path: str) -> urllib3.BaseHTTPResponse:
        """A page that has to be there. Raises Unexpected."""
        return self._ask("GET", path, 200)

    def form(self, path: str, **fields: str) -> str:
        """Send a form; where it leads. Raises Unexpected where it is refused."""
        body = urlencode(fields).encode()
        answer = self._ask("POST", path, 303, body, {"Content-Type": "application/x-www-form-urlencoded"})
        return str(answer.headers.get("Location", ""))

    def json(self, path: str, content: Any, csrf: str) -> Any:
        """Send what a phone's queue sends. Raises Unexpected."""
        headers = {"Content-Type": "application/json", "Accept": "application/json", "X-CSRF": csrf}
        return self._ask("POST", path, 200, json.dumps(content).encode(), headers).json()

    def hidden(self, path: str) -> dict[str, str]:
        """The hidden fields of a page's forms."""
        return {name: html.unescape(value) for name, value in _HIDDEN.findall(self.get(path).data.decode())}

    def _ask(
        self,
        method: str,
        path: str,
        wanted: int,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> urllib3.BaseHTTPResponse:
        sent = {"Sec-Fetch-Site": "same-origin", "User-Agent": "nennep check", **(headers or {})}
        if self._cookies:
            # Secure or not: inside a cluster the product is asked without TLS, under its cookies' https names.
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        try:
            answer = self._http.request(method, self._url + path, body=body, headers=sent, redirect=False)
        except urllib3.exceptions.HTTPError as error:
            raise Unexpected(
                f"{method} {path}: no answer from {self._url} ({type(error).__name__})"
            ) from None
        for line in answer.headers.getlist("Set-Cookie"):
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        if answer.status != wanted:
            raise Unexpected(f"{method} {path}: {answer.status} instead of {wanted}{_told(answer)}")
        return answer


def _told(answer: urllib3.BaseHTTPResponse) -> str:
    if where := answer.headers.get("Location"):
        return f", leads to {where}"
    if "json" in answer.headers.get("Content-Type", ""):
        return f": {answer.data.decode(errors='replace')[:_SHOWN]}"
    return ""


def take_roll_call(
    visitor: Visitor, committee: str, login: str, password: str, told: Callable[[str], None]
) -> int:
    """Log in, plan a meeting now, open, mark everybody present, send that twice, lock, read back; how many were marked.

    ``told`` hears each step. Raises Unexpected where anything is otherwise than it has to be.
    """
    after = visitor.form("/login", login=login, password=password, next=f"/{committee}/")
    _check(after == f"/{committee}/", f"the log-in leads to {after}")
    told("logged in")
    planned = visitor.hidden(f"/{committee}/meetings/new")
    _check("cell" in planned, "this account is not of one cell: a meeting's cell would have to be chosen")
    csrf = planned["csrf"]
    now = clock.now().astimezone(clock.VIETNAM)
    meeting = visitor.form(
        f"/{committee}/meetings", **planned, kind="extraordinary", date=f"{now:%Y-%m-%d}", time=f"{now:%H:%M}",
        place="nennep check",
    )  # fmt: skip
    told(f"planned {meeting}")
    visitor.form(f"{meeting}/opening", csrf=csrf)
    people = _mark_all(visitor, meeting, csrf)
    told(f"marked {people}, twice; each counts once")
    visitor.form(f"{meeting}/closing", csrf=csrf)
    _check(_changes(visitor, meeting)["state"] == "closed", "the roll is not locked")
    visitor.get(meeting)
    visitor.form("/logout", csrf=csrf)
    told("locked, read back, logged out")
    return people


def _mark_all(visitor: Visitor, meeting: str, csrf: str) -> int:
    roll = _changes(visitor, meeting)
    wanted = [entry for entry in roll["entries"] if entry["state"] == "not_called"]
    _check(bool(wanted), "nobody is expected on this roll: the cell needs members")
    at = clock.now().isoformat()
    marks = [
        {"id": str(uuid4()), "no": entry["no"], "state": "present", "seq": seq, "at": at}
        for seq, entry in enumerate(wanted, start=1)
    ]
    batch = {"device": str(uuid4()), "marks": marks, "sent_at": at}
    for _ in range(2):
        answer = visitor.json(f"{meeting}/marks", batch, csrf)
        _check({mark["id"] for mark in marks} <= set(answer["acked"]), "not every mark was acknowledged")
    read = _changes(visitor, meeting)
    present = [entry for entry in read["entries"] if entry["state"] == "present"]
    _check(len(present) == len(marks), f"{len(present)} present were read back of {len(marks)}")
    _check(read["summary"]["attending"] == len(marks), "the count is not that of the marks")
    return len(marks)


def _changes(visitor: Visitor, meeting: str) -> Any:
    return visitor.get(f"{meeting}/changes?since=0").json()


def _check(true: bool, otherwise: str) -> None:
    if not true:
        raise Unexpected(otherwise)
