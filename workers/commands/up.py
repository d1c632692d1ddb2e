"""``nennep up``: everything on this machine, from nothing to an address that answers, until it is stopped."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from infra.addresses import is_loopback
from infra.embedded import Embedded, ServerFailed, running
from infra.embedded.folder import write_private
from infra.embedded.process import free_ports, tail
from infra.push import new_key
from infra.settings import settings
from workers.commands import logins
from workers.commands.children import ROOT, Children
from workers.commands.ground import SERVERS_FILE, Failed, say
from workers.commands.preparing import prepare

LOOPBACK = "127.0.0.1"
PUSH_KEY_FILE, LOGINS_FILE = "push-key", "demo-logins.json"
READY_SECONDS, LOOK_SECONDS = 60.0, 0.25


@click.command(
    context_settings={"show_default": True},
    epilog="Example: PORT=8001 DATA_DIR=/var/tmp/nennep nennep up",
)
@click.option("--port", type=click.IntRange(0, 65535), envvar="PORT", default=8000, help="Port to listen on.")
@click.option("--host", envvar="NENNEP_HOST", default=LOOPBACK, help="Address to listen on.")
@click.option(
    "--beyond-loopback", envvar="BEYOND_LOOPBACK", is_flag=True,
    help="Let other machines reach the demonstration, whose log-ins are printed.",
)  # fmt: skip
@click.option(
    "--data", type=click.Path(path_type=Path), envvar="DATA_DIR", default=".local", help="Folder of all data."
)
@click.option(
    "--demo/--no-demo", "wanted", default=True, help="Fill an empty database with invented provinces."
)
def command(port: int, host: str, beyond_loopback: bool, data: Path, wanted: bool) -> None:
    """Start PostgreSQL, the queue, the object store, web, worker and dispatcher here, and stop all with one Ctrl-C.

    The first start lays out the folder and builds the demonstration; later starts keep what is there.
    """
    began = time.monotonic()
    if not beyond_loopback and not is_loopback(host) and (wanted or (data / LOGINS_FILE).exists()):
        raise Failed(
            f"{host} can be reached from other machines, and the log-ins of the demonstration are printed here and lie "
            f"in {data / LOGINS_FILE}. If everybody who can reach it may have them: --beyond-loopback (make up: "
            "BEYOND_LOOPBACK=1). Without a demonstration: --no-demo in a new folder. For people: docs/install.md."
        )
    with stopped_by_signals():
        try:
            _up(_free(host, port), host, data.absolute(), wanted, began)
        except ServerFailed as failure:
            raise Failed(str(failure)) from None
        except KeyboardInterrupt:
            say("Stopped.")


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """SIGTERM and a closed terminal do what Ctrl-C does."""

    def interrupt(*_: object) -> None:
        # Once is enough: what stops must not be stopped half-way. A second Ctrl-C still may.
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _free(host: str, port: int) -> int:
    if port == 0:
        return free_ports(1)[0]
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Failed(
                f"Port {port} on {host} cannot be used: {error.strerror}. Choose another: PORT=… make up"
            ) from None
    return port


def _up(port: int, host: str, data: Path, wanted: bool, began: float) -> None:
    say(f"Starting servers in {data} …")
    with running(data) as embedded:
        _keep_push_key(data)
        os.environ.update(_environment(embedded, host, port, data))
        settings.cache_clear()
        file = data / LOGINS_FILE
        prepare(file if wanted else None)
        made = logins.read(file)
        if made:
            logins.write(file, made)  # again: addresses follow the port
        children = Children(data / "logs", dict(os.environ), say)
        try:
            for name in ("web", "worker", "dispatcher"):
                children.start(name)
            _await_ready(children, host, port)
            _announce(made, data, time.monotonic() - began)
            write_private(data / SERVERS_FILE, json.dumps(_environment(embedded, host, port, data)))
            _keep(embedded, children)
        finally:
            (data / SERVERS_FILE).unlink(missing_ok=True)
            say("\nStopping …")
            children.stop()


def _keep_push_key(data: Path) -> None:
    """Made once: with another key all phones would have to subscribe again."""
    if not (data / PUSH_KEY_FILE).exists():
        write_private(data / PUSH_KEY_FILE, f"{new_key()}\n")


def _environment(embedded: Embedded, host: str, port: int, data: Path) -> dict[str, str]:
    shown = LOOPBACK if host in ("0.0.0.0", "::") else host
    public = os.environ.get("NENNEP_PUBLIC_URL") or f"http://{shown}:{port}"
    own = {"NENNEP_HOST": host, "NENNEP_PORT": str(port), "NENNEP_PUBLIC_URL": public}
    if "NENNEP_PUSH_PRIVATE_KEY" not in os.environ:
        kept = str(data / PUSH_KEY_FILE)
        own["NENNEP_PUSH_PRIVATE_KEY_FILE"] = os.environ.get("NENNEP_PUSH_PRIVATE_KEY_FILE") or kept
    if factor := os.environ.get("NENNEP_SECOND_FACTOR"):
        own["NENNEP_SECOND_FACTOR"] = factor
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return embedded.servers.environment() | own | {"PYTHONPATH": path, "PYTHONUTF8": "1"}


def _await_ready(children: Children, host: str, port: int) -> None:
    until, web = time.monotonic() + READY_SECONDS, children.all["web"]
    answer = "no answer"
    while time.monotonic() < until and web.falls < 3:
        answer = _ask(LOOPBACK if host == "0.0.0.0" else host, port)
        if answer == "200":
            return
        children.look()
        time.sleep(0.1)
    raise Failed(f"GET /health/ready: {answer}. Log {web.log}:\n{tail(web.log)}")


def _ask(host: str, port: int) -> str:
    line = http.client.HTTPConnection(host, port, timeout=5)
    try:
        line.request("GET", "/health/ready")
        answer = line.getresponse()
        text = answer.read(400).decode("utf-8", "replace")
        return "200" if answer.status == 200 else f"{answer.status} {text}"
    except (OSError, http.client.HTTPException) as error:
        return f"{type(error).__name__}"
    finally:
        line.close()


def _announce(made: list[logins.Login], data: Path, seconds: float) -> None:
    for line in logins.table(made) if made else []:
        click.echo(f"  {line}")
    if made:
        click.echo(f"Log-ins (and where each begins): {data / LOGINS_FILE}")
    click.echo(f"Nền Nếp is ready after {seconds:.1f} s: {settings().public_url}")
    click.echo("Ctrl-C stops it; the data stays.")


def _keep(embedded: Embedded, children: Children) -> None:
    while True:
        for name in embedded.fallen():
            say(f"{name} has ended; starting it again.")
            with suppress(ServerFailed):
                embedded.restart(name)
        children.look()
        time.sleep(LOOK_SECONDS)
