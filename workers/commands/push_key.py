"""``nennep push-key``."""

from __future__ import annotations

import click

from infra.push import new_key


@click.command(
    epilog="Example: nennep push-key > /run/secrets/push-key, named by NENNEP_PUSH_PRIVATE_KEY_FILE"
)
def command() -> None:
    """Make a private key for reminders on phones (NENNEP_PUSH_PRIVATE_KEY). A new one ends all subscriptions."""
    click.echo(new_key())
