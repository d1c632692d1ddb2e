"""The demonstration's log-ins are printed, so it stays on this machine unless somebody says otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from workers.commands import cli, up


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that servers were started for; none is."""
    monkeypatch.delenv("NENNEP_HOST", raising=False)
    hosts: list[str] = []
    monkeypatch.setattr(up, "_up", lambda port, host, *rest: hosts.append(host))
    return hosts


def run(data: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    found = CliRunner().invoke(
        cli, ["up", "--port", "0", "--data", str(data), *arguments], env=environment, catch_exceptions=False
    )
    return found.exit_code, found.output


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "nennep.example"])
def test_beyond_loopback_it_is_refused_with_what_to_do(host: str, started: list[str], tmp_path: Path) -> None:
    for code, said in (run(tmp_path, "--host", host), run(tmp_path, NENNEP_HOST=host)):
        assert code == 1
        assert f"{host} can be reached from other machines" in said
        assert "--beyond-loopback" in said
        assert "docs/install.md" in said
    assert started == []


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_this_machine_is_asked_nothing(host: str, started: list[str], tmp_path: Path) -> None:
    assert run(tmp_path, "--host", host)[0] == 0
    assert started == [host]


def test_who_means_it_says_so(started: list[str], tmp_path: Path) -> None:
    assert run(tmp_path, "--host", "0.0.0.0", "--beyond-loopback")[0] == 0
    assert run(tmp_path, "--host", "0.0.0.0", BEYOND_LOOPBACK="1")[0] == 0
    assert started == ["0.0.0.0", "0.0.0.0"]


def test_without_a_demonstration_there_is_nothing_to_keep_back(started: list[str], tmp_path: Path) -> None:
    assert run(tmp_path, "--host", "0.0.0.0", "--no-demo")[0] == 0
    (tmp_path / up.LOGINS_FILE).write_text("[]")

    assert run(tmp_path, "--host", "0.0.0.0", "--no-demo")[0] == 1
    assert started == ["0.0.0.0"]
