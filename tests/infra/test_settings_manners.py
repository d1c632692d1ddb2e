"""Secret files, slips of the pen, and whose headers are believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.settings import KNOWN, WrongSettings, read, unknown
from tests.infra.test_settings import GOOD

KEY, FILE = "NENNEP_OBJECTS_SECRET_KEY", "NENNEP_OBJECTS_SECRET_KEY_FILE"
WITHOUT_KEY = {name: value for name, value in GOOD.items() if name != KEY}


def told(environment: dict[str, str]) -> list[str]:
    """The lines below the first."""
    with pytest.raises(WrongSettings) as wrong:
        read(environment)
    assert "geheim" not in str(wrong.value)
    return [line.strip() for line in str(wrong.value).splitlines()[1:]]


def test_a_secret_file_that_cannot_be_used_is_told_with_its_path(tmp_path: Path) -> None:
    missing, empty, binary = (tmp_path / name for name in ("missing", "empty", "binary"))
    empty.write_text(" \n", encoding="utf-8")
    binary.write_bytes(b"\xff\xfe\x00geheim")

    assert told(WITHOUT_KEY | {FILE: str(missing)}) == [
        f"{KEY}: the file {missing} cannot be read: No such file or directory"
    ]
    assert told(WITHOUT_KEY | {FILE: str(tmp_path)}) == [
        f"{KEY}: the file {tmp_path} cannot be read: Is a directory"
    ]
    assert told(WITHOUT_KEY | {FILE: str(empty)}) == [f"{KEY}: the file {empty} is empty"]
    assert told(WITHOUT_KEY | {FILE: str(binary)}) == [f"{KEY}: the file {binary} is not text"]


def test_a_value_and_a_file_for_it_are_one_too_many(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("geheim", encoding="utf-8")

    assert told(GOOD | {FILE: str(file)}) == [f"{KEY}: is given twice: take away {FILE} or {KEY}"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("NENNEP_DATABSE_URL", "NENNEP_DATABASE_URL"), ("NENNEP_PUBLICURL", "NENNEP_PUBLIC_URL"),
        ("NENNEP_PROT", "NENNEP_PORT"), ("NENNEP_SECRET_KEY_FIEL", "NENNEP_SECRET_KEY_FILE"),
        ("NENNEP_QUOTA_MEMBER", "NENNEP_QUOTA_MEMBERS"),
    ],
)  # fmt: skip
def test_a_slip_of_the_pen_is_told_with_what_was_meant(written: str, meant: str) -> None:
    assert told(GOOD | {written: "geheim"}) == [f"{written}: is not known; did you mean {meant}?"]


def test_what_another_version_or_the_tests_read_is_passed_over() -> None:
    later = {"NENNEP_SMOKE_SIGNALS": "yes", "NENNEP_TEST_PORT": "1", "NENNEPX": "1", "DATABASE_URL": "x"}

    assert read(GOOD | later) == read(GOOD)
    assert unknown(GOOD | later) == {"NENNEP_SMOKE_SIGNALS": ""}


def test_no_setting_is_taken_for_a_slip_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a version that does not have it yet could not start beside one that has it."""
    for name in KNOWN:
        monkeypatch.setattr("infra.settings.KNOWN", {one: how for one, how in KNOWN.items() if one != name})

        assert unknown({f"NENNEP_{name.upper()}": "x"}) == {f"NENNEP_{name.upper()}": ""}


@pytest.mark.parametrize("good", ["10.0.0.1", "172.31.250.0/28,::1", "fd00::/8"])
def test_proxies_are_addresses_and_networks(good: str) -> None:
    assert read(GOOD | {"NENNEP_TRUSTED_PROXIES": good}).trusted_proxies == good
    assert read(GOOD | {"NENNEP_TRUSTED_PROXIES": good.replace(",", " , ")}).trusted_proxies == good


@pytest.mark.parametrize("wrong", ["*", "proxy", "10.0.0.0/33", "10.0.0.1/24", "10.0.0.1 10.0.0.2"])
def test_everybody_is_no_proxy(wrong: str) -> None:
    assert told(GOOD | {"NENNEP_TRUSTED_PROXIES": wrong}) == [
        "NENNEP_TRUSTED_PROXIES: must be addresses or networks (10.0.0.0/24) with commas between them"
    ]


def test_a_store_of_its_own_for_backups_is_refused_without_both_its_keys() -> None:
    store = {"NENNEP_BACKUP_OBJECTS_URL": "https://store.example"}
    access, secret = "NENNEP_BACKUP_OBJECTS_ACCESS_KEY", "NENNEP_BACKUP_OBJECTS_SECRET_KEY"

    assert told(GOOD | store | {access: "a"}) == [f"NENNEP_BACKUP_OBJECTS_URL: needs {access} and {secret}"]
    assert read(GOOD | store | {access: "a", secret: "s"}).backup_objects_secret_key == "s"
