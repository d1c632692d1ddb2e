"""Logs say which request, which committee by its schema, which job; and of no person anything at all."""

from __future__ import annotations

import io
import logging
import re

import httpx
import pytest

from infra.log import set_up
from tests.observability.deployment import Deployment
from tests.observability.evening import WHY, Evening, found
from tests.workers.processes import until

NUMBER = re.compile(r"[A-Z2-7]{5}-[A-Z2-7]{5}")


def test_no_line_of_an_evening_names_anybody_or_says_what_was_typed(
    deployment: Deployment, evening: Evening
) -> None:
    text = deployment.log()

    assert len(text.splitlines()) > 150
    assert found(text, evening.needles()) == []


@pytest.mark.parametrize("needle", ["Nguyễn Văn An", "nguyen van an", "Nguy\\u1ec5n V\\u0103n An", WHY])
def test_a_line_that_names_somebody_is_caught(evening: Evening, needle: str) -> None:
    root = logging.getLogger()
    before, level, out = root.handlers[:], root.level, io.StringIO()
    set_up("web", "DEBUG", out)
    logging.getLogger("nennep.web").error("could not write %s", needle, extra={"job": needle})
    root.handlers[:] = before
    root.setLevel(level)

    assert found(out.getvalue(), evening.needles()) == [WHY if needle == WHY else "Nguyễn Văn An"]


def test_a_request_has_one_line_with_its_number_template_and_committee(
    deployment: Deployment, evening: Evening
) -> None:
    number = evening.numbers["mark"]
    assert NUMBER.fullmatch(number)
    (line,) = [
        one for one in deployment.lines() if one.get("request") == number and one["message"] == "request"
    ]

    assert (line["method"], line["status"], line["process"]) == ("POST", 200, "web")
    assert line["route"] == "/{slug}/meetings/{meeting}/marks"
    assert line["committee"] == evening.cast.pleiku.schema_name
    assert line["ms"] > 0
    assert line["bytes"] > 0
    assert {"query", "path", "client", "user_agent"}.isdisjoint(line)


def test_the_line_of_a_fault_carries_the_number_that_the_page_showed(
    deployment: Deployment, evening: Evening
) -> None:
    lines = [one for one in deployment.lines() if one.get("request") == evening.numbers["broken"]]

    (fault,) = [one for one in lines if one["level"] == "error"]
    assert fault["error"].startswith("CheckViolationError 23514")
    assert fault["committee"] == evening.cast.pleiku.schema_name
    assert "trace" in fault


def test_lines_of_jobs_say_which_job_of_which_committee(deployment: Deployment, evening: Evening) -> None:
    lines = [one for one in deployment.lines() if one["process"] == "worker" and "job" in one]

    mine = [one for one in lines if one.get("committee") == evening.cast.pleiku.schema_name]
    assert {"recompute_dirty", "clean_page", "read_page", "assemble_minutes"} <= {one["kind"] for one in mine}
    assert {one["kind"] for one in mine if one["level"] == "error"} >= {"recompute_rollup", "unknown"}


def test_lines_of_a_run_say_which(deployment: Deployment, evening: Evening) -> None:
    (line,) = [one for one in deployment.lines() if one.get("run") == str(evening.run)]

    assert (line["message"], line["kind"], line["item"]) == ("an item is done", "measure", 1)


async def test_a_number_that_a_client_sends_is_not_taken(deployment: Deployment) -> None:
    given = {"X-Request-Id": "Nguyen Van An", "traceparent": f"00-{'1' * 32}-{'2' * 16}-01"}
    async with httpx.AsyncClient(base_url=deployment.url, trust_env=False) as client:
        number = (await client.get("/login", headers=given)).headers["x-request-id"]

        file = (await client.get("/manifest.webmanifest")).headers

    assert NUMBER.fullmatch(number)
    assert "x-request-id" not in file

    async def written() -> bool:
        return any(one.get("request") == number for one in deployment.lines())

    await until(written)
    assert all(one["trace"] != "1" * 32 for one in deployment.lines() if "trace" in one)
