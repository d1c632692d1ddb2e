"""A key for pushing is made by a command, and once a folder by `nennep up`."""

from __future__ import annotations

import stat
from pathlib import Path

from click.testing import CliRunner
from py_vapid import Vapid02

from infra.settings import KNOWN
from workers.commands import push_key
from workers.commands.up import PUSH_KEY_FILE, _keep_push_key


def test_a_key_is_made_that_the_setting_takes() -> None:
    made = [CliRunner().invoke(push_key.command).output.strip() for _ in range(2)]

    assert made[0] != made[1]
    for key in made:
        assert KNOWN["push_private_key"][0](key) == key
        assert Vapid02.from_raw(key.encode()).public_key is not None


def test_a_folder_keeps_its_key_and_shows_it_to_nobody_else(tmp_path: Path) -> None:
    _keep_push_key(tmp_path)
    first = (tmp_path / PUSH_KEY_FILE).read_text()
    _keep_push_key(tmp_path)

    assert (tmp_path / PUSH_KEY_FILE).read_text() == first
    assert stat.S_IMODE((tmp_path / PUSH_KEY_FILE).stat().st_mode) == 0o600
