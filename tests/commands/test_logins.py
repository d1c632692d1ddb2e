"""The demo's log-ins are kept for their owner alone and follow the address of the run."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.embedded import Servers
from infra.settings import settings
from server.demo.logins import DemoLogin
from workers.commands import logins

MADE = [
    DemoLogin(
        "province_administrator", "Gia Lai", None, None, "tinh.gialai", "ban-bau-246", "/provinces/gia-lai/"
    ),
    DemoLogin(
        "secretary", "Gia Lai", "Thành ủy Pleiku", "Chi bộ 5", "bithu.pleiku", "lo-kim-759", "/pleiku/"
    ),
]


def test_the_file_has_every_field_and_opens_for_its_owner_only(servers: Servers, tmp_path: Path) -> None:
    file = tmp_path / "demo-logins.json"

    logins.write(file, logins.entries(MADE))

    kept = logins.read(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert [set(login) for login in kept] == [set(logins.FIELDS)] * 2
    assert kept[0]["committee"] is None
    assert kept[1]["url"] == f"{settings().public_url}/pleiku/"
    assert [len(line) > 0 for line in logins.table(kept)] == [True] * 3


def test_a_later_run_on_another_port_shows_its_own_addresses(
    servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "demo-logins.json"
    logins.write(file, logins.entries(MADE))
    with monkeypatch.context() as other_run:
        other_run.setenv("NENNEP_PUBLIC_URL", "http://127.0.0.1:9999")
        settings.cache_clear()
        shown = logins.read(file)
    settings.cache_clear()

    assert shown[1]["url"] == "http://127.0.0.1:9999/pleiku/"
    assert logins.read(tmp_path / "missing.json") == []
