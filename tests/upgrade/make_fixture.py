"""Keep the database of a release, so that the next one can be shown to upgrade it. A maintainer runs this at a release:

    python -m tests.upgrade.make_fixture COMMIT

That commit's own code builds a small demonstration in servers of its own; what comes of it is written to
tests/fixtures/upgrade: ``<commit>.sql.xz``, which psql loads as a superuser, and ``<commit>.json``, which says what is
in it and who can log in. All people in it are invented.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import lzma
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parents[1] / "fixtures" / "upgrade"
TODAY = date(2026, 11, 14)
PART = 0.02  # of the demonstration's ordinary cells
MONTHS = 7  # of meetings, instead of a year: the file stays below 400 KB
ROLE = """CREATE ROLE "{0}" NOLOGIN; GRANT nennep_tenant TO "{0}" WITH INHERIT TRUE, SET FALSE;
GRANT "{0}" TO nennep_app WITH INHERIT FALSE, SET TRUE;
"""


def main(commit: str) -> None:
    """Check the commit out beside this tree, let its own code build, and keep what it built."""
    root = Path(__file__).parents[2]
    short = _git(root, "rev-parse", "--short=7", commit)
    with tempfile.TemporaryDirectory() as scratch:
        tree, made = Path(scratch, "tree"), Path(scratch, "made.json")
        _git(root, "worktree", "add", "--detach", str(tree), commit)
        try:
            subprocess.run(
                [sys.executable, "-P", __file__, "--inside", str(made)],
                cwd=tree, env=os.environ | {"PYTHONPATH": str(tree)}, check=True,
            )  # fmt: skip
        finally:
            _git(root, "worktree", "remove", "--force", str(tree))
        told = json.loads(made.read_text("utf-8"))
    FIXTURES.mkdir(exist_ok=True)
    dump = told.pop("sql").encode()
    (FIXTURES / f"{short}.sql.xz").write_bytes(lzma.compress(dump, preset=9 | lzma.PRESET_EXTREME))
    text = json.dumps({"commit": _git(root, "rev-parse", commit), **told}, ensure_ascii=False, indent=1)
    (FIXTURES / f"{short}.json").write_text(text + "\n", "utf-8")


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def inside(out: Path) -> None:
    """What runs in the other tree, on that tree's modules."""
    from infra.embedded import running

    with tempfile.TemporaryDirectory() as folder, running(Path(folder, "data"), fast=True) as embedded:
        os.environ.update(embedded.servers.environment())
        logins = asyncio.run(_build(embedded.servers.owner_url, embedded.servers.app_url))
        told = asyncio.run(_told(embedded.servers.database_url))
        out.write_text(json.dumps({**told, "logins": logins}), "utf-8")


async def _build(owner_url: str, app_url: str) -> list[dict[str, Any]]:
    from infra.postgres import close_pool, open_pool
    from server.demo import build as demo
    from server.schema import platform_lines
    from tenants.migrations.runner import migrate_platform

    await migrate_platform(owner_url, platform_lines())
    await open_pool(app_url, size=4)
    vars(demo)["_YEAR"] = MONTHS
    small = {"communes": 2} if "communes" in inspect.signature(demo.build).parameters else {}
    try:
        logins = await demo.build(
            owner_url, today=TODAY, part=PART, minutes=False, progress=lambda *_: None, **small
        )
        await demo.mark_built()
    finally:
        await close_pool()
    return [asdict(login) for login in logins]


async def _told(super_url: str) -> dict[str, Any]:
    """The versions, and the database as one text."""
    from infra.postgres import connect

    owner = await connect(super_url)
    schemas = [r[0] for r in await owner.fetch("SELECT schema_name FROM platform.committee ORDER BY slug")]
    versions = await owner.fetch(
        "SELECT line, max(version) FROM platform.migration GROUP BY line ORDER BY line"
    )
    committee = await owner.fetchval("SELECT max(version) FROM platform.committee")
    await owner.close()
    roles = "SET ROLE nennep_owner;\n" + "".join(ROLE.format(name) for name in schemas) + "RESET ROLE;\n"
    return {
        "today": TODAY.isoformat(),
        "versions": dict(versions) | {"committee": committee},
        "schemas": schemas,
        "sql": roles + _dumped(super_url, schemas),
    }


def _dumped(super_url: str, schemas: list[str]) -> str:
    from infra.embedded.programs import postgres

    chosen = [f"--schema={name}" for name in ("platform", *schemas)]
    done = subprocess.run(
        [str(postgres("pg_dump")), "--format=plain", "--no-comments", *chosen, super_url],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        inside(Path(sys.argv[2]))
    elif len(sys.argv) == 2:
        main(sys.argv[1])
    else:
        raise SystemExit(__doc__)
