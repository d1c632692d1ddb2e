"""The proxy's file, taken by Caddy itself: streams pass at once, browsers' own words about themselves don't, and its
log does not tell who asked for what.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from infra.embedded.process import Spawner, end, free_ports, tail, wait_ready
from tests.house.sources import ROOT
from tests.ship.recipe import LOCAL

CADDY = shutil.which("caddy", path=os.environ.get("PATH", "") + os.pathsep + "/usr/bin")
pytestmark = pytest.mark.skipif(CADDY is None, reason="Caddy is not installed (Debian's package caddy)")


class Upstream(BaseHTTPRequestHandler):
    """The web process: a stream whose second event waits for the test, an answer that breaks off, a form, and a mirror
    of headers.
    """

    go_on = threading.Event()

    def do_GET(self) -> None:
        self.send_response(200)
        if self.path.startswith("/events"):
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            self.wfile.write(b"data: first\n\n")
            self.wfile.flush()
            self.go_on.wait(30)
            self.wfile.write(b"data: second\n\n")
            return
        if self.path.startswith("/broken"):
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            self.wfile.write(b"x" * 2000)
            return
        body = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def proxy(folder: Path, web: int, changes: dict[str, str]) -> Iterator[int]:
    """Where Caddy listens, without TLS (certificates are not to be had here); it writes into ``log`` in the folder."""
    own, health = free_ports(2)
    text = (LOCAL / "Caddyfile").read_text("utf-8")
    for old, new in ({":2020": f":{health}"} | changes).items():
        assert old in text
        text = text.replace(old, new)
    (folder / "Caddyfile").write_text(text, encoding="utf-8")
    spawner = Spawner()
    process = spawner.start(
        [str(CADDY), "run", "--config", "Caddyfile", "--adapter", "caddyfile"], account=(-1, -1, -1),
        death_signal=signal.SIGKILL, folder=folder, log=folder / "log",
        environment={"SITE": f"http://127.0.0.1:{own}", "WEB": f"127.0.0.1:{web}", "HOME": str(folder)},
    )  # fmt: skip
    try:
        why = wait_ready(process, lambda: asked(health), patience=30, given_up=lambda: False)
        assert why is None, f"{why} {tail(folder / 'log')}"
        yield own
    finally:
        end(process, signal.SIGTERM, 10)
        spawner.close()


@pytest.fixture(scope="module")
def web() -> Iterator[int]:
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    yield upstream.server_address[1]
    upstream.shutdown()


@pytest.fixture(scope="module")
def port(web: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with proxy(tmp_path_factory.mktemp("caddy"), web, {}) as own:
        yield own


def asked(port: int) -> None:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    line.request("GET", "/")
    assert line.getresponse().status == 200
    line.close()


def test_an_event_arrives_before_the_stream_ends(port: int) -> None:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    line.request("GET", "/events")
    answer = line.getresponse()

    assert answer.readline() == b"data: first\n"
    Upstream.go_on.set()
    assert b"data: second" in answer.read()
    line.close()


def test_who_asks_is_said_by_the_proxy_and_https_is_kept(port: int) -> None:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    line.request("GET", "/", headers={"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "gopher"})
    answer = line.getresponse()
    told = json.loads(answer.read())
    line.close()

    assert told["x-forwarded-for"] == "127.0.0.1"
    assert told["x-forwarded-proto"] == "http"
    assert answer.getheader("Strict-Transport-Security") == "max-age=31536000"


# Who asks, in the log's words, and what their links hold.
SOMEBODY, TOKEN = "127.0.0.2", "c2VjcmV0-of-a-link"


def test_a_fault_is_told_with_its_status_and_without_address_or_token(tmp_path: Path) -> None:
    (nobody,) = free_ports(1)
    with proxy(tmp_path, nobody, {"lb_try_duration 20s": "lb_try_duration 1s"}) as port:
        for path in (f"/passwords/{TOKEN}", f"/invitations/{TOKEN}?next=/{TOKEN}"):
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=20, source_address=(SOMEBODY, 0))
            line.request("GET", path, headers={"Referer": f"http://127.0.0.1/passwords/{TOKEN}"})
            assert line.getresponse().status == 502
            line.close()

    log = (tmp_path / "log").read_text("utf-8")
    faults = [fact for fact in map(json.loads, log.splitlines()) if "status" in fact]
    assert [fact["status"] for fact in faults] == [502, 502]
    assert all(fact["level"] == "error" and fact["ts"] > 0 for fact in faults)
    assert SOMEBODY not in log
    assert TOKEN not in log


def test_what_breaks_off_in_its_middle_does_not_tell_address_or_token(web: int, tmp_path: Path) -> None:
    Upstream.go_on.clear()
    with proxy(tmp_path, web, {}) as port:
        for ask, rest in {
            f"GET /broken/{TOKEN}": "",
            f"GET /events?{TOKEN}": "",
            f"POST /passwords/{TOKEN}": "Content-Length: 100000\r\n",
        }.items():
            with socket.create_connection(("127.0.0.1", port), 20, source_address=(SOMEBODY, 0)) as line:
                head = (
                    f"{ask} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nReferer: /passwords/{TOKEN}\r\n{rest}\r\n"
                )
                line.sendall(head.encode() + b"abc" * bool(rest))
                if not rest:
                    line.recv(100)
                time.sleep(0.2)
                # Away with a reset, as a phone that leaves its network.
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        time.sleep(0.5)
        Upstream.go_on.set()

    log = (tmp_path / "log").read_text("utf-8")
    assert "admin endpoint disabled" in log
    assert SOMEBODY not in log
    assert TOKEN not in log


def test_during_an_attack_the_runbook_s_lines_shut_out_and_show_who_logs_in_and_nothing_else(
    web: int, tmp_path: Path
) -> None:
    shut_out, log_of_log_ins = re.findall(
        r"```\n(\t.*?)```", (ROOT / "docs/runbooks.md").read_text("utf-8"), re.DOTALL
    )
    told = subprocess.run([str(CADDY), "version"], capture_output=True, text=True, check=True).stdout
    if [int(part) for part in re.findall(r"\d+", told)[:2]] < [2, 7]:
        log_of_log_ins = log_of_log_ins.replace("log_skip", "skip_log")  # its name until then
    lines = log_of_log_ins + shut_out.replace("203.0.113.9", "127.0.0.3")
    with proxy(tmp_path, web, {"{$SITE} {\n": "{$SITE} {\n" + lines}) as port:
        for path in (f"/login?next=/{TOKEN}", f"/passwords/{TOKEN}"):
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=20, source_address=(SOMEBODY, 0))
            line.request("GET", path, headers={"Cookie": TOKEN})
            assert line.getresponse().status == 200
            line.close()
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=20, source_address=("127.0.0.3", 0))
        line.request("GET", "/login")
        with pytest.raises(ConnectionError):
            line.getresponse()

    log = (tmp_path / "log").read_text("utf-8")
    asked_for = [fact["request"] for fact in map(json.loads, log.splitlines()) if "request" in fact]
    assert (SOMEBODY, "/login") in [(one["remote_ip"], one["uri"]) for one in asked_for]
    assert {one["uri"] for one in asked_for} == {"/login"}
    assert TOKEN not in log


def test_certificates_are_automatic_one_s_own_or_of_a_house_authority() -> None:
    issuers = {}
    for name, tls in {
        "automatic": "",
        "internal": "tls internal",
        "own": "tls /c/site.pem /c/site.key",
    }.items():
        adapted = subprocess.run(
            [str(CADDY), "adapt", "--config", LOCAL / "Caddyfile", "--adapter", "caddyfile"],
            env={"SITE": "nennep.example.vn", "TLS": tls}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        issuers[name] = json.loads(adapted.stdout)["apps"].get("tls")

    assert issuers["automatic"] is None
    assert issuers["internal"]["automation"]["policies"][0]["issuers"] == [{"module": "internal"}]
    assert issuers["own"]["certificates"]["load_files"][0]["certificate"] == "/c/site.pem"
