"""What was true when an incident opened: of streams, of jobs, and of what nobody knows."""

from pathlib import Path

import pytest

from exporter.incidents.facts import facts, share_words
from exporter.reports.event import CheckOutcome, ChecksReport, Severity
from exporter.runs.observation import FINAL_STATES, FinalState, Job, RunEnded, RunOpened
from exporter.state import State
from tests.unit.incidents.notifications import Book, alert
from tests.unit.web.pipelines import Json, calm, web_of

PIPELINE = "business-signals"
ENRICH_IS_SLOW = {"at": 60, "for": 100, "stage": "enrich", "kind": "slowdown", "factor": 3}
INGEST_OVERRUN = {"at": 60, "for": 100, "stage": "ingest", "kind": "stall"}


def state_at(tick: int, folder: Path, *faults: Json) -> State:
    web = web_of(calm(*faults), folder)
    web.service.advance(tick)
    return web.service.state


def test_of_a_pipeline_that_nobody_knows_there_are_no_facts(tmp_path: Path) -> None:
    state = state_at(90, tmp_path)
    assert facts(state, "orders") == {}
    assert facts(state, None) == {}


def test_a_healthy_stream_has_no_bottleneck(tmp_path: Path) -> None:
    found = facts(state_at(90, tmp_path), PIPELINE)
    assert (found["kind"], found["health"], found["bottleneck"]) == ("stream", "healthy", None)
    assert found["words"] == (
        "All stages keep up; events arrive within 4 s; 95 % of the events of the last minute took up to 4 s; "
        "traffic is steady; error budget burnt: 0 % of the latency SLO's, 0 % of the throughput SLO's"
    )


def test_before_the_first_tick_there_is_little_to_say(tmp_path: Path) -> None:
    found = facts(state_at(0, tmp_path), PIPELINE)
    assert (found["latency_p95_seconds"], found["bottleneck"]) == (None, None)
    assert found["words"].startswith("Starting; traffic is steady; ")


def test_a_stream_in_trouble_says_where_how_far_and_at_what_cost(tmp_path: Path) -> None:
    state = state_at(140, tmp_path, ENRICH_IS_SLOW)
    found = facts(state, PIPELINE)
    assert (found["health"], found["bottleneck"], found["traffic_regime"]) == ("critical", "enrich", "steady")
    enrich = found["stages"]["enrich"]
    assert enrich["capacity_per_second"] == pytest.approx(50 / 3)
    assert (enrich["nominal_capacity_per_second"], enrich["blocked"]) == (50, False)
    assert enrich["backlog"] == state.streams[0].backlog[0, 2]
    assert found["stages"]["normalize"]["blocked"] is True
    assert found["latency_p95_seconds"] > 10
    assert [(slo["name"], slo["passing"]) for slo in found["slos"]] == [
        ("latency", False),
        ("throughput", False),
    ]
    assert all(slo["budget_burnt"] > 0 for slo in found["slos"])
    for words in (
        f"enrich can't keep up: {enrich['backlog']} events waiting",
        "17 of 50",
        "deliveries are late",
    ):
        assert words in found["words"]


def test_dropped_events_are_counted(tmp_path: Path) -> None:
    found = facts(state_at(150, tmp_path, INGEST_OVERRUN), PIPELINE)
    assert found["dropped_last_minute"] > 0
    assert f"{found['dropped_last_minute']} events were turned away" in found["words"]


def test_a_stage_that_is_slower_is_named_before_its_light_turns(tmp_path: Path) -> None:
    assert facts(state_at(61, tmp_path, ENRICH_IS_SLOW), PIPELINE)["bottleneck"] == "enrich"


@pytest.mark.parametrize(("share", "words"), [(0, "0 %"), (0.0123, "1.2 %"), (0.1, "10 %"), (2.5, "250 %")])
def test_a_share_is_said_with_a_fraction_only_where_it_matters(share: float, words: str) -> None:
    assert share_words(share) == words


def jobs(*states: FinalState) -> State:
    """Runs of one job that ended so, an hour apart."""
    state, job = State(), Job("ns/load", "ns", "load", "shop")
    state.jobs.apply(RunOpened(job, "running", 1_800_000_000.0))
    for number, final in enumerate(states):
        state.jobs.apply(RunEnded(job, f"r{number}", final, None, 1_800_000_000.0 + 3600 * number))
    return state


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ([], "No run has ended yet; it has not succeeded yet"),
        (["succeeded"], "The last run succeeded; it last succeeded at 2027-01-15 08:00 UTC"),
        (["failed"], "The last run failed; it has not succeeded yet"),
        (
            ["succeeded", "failed", "failed"],
            "The last run failed; 2 failures in a row; it last succeeded at 2027-01-15 08:00 UTC",
        ),
        (["aborted"], "The last run was aborted; it has not succeeded yet"),
        (["skipped"], "The last run was skipped; it has not succeeded yet"),
        (["abandoned"], "The last run was given up; it has not succeeded yet"),
    ],
)
def test_a_job_tells_of_its_runs(states: list[FinalState], words: str) -> None:
    found = facts(jobs(*states), "ns/load")
    assert (found["kind"], found["words"]) == ("batch", words)
    assert found["runs"] == {final: states.count(final) for final in FINAL_STATES}


def test_an_incident_keeps_what_was_true_when_it_opened(tmp_path: Path) -> None:
    web = web_of(calm(ENRICH_IS_SLOW), tmp_path)
    web.service.advance(140)
    book = Book(state=web.service.state)
    book.tell(alert(pipeline=PIPELINE))
    first = book.only()
    assert first.summary.startswith(f"PipelineStageCritical of {PIPELINE}. enrich can't keep up: ")
    assert (first.stage, first.facts["bottleneck"]) == ("enrich", "enrich")
    web.service.advance(200)
    book.tell(alert(fingerprint="b2", pipeline=PIPELINE))
    assert (book.only().summary, book.only().facts) == (first.summary, first.facts)


def test_what_is_over_when_it_is_told_keeps_its_own_words_only(tmp_path: Path) -> None:
    book = Book(state=state_at(140, tmp_path, ENRICH_IS_SLOW))
    book.tell(alert(pipeline=PIPELINE, ends=book.now))
    assert (book.only().summary, book.only().facts) == (f"PipelineStageCritical of {PIPELINE}", {})


def test_a_dataset_says_what_its_checks_find_the_worst_first() -> None:
    state = State()
    said: list[tuple[Severity, str]] = [
        ("WARN", "Many nulls"),
        ("PASS", "Rows: 7"),
        ("CRITICAL", "Revenue drop detected"),
        ("INFO", "No verdict"),
        ("WARN", "JSON parse errors"),
        ("WARN", "Schema drift"),
    ]
    outcomes = tuple(CheckOutcome("nulls", str(n), 2, level, words) for n, (level, words) in enumerate(said))
    state.checks.hear(ChecksReport("shop/orders", "shop", 5.0, date="2026-11-20", outcomes=outcomes))
    found = facts(state, None, "shop/orders")
    assert (found["status"], found["checks"], len(found["failing"])) == ("FAIL", 6, 4)
    assert found["words"] == (
        "Revenue drop detected; Many nulls; JSON parse errors; 1 more; the newest day is 2026-11-20"
    )
    state.checks.hear(ChecksReport("shop/orders", "shop", 6.0))
    assert facts(state, None, "shop/orders")["words"] == "No check fails any more"
    assert facts(state, None, "shop/others") == {}
