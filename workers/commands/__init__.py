"""The command line ``nennep``. Each command is imported only when it is asked for, so help comes at once."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from infra.settings import WrongSettings

# name -> (module, what `nennep --help` says of it); the module holds the command as ``command``.
COMMANDS = {
    "up": ("up", "Run everything here, with servers of its own, until Ctrl-C."),
    "web": ("web", "Serve HTTP."),
    "worker": ("worker", "Do jobs from the queue."),
    "dispatcher": ("dispatcher", "Hand the outbox and the timetable to the queue."),
    "doctor": ("doctor", "Look at a deployment: what is wrong, and what to do."),
    "migrate": ("migrate", "Bring the platform and all committees to this version."),
    "province": ("province", "Create and list provinces."),
    "committee": ("committee", "Create, list, suspend, export, restore and erase committees."),
    "account": ("account", "Create the accounts that nobody can invite; reset second factors."),
    "backup": ("backup", "Make, list, verify, restore and judge committees' backups."),
    "recovered": ("recovered", "After a recovery of the database to a moment: spare what was stored since."),
    "rollups": ("rollups", "Verify and recompute the province's figures."),
    "jobs": ("jobs", "Look at jobs that were given up, and release them."),
    "check": ("check", "Ask a running deployment over its pages: health, a whole roll call."),
    "push-key": ("push_key", "Make a private key for reminders on phones."),
    "demo": ("demo", "Fill an empty database with invented provinces."),
}


class Commands(click.Group):
    """Finds commands by the table above and turns wrong settings into one clear message."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Names in the order of the table: by the life of a deployment, not by the alphabet."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"workers.commands.{COMMANDS[cmd_name][0]}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run, with WrongSettings as an ordinary failure."""
        try:
            return super().invoke(ctx)
        except WrongSettings as mistakes:
            raise click.ClickException(str(mistakes)) from None


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Settings come from the environment (NENNEP_…). Beside a running `nennep up` in the folder DATA_DIR "
    "(default .local), commands that are given none use its servers. Exit codes: 0 done, 1 failed, 2 wrong usage.",
)
def cli() -> None:
    """Nền Nếp: roll call, meetings and figures for committees and their cells."""


def main() -> None:
    """The entry point."""
    cli(prog_name="nennep")
