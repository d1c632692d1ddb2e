"""Every command explains itself with an example, and help costs nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from workers.commands import COMMANDS, cli
from workers.commands.children import ROOT


def every(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """All commands below one."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from every(child, (*path, name))
    else:
        yield path, command


@pytest.mark.parametrize("path", [path for path, _ in every(cli)], ids=" ".join)
def test_help_has_an_example(path: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(cli, [*path, "--help"])

    assert shown.exit_code == 0
    assert "Example" in shown.output
    assert f"nennep {' '.join(path)}" in " ".join(shown.output.split())


def test_every_command_is_in_the_list() -> None:
    shown = CliRunner().invoke(cli, ["--help"])

    assert all(f"  {name} " in shown.output for name in COMMANDS)


def test_the_list_is_shown_without_loading_what_the_commands_need() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from workers.commands import cli;"
        "CliRunner().invoke(cli, ['--help']);"
        "print(*[m for m in ('asyncpg', 'dramatiq', 'piccolo', 'uvicorn', 'minio') if m in sys.modules])"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert loaded.stdout.strip() == ""
