"""Every query of every dashboard, answered by a real Prometheus while all is well and while it is not.

Grafana itself isn't there: ``tests/asking.py`` asks as it does, with all, one, two values and a job chosen.
"""

import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import mean
from typing import Any

import httpx
import pytest

from grafana.queries.pipelines import WORST
from grafana.queries.runs import NEVER_REPORTED, SUCCEEDED
from tests.answers import RULES, has_blanks, share_a_name
from tests.asking import Answer, Asking, How
from tests.dashboards import Dashboard, dashboards
from tests.e2e.dashboard_stack import (
    AWAKE,
    BAD_JOB,
    DEFECTS,
    EXPECTED_JOB,
    FAILURES,
    FAULTS,
    GOOD_JOBS,
    IN_TROUBLE,
    KNOWN,
    KNOWN_BY_NOW,
    NEVER,
    PREFERRED,
    PREFERRED_JOBS,
    READER,
    STREAM,
    TEAMS,
    WATCHED,
    Stack,
    check,
    fail,
    open_incidents,
    read,
    recorded,
    run_once,
    run_well,
    watched,
)
from tests.promql import chooses
from tests.servers import wait_until

DASHBOARDS = {dashboard.uid: dashboard for dashboard in dashboards()}
HOW: tuple[How, ...] = ("all", "one", "two", "job")
AWAKE_SECONDS = 240
TROUBLE_SECONDS = 180
PATIENCE_SECONDS = 30

# Without trouble there is nothing of it; whatever else is empty then chooses what it shows.
OF_TROUBLE = re.compile(r"\bALERTS|\bpipeline_incident_time_to_")
# A column for a severity: an alert of each need not fire.
OF_A_SEVERITY = re.compile(r'^count by \(team\) \(ALERTS\{[^}]*severity=~?"')
# Queries whose panels may say why they show nothing even while something is wrong.
EMPTY_IN_TROUBLE = {
    "pipeline-incidents/Time to resolve/A": "the trouble goes on",
    "pipeline-incidents/Time to resolve/B": "the trouble goes on",
    "pipeline-incidents/Notifications a day/B": "none failed: the exporter takes them all",
    "pipeline-data/annotation Injected faults": "the datasets are real files",
    "pipeline-runs/Whose jobs are ill?/T": "none has been without success for long enough",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dashboards")


@pytest.fixture(scope="module")
def stack(prometheus_binary: Path, alertmanager_binary: Path, folder: Path) -> Iterator[Stack]:
    with watched(prometheus_binary, alertmanager_binary, folder) as stack:
        yield stack


def look(stack: Stack) -> dict[str, list[Answer]]:
    """What every dashboard shows, by uid."""
    return {uid: [*seen(stack, dashboard)] for uid, dashboard in DASHBOARDS.items()}


def seen(stack: Stack, dashboard: Dashboard) -> Iterator[Answer]:
    with httpx.Client(base_url=stack.prometheus.url, timeout=PATIENCE_SECONDS) as client:
        asking = Asking(client, time.time())
        for how in HOW:
            jobs = how == "job" or dashboard.uid == "pipeline-runs"
            preferred = PREFERRED_JOBS if jobs else PREFERRED
            yield from asking.answers(dashboard, asking.choose(dashboard, how, preferred))


@pytest.fixture(scope="module")
def healthy(stack: Stack, folder: Path) -> dict[str, list[Answer]]:
    """What is shown while all is well."""
    wait_until(lambda: stack.has(WATCHED), AWAKE_SECONDS)
    wait_until(lambda: all(map(stack.has, KNOWN_BY_NOW)), AWAKE_SECONDS)
    read(stack)
    run_well(stack, 1)
    wait_until(lambda: stack.has(f'pipeline_runs_total{{pipeline="{EXPECTED_JOB}"}}'), AWAKE_SECONDS)
    run_well(stack, 2)
    run_once(stack)
    check(stack, folder)
    wait_until(lambda: all(map(stack.has, AWAKE)), AWAKE_SECONDS)
    return look(stack)


@pytest.fixture(scope="module")
def troubled(stack: Stack, folder: Path, healthy: Mapping[str, object]) -> dict[str, list[Answer]]:
    """What is shown while a stage is slow, another fails, and a job fails."""
    assert healthy
    for fault in FAULTS:
        stack.post("/api/v1/faults", fault)
    for number in range(FAILURES):
        fail(stack, number)
    path, event = next(recorded("af_scheduler", {BAD_JOB}, "FAIL", FAILURES))
    assert event["eventType"] == "START"
    stack.post(path, event)
    check(stack, folder, DEFECTS)
    # Something to refuse.
    httpx.post(f"{stack.exporter.url}/api/v1/faults", json={"stage": "none"})
    wait_until(lambda: open_incidents(stack) >= {STREAM, BAD_JOB}, TROUBLE_SECONDS)
    for one in httpx.get(f"{stack.exporter.url}/api/v1/incidents?state=open").json():
        stack.post(f"/api/v1/incidents/{one['id']}", {"acknowledged": True, "by": "anna", "note": ""})
    wait_until(lambda: all(map(stack.has, IN_TROUBLE)), TROUBLE_SECONDS)
    return look(stack)


def complaints(answers: list[Answer], in_trouble: bool) -> list[str]:
    """All that is wrong, each once however much is chosen."""
    said = [(answer, complaint) for answer in answers for rule in RULES for complaint in rule(answer, KNOWN)]
    said += share_a_name(answers)
    nothing = [one for one in answers if not one.series and not excused(one, in_trouble)]
    found: dict[str, Answer] = {}
    for answer, complaint in (*said, *((one, "is empty") for one in nothing)):
        found.setdefault(f"{answer.query}: {complaint}", answer)
    return [f"{what}\n    {one.choice.how} chosen: {one.expr}" for what, one in found.items()]


def excused(answer: Answer, in_trouble: bool) -> bool:
    """Whether nothing may be an answer: in trouble hardly ever, but a single job may be a good one.

    A job has no stages, no events and no SLOs; its panels must say so.
    """
    if answer.panel is None:
        return not in_trouble or answer.choice.how != "all" or str(answer.query) in EMPTY_IN_TROUBLE
    if not answer.panel.excuses():
        return False
    if answer.choice.how == "job":
        return True
    if in_trouble and answer.choice.how != "one":
        return str(answer.query) in EMPTY_IN_TROUBLE or OF_A_SEVERITY.match(answer.expr) is not None
    return has_blanks(answer) or chooses(answer.expr) or OF_TROUBLE.search(answer.expr) is not None


@pytest.mark.parametrize("uid", DASHBOARDS)
def test_every_query_has_its_answer_while_all_is_well(healthy: dict[str, list[Answer]], uid: str) -> None:
    found = complaints(healthy[uid], in_trouble=False)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("uid", DASHBOARDS)
def test_every_query_has_its_answer_while_something_is_wrong(
    troubled: dict[str, list[Answer]], uid: str
) -> None:
    found = complaints(troubled[uid], in_trouble=True)
    assert not found, "\n".join(found)


def test_nothing_is_excused_without_need(troubled: dict[str, list[Answer]]) -> None:
    answers = [answer for found in troubled.values() for answer in found]
    assert EMPTY_IN_TROUBLE.keys() <= {str(answer.query) for answer in answers if not answer.series}


def numbers(answers: list[Answer], query: str) -> dict[str, float]:
    """The last values of a query with everything chosen, by pipeline; in the order of the answer."""
    [answer] = [one for one in answers if str(one.query) == query and one.choice.how == "all"]
    return {one.labels.get("pipeline", ""): one.values[-1] for one in answer.series}


VERDICT = "pipeline-health/All healthy?/A"
LIGHTS = "pipeline-health/Pipelines, worst first/A"


def test_home_is_green_while_all_is_well(healthy: dict[str, list[Answer]]) -> None:
    home = healthy["pipeline-health"]
    assert numbers(home, VERDICT) == {"": 0}
    lights = numbers(home, LIGHTS)
    assert lights == dict.fromkeys(lights, 0)
    assert len(lights) == WORST
    assert lights.keys() < {*TEAMS, *KNOWN.jobs}


def test_home_says_what_is_wrong_the_worst_first(troubled: dict[str, list[Answer]]) -> None:
    home = troubled["pipeline-health"]
    assert numbers(home, VERDICT) == {"": 2}
    lights = numbers(home, LIGHTS)
    assert list(lights)[:2] == [STREAM, BAD_JOB]
    assert lights == {STREAM: 2, BAD_JOB: 1, **dict.fromkeys(list(lights)[2:], 0)}


def test_the_first_stage_is_said_to_get_what_arrives(troubled: dict[str, list[Answer]]) -> None:
    """What is dropped at its door too."""
    [comes] = [
        one
        for one in troubled["pipeline-stage"]
        if str(one.query) == "pipeline-stage/Does more come than it can do?/A"
        and (one.choice.how, one.choice.texts["stage"]) == ("all", "ingest")
    ]
    [arrived] = named(troubled["pipeline-health"], "pipeline-health/Events a second/A")
    [dropped] = named(troubled["pipeline-health"], "pipeline-health/Events a second/C")
    assert lately(dropped) > 1
    assert lately(comes) == pytest.approx(lately(arrived), rel=0.1)


def named(answers: list[Answer], query: str) -> list[Answer]:
    """With everything chosen."""
    return [one for one in answers if str(one.query) == query and one.choice.how == "all"]


def lately(answer: Answer) -> float:
    """The mean of the stream in trouble in the last half minute."""
    [values] = [one.values for one in answer.series if one.labels["pipeline"] == STREAM]
    return mean(values[-30:])


JOBS = "pipeline-runs/Which jobs need somebody?"


def test_a_job_is_judged_by_all_of_its_runs_the_first_one_too(troubled: dict[str, list[Answer]]) -> None:
    shares = numbers(troubled["pipeline-runs"], f"{JOBS}/S")
    assert shares == {**dict.fromkeys(KNOWN.jobs, 1), BAD_JOB: 0}


def test_every_run_that_ended_has_its_bar(troubled: dict[str, list[Answer]]) -> None:
    [ended] = named(troubled["pipeline-runs"], "pipeline-runs/Runs ended a minute/A")
    runs = {one.labels["state"]: sum(one.values) / 60 for one in ended.series}
    assert runs["failed"] == pytest.approx(FAILURES, rel=0.35)
    assert runs["succeeded"] > 2 * len(GOOD_JOBS) + 1


def test_a_job_that_never_reported_has_a_row(healthy: dict[str, list[Answer]]) -> None:
    states = numbers(healthy["pipeline-runs"], f"{JOBS}/L")
    assert states == {**dict.fromkeys(KNOWN.jobs, SUCCEEDED), NEVER: NEVER_REPORTED}


def test_who_waits_for_the_failing_job_is_told_with_it(troubled: dict[str, list[Answer]]) -> None:
    [impact] = named(troubled["pipeline-runs"], "pipeline-runs/Which failures do others wait for?/A")
    assert [(one.labels["pipeline"], one.values) for one in impact.series] == [(BAD_JOB, (1,))]
    [pairs] = named(troubled["pipeline-runs"], "pipeline-runs/Who waits for whom?/A")
    assert [(one.labels["waits"], one.labels["upstream"]) for one in pairs.series] == [(READER, BAD_JOB)]


def test_a_run_is_drawn_within_its_band(healthy: dict[str, list[Answer]]) -> None:
    """With what is slow far above what is usual, and what is as short far below it."""
    lines = [
        numbers(healthy["pipeline-runs"], f"pipeline-runs/How long do runs take?/{ref}") for ref in "DCB"
    ]
    for job in lines[0]:
        below, usual, above = (line[job] for line in lines)
        assert 1.25 * below < 1.25 * usual <= above


def test_first_incidents_of_teams_count(stack: Stack, troubled: dict[str, list[Answer]]) -> None:
    """Those of a team too that is only known by the jobs that it reports."""
    opened = "pipeline-incidents/Incidents opened/A"
    [answer] = named(troubled["pipeline-incidents"], opened)
    incidents: Any = httpx.get(f"{stack.exporter.url}/api/v1/incidents").json()
    assert {STREAM, BAD_JOB} <= {one["pipeline"] for one in incidents}
    assert sum(one.values[-1] for one in answer.series) == pytest.approx(len(incidents), rel=0.1)
