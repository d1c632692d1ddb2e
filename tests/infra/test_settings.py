"""An administrator mends a deployment in one go: every mistake is told at once, and no secret with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from infra.settings import KNOWN, Settings, WrongSettings, read

ROOT = Path(__file__).parents[2]
GOOD = {
    "NENNEP_DATABASE_URL": "postgresql://nennep_app:geheim@db:5432/nennep",
    "NENNEP_QUEUE_URL": "redis://queue:6379/0",
    "NENNEP_OBJECTS_URL": "http://objects:9000/",
    "NENNEP_OBJECTS_ACCESS_KEY": "key",
    "NENNEP_OBJECTS_SECRET_KEY": "geheim",
    "NENNEP_SECRET_KEY": "geheim" + "A" * 37,
}


def mistakes(changed: dict[str, str]) -> list[str]:
    """The variables that are complained about."""
    with pytest.raises(WrongSettings) as told:
        read(GOOD | changed)
    assert "geheim" not in str(told.value)
    return re.findall(r"(NENNEP_\w+):", str(told.value))


def test_the_least_that_must_be_given_is_enough() -> None:
    settings = read(GOOD)

    assert settings.database_url == GOOD["NENNEP_DATABASE_URL"]
    assert settings.objects_url == "http://objects:9000"
    assert (settings.owner_database_url, settings.port, settings.log_level) == (None, 8000, "INFO")
    assert settings.https is False


def test_nothing_given_tells_everything_that_is_missing() -> None:
    with pytest.raises(WrongSettings) as told:
        read({})

    assert sorted(re.findall(r"(NENNEP_\w+): must be set", str(told.value))) == sorted(GOOD)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("NENNEP_DATABASE_URL", "mysql://geheim@db/nennep"), ("NENNEP_DATABASE_URL", "geheim"),
        ("NENNEP_QUEUE_URL", "http://queue"), ("NENNEP_OBJECTS_URL", "//objects"), ("NENNEP_OBJECTS_URL", "http://"),
        ("NENNEP_PORT", "-1"), ("NENNEP_PORT", "65536"), ("NENNEP_PORT", "٨"), ("NENNEP_PORT", "80 "),
        ("NENNEP_DATABASE_POOL", "0"), ("NENNEP_DATABASE_STATEMENTS", "-1"),
        ("NENNEP_SESSION_DAYS", "9999"), ("NENNEP_LOG_LEVEL", "LOUD"),
        ("NENNEP_INVITATION_DAYS", "1.5"), ("NENNEP_PUBLIC_URL", "ftp://x"),
        ("NENNEP_PUSH_PRIVATE_KEY", "geheim"), ("NENNEP_PUSH_CONTACT", "geheim"), ("NENNEP_PUSH_HOSTS", "https://x.test"),
        ("NENNEP_SECRET_KEY", "geheim"), ("NENNEP_METRICS_PORT", "70000"), ("NENNEP_TRACES_URL", "collector:4318"),
        ("NENNEP_SECOND_FACTOR", "maybe"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_by_its_name(variable: str, value: str) -> None:
    assert mistakes({variable: value}) == [variable]


def test_all_mistakes_are_told_at_once() -> None:
    assert mistakes({"NENNEP_PORT": "x", "NENNEP_LOG_LEVEL": "x", "NENNEP_QUEUE_URL": "x"}) == [
        "NENNEP_QUEUE_URL", "NENNEP_PORT", "NENNEP_LOG_LEVEL",
    ]  # fmt: skip


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("aus der Datei\n", encoding="utf-8")
    given = {k: v for k, v in GOOD.items() if k != "NENNEP_OBJECTS_SECRET_KEY"}

    assert read(given | {"NENNEP_OBJECTS_SECRET_KEY_FILE": str(file)}).objects_secret_key == "aus der Datei"
    with pytest.raises(WrongSettings, match="NENNEP_OBJECTS_SECRET_KEY"):
        read(given | {"NENNEP_OBJECTS_SECRET_KEY_FILE": str(tmp_path / "missing")})


def test_settings_do_not_change_and_know_https() -> None:
    settings = read(GOOD | {"NENNEP_PUBLIC_URL": "https://nennep.example", "NENNEP_LOG_LEVEL": "debug"})

    assert (settings.https, settings.log_level) == (True, "DEBUG")
    with pytest.raises(AttributeError):
        settings.port = 1  # type: ignore[misc]


def test_the_example_names_every_setting_with_its_default() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    optional = dict(line[2:].split("=", 1) for line in lines if line.startswith("# NENNEP_") and "=" in line)
    required = dict(line.split("=", 1) for line in lines if line.startswith("NENNEP_"))

    assert {
        f"NENNEP_{name.upper()}": default for name, (_, default) in KNOWN.items() if default is not None
    } == optional
    assert {f"NENNEP_{name.upper()}" for name, (_, default) in KNOWN.items() if default is None} == set(
        required
    )
    assert set(KNOWN) == set(Settings.__dataclass_fields__)
    # What everybody can read in the repository is no secret: it has to be replaced before anything starts.
    secrets = {name for name, value in required.items() if "change-me" in value}
    with pytest.raises(WrongSettings) as refused:
        read(required)
    told = {line.strip().split(":")[0] for line in str(refused.value).splitlines()[1:]}
    assert told == secrets >= {"NENNEP_SECRET_KEY", "NENNEP_DATABASE_URL", "NENNEP_OBJECTS_SECRET_KEY"}
    assert read(required | {name: GOOD[name] for name in secrets}).port == 8000
