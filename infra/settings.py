"""All settings of a deployment, read once from the environment and frozen.

Every mistake is collected and told in one message, so that an administrator mends a deployment in one go.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit


class WrongSettings(Exception):
    """The environment does not describe a deployment; the text names every mistake."""


@dataclass(frozen=True)
class Settings:
    """What a process needs to know of the world around it. URLs carry their credentials."""

    database_url: str = field(repr=False)
    owner_database_url: str | None = field(repr=False)
    queue_url: str = field(repr=False)
    objects_url: str
    objects_access_key: str = field(repr=False)
    objects_secret_key: str = field(repr=False)
    objects_bucket: str
    public_url: str
    host: str
    port: int
    trusted_proxies: str
    linger_seconds: int
    database_pool: int
    database_connection_queries: int
    database_statements: int
    session_days: int
    invitation_days: int
    minutes_largest_mb: int
    minutes_pages: int
    minutes_megapixels: int
    minutes_bin_days: int
    push_private_key: str | None = field(repr=False)
    push_contact: str | None
    push_hosts: str
    secret_key: str = field(repr=False)
    second_factor: str
    quota_members: int
    quota_accounts: int
    quota_object_mb: int
    backup_url: str | None
    backup_objects_url: str | None
    backup_objects_access_key: str | None = field(repr=False)
    backup_objects_secret_key: str | None = field(repr=False)
    backup_key: str | None = field(repr=False)
    backup_keep_days: int
    metrics_host: str
    metrics_port: int
    traces_url: str | None
    log_level: str

    @property
    def https(self) -> bool:
        """Whether browsers reach us by https: decides the cookie's name and its Secure flag."""
        return self.public_url.startswith("https://")


def _text(value: str) -> str:
    if not value:
        raise ValueError("must not be empty")
    return value


def _url(*schemes: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in schemes or not parts.netloc:
            raise ValueError(f"must be an address that begins with {' or '.join(s + '://' for s in schemes)}")
        return value.rstrip("/")

    return read


def _number(low: int, high: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(value)

    return read


def _level(value: str) -> str:
    if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError("must be one of DEBUG, INFO, WARNING, ERROR")
    return value.upper()


def _push_key(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{43}", value):
        raise ValueError("must be a private key of P-256: 32 bytes as 43 characters of base64url")
    return value


def _secret_key(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{43,100}", value):
        raise ValueError("must be at least 32 random bytes as 43 or more characters of base64url")
    return value


def _second_factor(value: str) -> str:
    if value not in ("required", "offered"):
        raise ValueError("must be one of required, offered")
    return value


def _backup_place(value: str) -> str:
    parts = urlsplit(value)
    folder = parts.scheme == "file" and not parts.netloc and len(parts.path) > 1
    if not folder and not (
        parts.scheme == "s3" and re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", parts.netloc)
    ):
        raise ValueError("must be file:/// and a folder, or s3:// and a bucket, with a prefix or without")
    return value.rstrip("/")


def _backup_key(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{43}", value):
        raise ValueError("must be 32 random bytes as 43 characters of base64url")
    return value


def _contact(value: str) -> str:
    if not re.fullmatch(r"mailto:[^@\s]+@[\w-]+(\.[\w-]+)*|https://[\w-]+\.[\w.-]+", value):
        raise ValueError("must be mailto: and an address, or https:// and a host")
    return value


def _hosts(value: str) -> str:
    if wrong := [
        host for host in value.split() if not re.fullmatch(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+", host)
    ]:
        raise ValueError(f"must be names of hosts, *. for all below one: {wrong[0]}")
    return value


def _networks(value: str) -> str:
    """With commas and no blanks, as the server of HTTP takes them."""
    given = [part.strip() for part in value.split(",") if part.strip()]
    try:
        return ",".join(str(ip_network(part)) if "/" in part else str(ip_address(part)) for part in given)
    except ValueError:
        raise ValueError("must be addresses or networks (10.0.0.0/24) with commas between them") from None


# The most that a deployment may allow one file of minutes to have, in MB (of 1,000,000 bytes).
LARGEST_MB = 200
# Where browsers' makers take what is pushed: Chrome and its kin, Firefox, Safari, Edge.
PUSH_HOSTS = "fcm.googleapis.com updates.push.services.mozilla.com *.push.apple.com *.notify.windows.com"
_POSTGRES = _url("postgresql", "postgres")
PREFIX, _FILE = "NENNEP_", "_FILE"
# What only the tests of the repository read.
_TESTS = "NENNEP_TEST_"
# What stands in .env.example where a secret belongs.
EXAMPLE = "change-me"
# From 0 to 1: a letter left out, doubled or exchanged is above this, a setting of another version below.
_ALIKE = 0.9

# name -> (reader, default); a default of None means that the setting must be given.
KNOWN: dict[str, tuple[Callable[[str], str | int], str | None]] = {
    "database_url": (_POSTGRES, None),
    "owner_database_url": (_POSTGRES, ""),
    "queue_url": (_url("redis", "rediss", "valkey"), None),
    "objects_url": (_url("http", "https"), None),
    "objects_access_key": (_text, None),
    "objects_secret_key": (_text, None),
    "objects_bucket": (_text, "nennep"),
    "public_url": (_url("http", "https"), "http://127.0.0.1:8000"),
    "host": (_text, "127.0.0.1"),
    "port": (_number(0, 65535), "8000"),
    "trusted_proxies": (_networks, "127.0.0.1,::1"),
    "linger_seconds": (_number(0, 120), "5"),
    "database_pool": (_number(1, 200), "10"),
    "database_connection_queries": (_number(100, 1_000_000), "5000"),
    "database_statements": (_number(0, 10_000), "500"),
    "session_days": (_number(1, 90), "14"),
    "invitation_days": (_number(1, 90), "14"),
    "minutes_largest_mb": (_number(1, LARGEST_MB), "30"),
    "minutes_pages": (_number(1, 500), "60"),
    "minutes_megapixels": (_number(1, 200), "60"),
    "minutes_bin_days": (_number(1, 365), "30"),
    "push_private_key": (_push_key, ""),
    "push_contact": (_contact, ""),
    "push_hosts": (_hosts, PUSH_HOSTS),
    "secret_key": (_secret_key, None),
    "second_factor": (_second_factor, "required"),
    "quota_members": (_number(1, 1_000_000), "20000"),
    "quota_accounts": (_number(1, 1_000_000), "5000"),
    "quota_object_mb": (_number(1, 100_000_000), "100000"),
    "backup_url": (_backup_place, ""),
    "backup_objects_url": (_url("http", "https"), ""),
    "backup_objects_access_key": (_text, ""),
    "backup_objects_secret_key": (_text, ""),
    "backup_key": (_backup_key, ""),
    "backup_keep_days": (_number(1, 3650), "35"),
    "metrics_host": (_text, "127.0.0.1"),
    "metrics_port": (_number(0, 65535), "0"),
    "traces_url": (_url("http", "https"), ""),
    "log_level": (_level, "INFO"),
}


def read(environment: Mapping[str, str]) -> Settings:
    """Settings from ``NENNEP_*`` variables; ``NENNEP_X_FILE`` names a file that holds the value of ``NENNEP_X``.

    A variable that is like one of ours and is none is a slip of the pen; one that is like none may be meant for another
    version, and is passed over. Raises WrongSettings with one line for each mistake.
    """
    values: dict[str, object] = {}
    mistakes: list[str] = []
    for name, (reader, default) in KNOWN.items():
        variable = f"{PREFIX}{name.upper()}"
        try:
            raw = _raw(environment, variable, default)
            if EXAMPLE in raw:
                raise ValueError(f"still has {EXAMPLE} of the example, which everybody can read")
            values[name] = None if raw == default == "" else reader(raw)
        except (ValueError, OSError) as error:
            mistakes.append(f"{variable}: {error}")
    mistakes += [
        f"{name}: is not known; did you mean {near}?" for name, near in unknown(environment).items() if near
    ]
    mistakes += _halves(values)
    if mistakes:
        raise WrongSettings("These settings are missing or wrong:\n  " + "\n  ".join(mistakes))
    return Settings(**values)  # type: ignore[arg-type]


def _halves(values: Mapping[str, object]) -> list[str]:
    keys = ("backup_objects_access_key", "backup_objects_secret_key")
    if values.get("backup_objects_url") is None or all(values.get(key) for key in keys):
        return []
    needed = " and ".join(f"{PREFIX}{key.upper()}" for key in keys)
    return [f"{PREFIX}BACKUP_OBJECTS_URL: needs {needed}"]


def _raw(environment: Mapping[str, str], variable: str, default: str | None) -> str:
    file = f"{variable}{_FILE}"
    if variable in environment and file in environment:
        raise ValueError(f"is given twice: take away {file} or {variable}")
    if variable in environment:
        return environment[variable]
    if file in environment:
        return _secret(environment[file])
    if default is None:
        raise ValueError("must be set")
    return default


def _secret(path: str) -> str:
    try:
        value = Path(path).read_text(encoding="utf-8").strip()
    except UnicodeDecodeError:
        raise ValueError(f"the file {path} is not text") from None
    except OSError as error:
        raise ValueError(f"the file {path} cannot be read: {error.strerror}") from None
    if not value:
        raise ValueError(f"the file {path} is empty")
    return value


def unknown(environment: Mapping[str, str]) -> dict[str, str]:
    """Variables ``NENNEP_*`` that nothing reads, each with the known name that it is like, "" where there is none."""
    known = [f"{PREFIX}{name.upper()}{ending}" for name in KNOWN for ending in ("", _FILE)]
    strange = sorted(name for name in environment if name.startswith(PREFIX) and not name.startswith(_TESTS))
    return {name: "".join(get_close_matches(name, known, 1, _ALIKE)) for name in strange if name not in known}


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read at the first call."""
    return read(os.environ)
