"""What KEDA asks PostgreSQL: the backlog by queue, with a role that sees nothing else. Tried in a real one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio

from infra.embedded import Servers
from infra.postgres import sql
from tenants.transactions import platform_transaction
from tests.helm.chart import CHART, library, rendered
from tests.workers.rows import end_left_over
from workers.jobs import JOBS, QUEUES

PASSWORD = "only-counts"
SHAPE = {
    "pollingInterval",
    "cooldownPeriod",
    "minReplicaCount",
    "maxReplicaCount",
    "scaleTargetRef",
    "triggers",
}


@pytest.fixture(autouse=True, scope="module")
def helm() -> None:
    """Where Helm's library is not to be had, nothing of this can be asked."""
    library()


def queries() -> dict[str, str]:
    """The query of each queue's scaler."""
    found = {}
    for scaler in rendered("country").of("ScaledObject"):
        (trigger,) = scaler["spec"]["triggers"]
        found[scaler["metadata"]["name"].removeprefix("nennep-worker-")] = trigger["metadata"]["query"]
    return found


def test_each_kind_of_worker_follows_its_own_backlog() -> None:
    scalers = rendered("country").of("ScaledObject")
    (keys,) = rendered("country").of("TriggerAuthentication")

    assert {*queries()} == {*QUEUES}
    for scaler in scalers:
        spec = scaler["spec"]
        assert set(spec) >= SHAPE
        assert 1 <= spec["minReplicaCount"] < spec["maxReplicaCount"]
        (trigger,) = spec["triggers"]
        assert trigger["type"] == "postgresql"
        assert trigger["authenticationRef"]["name"] == keys["metadata"]["name"]
        assert int(trigger["metadata"]["targetQueryValue"]) > 0
    assert rendered("province").of("ScaledObject", "TriggerAuthentication") == []


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def counter(database: Servers) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the role that the example makes, by the example's own text."""
    owner = await asyncpg.connect(database.owner_url)
    text = (
        (CHART / "examples" / "metrics-role.sql").read_text("utf-8").replace(":'password'", f"'{PASSWORD}'")
    )
    await owner.execute(text)
    parts = urlsplit(database.owner_url)
    place = parts.netloc.rpartition("@")[2]
    line = await asyncpg.connect(urlunsplit(parts._replace(netloc=f"nennep_metrics:{PASSWORD}@{place}")))
    yield line
    await line.close()
    await owner.execute(
        "DROP POLICY metrics ON platform.outbox; GRANT nennep_metrics TO nennep_owner; DROP OWNED BY nennep_metrics"
    )
    await owner.execute("DROP ROLE nennep_metrics")
    await owner.close()


async def _row(job: str, state: str) -> UUID:
    id_ = uuid4()
    await sql(
        f"INSERT INTO platform.outbox (id, job, arguments, {state}) VALUES ($1, $2, '{{}}', {STATES[state]})",
        id_, job,
    )  # fmt: skip
    return id_


STATES = {
    "due_at": "now() + interval '1 hour'",
    "done_at": "now()",
    "dead_at": "now()",
    "sent_at": "now()",
    "created_at": "now()",
}


async def test_it_counts_what_waits_and_what_somebody_is_at(counter: asyncpg.Connection) -> None:
    await end_left_over()
    before = {queue: await counter.fetchval(query) for queue, query in queries().items()}
    async with platform_transaction():
        rows = [await _row(job, state) for job in JOBS for state in STATES]

    after = {queue: await counter.fetchval(query) for queue, query in queries().items()}
    async with platform_transaction():
        await sql("DELETE FROM platform.outbox WHERE id = ANY ($1)", rows)

    # Waiting, and being worked on; neither for later, nor done, nor given up.
    for queue in QUEUES:
        jobs = sum(job.queue == queue for job in JOBS.values())
        assert after[queue] - before[queue] == 2 * jobs, queue
    assert sum(before.values()) == 0


async def test_a_job_that_nobody_knows_any_more_counts_as_bulk(counter: asyncpg.Connection) -> None:
    async with platform_transaction():
        await sql(
            "INSERT INTO platform.outbox (id, job, arguments) VALUES (gen_random_uuid(), 'gone_by_now', '{}')"
        )

    counted = {queue: await counter.fetchval(query) for queue, query in queries().items()}
    async with platform_transaction():
        await sql("DELETE FROM platform.outbox WHERE job = 'gone_by_now'")

    assert counted == {"interactive": 0, "bulk": 1, "paper": 0}


@pytest.mark.parametrize(
    "question",
    [
        "SELECT arguments FROM platform.outbox",
        "SELECT schema_name FROM platform.outbox",
        "SELECT * FROM platform.account",
        "SELECT * FROM platform.committee",
        "DELETE FROM platform.outbox",
        "SET ROLE nennep_app",
    ],
)
async def test_it_sees_nothing_else(counter: asyncpg.Connection, question: str) -> None:
    with pytest.raises(asyncpg.PostgresError, match=r"permission denied|read-only"):
        await counter.execute(question)
