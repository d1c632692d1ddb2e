"""``nennep web``."""

from __future__ import annotations

import os

import click
import uvicorn

from workers.commands.ground import let_in, logging_for

# What is under way when a server is told to end has so long: a page of minutes from a slow phone. What is cut then, the
# phone sends again.
GRACE_SECONDS = 20


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
    "--trusted-proxies",
    help="Whose X-Forwarded-* headers are believed: addresses or networks, with commas between them "
    "(default: NENNEP_TRUSTED_PROXIES).",
)
@click.option(
    "--grace",
    type=click.IntRange(1, 3600),
    default=GRACE_SECONDS,
    show_default=True,
    help="Seconds that requests under way have after SIGTERM, before they are cut.",
)
def command(
    host: str | None, port: int | None, processes: int, trusted_proxies: str | None, grace: int
) -> None:  # fmt: skip
    """Serve HTTP until SIGTERM or Ctrl-C; requests under way are finished.

    At SIGTERM readiness says 503 at once, what comes is served for NENNEP_LINGER_SECONDS more, then what is under way
    has --grace seconds. A second SIGTERM ends the lingering, a third cuts what is left.
    """
    given = logging_for("web")
    let_in("NENNEP_DATABASE_URL", given.database_url)
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
        forwarded_allow_ips=trusted_proxies or given.trusted_proxies,
        timeout_graceful_shutdown=grace,
        timeout_keep_alive=30,
    )
