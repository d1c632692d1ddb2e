"""The previous release's own code, from the history of this repository, beside the present one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

from infra.embedded import Servers
from infra.embedded.process import Spawner
from server import clock
from tenants.current import CommitteeRef
from tests.kill.house import Web
from tests.kill.room import Marker, Room
from tests.upgrade.loading import Left
from workers.commands.children import OURSELVES, ROOT


@contextmanager
def tree_of(commit: str, folder: Path) -> Iterator[Path | None]:
    """A working tree of that commit in ``folder``, with the browser files of this one; None where there is no such
    history (a copy without git, a shallow clone).
    """
    tree = folder / "previous"
    if git("worktree", "add", "--detach", str(tree), commit) != 0:
        yield None
        return
    try:
        (tree / "web" / "static" / "dist").symlink_to(ROOT / "web" / "static" / "dist")
        yield tree
    finally:
        git("worktree", "remove", "--force", str(tree))


def git(*arguments: str) -> int:
    """Its exit code; 127 without git."""
    try:
        return subprocess.run(["git", *arguments], cwd=ROOT, check=False, capture_output=True).returncode
    except FileNotFoundError:
        return 127


class PreviousWeb(Web):
    """``nennep web`` of another tree, with this environment's packages."""

    def __init__(self, tree: Path, servers: Servers, folder: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / f"web-previous-{time.monotonic_ns()}.log"
        self._spawner = Spawner()
        self._process = self._spawner.start(
            [sys.executable, "-m", "workers.commands", "web", "--port", str(port)],
            account=OURSELVES, death_signal=signal.SIGKILL, folder=tree, log=self.log,
            environment=dict(os.environ) | servers.environment() | {"PYTHONPATH": str(tree)},
        )  # fmt: skip


async def room_of(left: Left) -> Room:
    """The secretary of a kept committee, four times over, and a meeting today that no earlier release knows of."""
    login = left.login("secretary")["login"]
    row = await left.owner.fetchrow(
        """SELECT a.id AS account, g.cell, c.* FROM platform.account a JOIN platform.account_grant g ON g.account = a.id
        JOIN platform.committee c ON c.id = g.committee WHERE a.login = $1 AND g.role = 'secretary'""",
        login,
    )
    schema = f'"{row["schema_name"]}"'
    numbers = await left.owner.fetch(
        f"""SELECT m.no FROM {schema}.membership s JOIN {schema}.member m ON m.id = s.member
        WHERE s.cell = $1 AND s.to_on IS NULL ORDER BY m.no""",
        row["cell"],
    )
    meeting: UUID = uuid4()
    await left.owner.execute(
        f"""INSERT INTO {schema}.meeting (id, cell, kind, held_on, starts_at)
        VALUES ($1, $2, 'regular', $3, now())""",
        meeting, row["cell"], clock.today(),
    )  # fmt: skip
    names = ("id", "slug", "schema_name", "kind", "name", "state")
    ref = CommitteeRef(province_id=row["province"], **{name: row[name] for name in names})
    everybody = tuple(number["no"] for number in numbers)
    secretary = Marker(row["account"], login, "secretary", everybody)
    return Room(ref, ref, row["cell"], meeting, secretary, secretary, (secretary, secretary))
