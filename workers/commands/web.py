"""``nennep web``."""

from __future__ import annotations

import os

import click
import uvicorn

from workers.commands.ground import logging_for

# Streams of events end when a server is told to stop, but a phone may hold other connections open.
GRACE_SECONDS = 5


@click.command(epilog="Example: NENNEP_PORT=8000 nennep web --processes 2")
@click.option("--host", help="Address to listen on (default: NENNEP_HOST).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (default: NENNEP_PORT).")
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes that share the port.",
)
@click.option(
    "--trusted-proxies", default="127.0.0.1,::1", show_default=True,
    help="Whose X-Forwarded-* headers are believed: addresses or networks, with commas between them.",
)  # fmt: skip
def command(host: str | None, port: int | None, processes: int, trusted_proxies: str) -> None:
    """Serve HTTP until SIGTERM or Ctrl-C; requests under way are finished."""
    given = logging_for("web")
    os.environ.setdefault("PYTHONUTF8", "1")
    # By name, so that each process builds its own; and this floor may not import the other door.
    uvicorn.run(
        "web.app:create_app",
        factory=True,
        host=host or given.host,
        port=given.port if port is None else port,
        workers=processes,
        loop="auto",
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=trusted_proxies,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=30,
    )
