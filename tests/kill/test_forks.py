"""kill -9 of the process that pages are forked from: the next page gets a new one."""

from __future__ import annotations

from multiprocessing import forkserver

import psutil

from server.paper import child
from tests.minutes.sending import PHOTO
from tests.workers.processes import until


async def test_a_page_is_looked_at_after_its_forks_were_killed() -> None:
    child.warm_up()
    struck = psutil.Process(forkserver._forkserver._forkserver_pid)  # type: ignore[attr-defined]
    struck.kill()

    async def dead() -> bool:
        return struck.status() == psutil.STATUS_ZOMBIE

    await until(dead, what="it lives on")
    found = await child.look_at(PHOTO, pages=1, pixels=60_000_000)

    assert found.pages
    assert forkserver._forkserver._forkserver_pid != struck.pid  # type: ignore[attr-defined]
