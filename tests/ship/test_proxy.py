"""The proxy's file, taken by Caddy itself: streams pass at once, browsers' own words about themselves don't."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from infra.embedded.process import Spawner, end, free_ports, tail, wait_ready
from tests.ship.recipe import LOCAL

CADDY = shutil.which("caddy", path=os.environ.get("PATH", "") + os.pathsep + "/usr/bin")
pytestmark = pytest.mark.skipif(CADDY is None, reason="Caddy is not installed (Debian's package caddy)")


class Upstream(BaseHTTPRequestHandler):
    """The web process: a stream whose second event waits for the test, and a mirror of headers."""

    go_on = threading.Event()

    def do_GET(self) -> None:
        self.send_response(200)
        if self.path == "/events":
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            self.wfile.write(b"data: first\n\n")
            self.wfile.flush()
            self.go_on.wait(30)
            self.wfile.write(b"data: second\n\n")
            return
        body = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where Caddy listens, without TLS: certificates are not to be had here."""
    folder = tmp_path_factory.mktemp("caddy")
    own, health = free_ports(2)
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    (folder / "Caddyfile").write_text(
        (LOCAL / "Caddyfile").read_text("utf-8").replace(":2020", f":{health}"), encoding="utf-8"
    )
    spawner = Spawner()
    process = spawner.start(
        [str(CADDY), "run", "--config", "Caddyfile", "--adapter", "caddyfile"], account=(-1, -1, -1),
        death_signal=signal.SIGKILL, folder=folder, log=folder / "log",
        environment={
            "SITE": f"http://127.0.0.1:{own}", "WEB": f"127.0.0.1:{upstream.server_address[1]}", "HOME": str(folder),
        },
    )  # fmt: skip
    why = wait_ready(process, lambda: asked(health), patience=30, given_up=lambda: False)
    assert why is None, f"{why} {tail(folder / 'log')}"
    yield own
    end(process, signal.SIGTERM, 10)
    spawner.close()
    upstream.shutdown()


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
