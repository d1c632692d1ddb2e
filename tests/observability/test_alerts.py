"""Alerts and dashboards ask for what there is, and whoever is woken finds what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from server.backups.standing import LATE, NONE_TRIED
from tests.observability.deployment import Deployment
from tests.observability.evening import Evening
from tests.observability.test_metrics import names, samples
from workers.jobs import QUEUES

ROOT = Path(__file__).parents[2]
FILES = ROOT / "helm" / "nennep" / "files"
RUNBOOKS = ROOT / "docs" / "runbooks.md"
ALERTS: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((FILES / "alerts.yaml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
DASHBOARDS = sorted((FILES / "dashboards").glob("*.json"))


def expressions(dashboard: Path) -> Iterator[str]:
    for panel in json.loads(dashboard.read_text("utf-8"))["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def asked(expression: str) -> set[str]:
    """The series that an expression asks for. Raises ValueError where it is none."""
    return set(re.findall(r"\b((?:nennep|process)_\w+)", promql_parser.parse(expression).prettify()))


def families(series: set[str]) -> set[str]:
    return {
        re.sub(r"_seconds_(bucket|count|sum)$", "_seconds", name)
        for name in series
        if name.startswith("nennep_")
    }


def every_expression() -> Iterator[str]:
    yield from (alert["expr"] for alert in ALERTS)
    for dashboard in DASHBOARDS:
        yield from expressions(dashboard)


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_an_alert_asks_for_what_there_is_and_says_what_to_do(alert: dict[str, Any]) -> None:
    assert asked(alert["expr"])
    assert families(asked(alert["expr"])) <= names()
    assert alert["labels"]["severity"] in ("critical", "warning")
    assert set(alert["annotations"]) == {"summary", "description", "runbook"}
    assert alert["annotations"]["runbook"] == f"docs/runbooks.md#{alert['alert'].lower()}"


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    headings = re.findall(r"^### (Nennep\w+)$", RUNBOOKS.read_text("utf-8"), re.MULTILINE)

    assert sorted(headings) == sorted(alert["alert"] for alert in ALERTS)


@pytest.mark.parametrize(
    ("alert", "late"),
    [
        ("NennepBackupOld", LATE),
        ("NennepBackupStale", LATE + timedelta(days=1)),
        ("NennepDrillOld", NONE_TRIED),
    ],
)
def test_backups_are_late_for_alerts_when_they_are_for_pages_and_doctor(alert: str, late: timedelta) -> None:
    [expression] = [one["expr"] for one in ALERTS if one["alert"] == alert]

    number, unit = re.findall(r"> (\d+) \* (3600|86400)", expression)[0]

    assert timedelta(seconds=int(number) * int(unit)) == late


@pytest.mark.parametrize("heading", [alert["alert"] for alert in ALERTS])
def test_a_runbook_tells_what_is_noticed_where_to_look_what_to_do_and_what_never(heading: str) -> None:
    entry = RUNBOOKS.read_text("utf-8").split(f"### {heading}\n")[1].split("\n### ")[0]

    assert [
        word for word in ("**Noticed.**", "**Look.**", "**Do.**", "**Never.**") if word not in entry
    ] == []


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda path: path.stem)
def test_a_dashboard_asks_for_what_there_is(dashboard: Path) -> None:
    made = json.loads(dashboard.read_text("utf-8"))

    assert made["uid"] == f"nennep-{dashboard.stem}"
    assert len({panel["id"] for panel in made["panels"]}) == len(made["panels"])
    for expression in expressions(dashboard):
        assert asked(expression), expression
        assert families(asked(expression)) <= names(), expression


def test_an_expression_that_is_none_is_caught() -> None:
    with pytest.raises(ValueError, match=r"."):
        asked("sum(rate(nennep_jobs_total[5m])")
    assert not families({"nennep_jobs_totals"}) <= names()


async def test_every_series_is_really_scraped_with_the_labels_that_are_asked_for(
    deployment: Deployment, evening: Evening
) -> None:
    scraped: dict[str, dict[str, set[str]]] = {}
    for text in await deployment.scrapes():
        for sample in samples(text):
            labels = scraped.setdefault(sample.name, {})
            for label, value in sample.labels.items():
                labels.setdefault(label, set()).add(value)

    for expression in every_expression():
        assert asked(expression) <= set(scraped), expression
        for name, label, value in re.findall(r'(\w+)\{(\w+)="([^"]+)"', expression):
            # A failure of a kind that the evening did not have is the only thing that may not be there yet.
            known = scraped[name].get(label, set()) | {"died", "failed"}
            assert value in known, expression
    assert scraped["nennep_outbox_waiting"]["queue"] == set(QUEUES)
