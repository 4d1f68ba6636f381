"""The summary of a simulation: stable keys, numbers that add up, and the same in words."""

from pathlib import Path

import pytest

from exporter.service import Options, Service
from exporter.summary import summarize, text
from tests.unit.web.pipelines import EPOCH, Json, calm, written

SUMMARY_KEYS = ["ticks", "events", "stages", "latency_seconds", "slos", "incidents", "fleet"]
EVENT_KEYS = {"arrived", "delivered", "failed", "dropped", "inside"}
STAGE_KEYS = {"time_share", "processed", "failed", "retries", "peak_backlog", "mean_service_seconds"}
SLO_KEYS = {
    *("objective", "good", "bad", "good_ratio", "met", "budget_burnt", "budget_period_seconds"),
    *("observed", "target", "passing"),
}
INCIDENT_KEYS = {
    *("id", "pipeline", "team", "stage", "started", "ended", "peak_backlog", "dropped", "summary"),
}
SLOWDOWN = {"at": 60, "for": 100, "stage": "enrich", "kind": "slowdown", "factor": 3}
ERRORS = {"at": 300, "for": 60, "stage": "normalize", "kind": "errors", "share": 0.8, "retries": 1}


def summary_of(folder: Path, ticks: int, *faults: Json, **changes: object) -> Json:
    service = Service(Options(written({**calm(*faults), **changes}, folder)), lambda: EPOCH, lambda: 0.0)
    service.advance(ticks)
    return summarize(service.state)


def test_the_keys_are_stable(tmp_path: Path) -> None:
    summary = summary_of(tmp_path, 400, SLOWDOWN, ERRORS)
    assert list(summary) == SUMMARY_KEYS
    assert list(summary["events"]) == ["sales_activity", "field_interaction", "market_signal"]
    assert list(summary["stages"]) == ["ingest", "normalize", "enrich", "store"]
    assert {frozenset(signal) for signal in summary["events"].values()} == {frozenset(EVENT_KEYS)}
    assert {frozenset(stage) for stage in summary["stages"].values()} == {frozenset(STAGE_KEYS)}
    assert {frozenset(slo) for slo in summary["slos"].values()} == {frozenset(SLO_KEYS)}
    assert {frozenset(incident) for incident in summary["incidents"]} == {frozenset(INCIDENT_KEYS)}
    assert list(summary["stages"]["enrich"]["time_share"]) == ["healthy", "degraded", "critical"]
    assert summary["latency_seconds"].keys() == {"p50", "p95", "p99"}


@pytest.mark.parametrize("ticks", [1, 3, 150, 320, 700])
def test_no_event_is_lost_between_arrival_and_end(tmp_path: Path, ticks: int) -> None:
    summary = summary_of(tmp_path, ticks, SLOWDOWN, ERRORS)
    for signal in summary["events"].values():
        assert signal["arrived"] == sum(signal[key] for key in EVENT_KEYS - {"arrived"})
        assert min(signal.values()) >= 0
    assert summary["ticks"] == ticks


def test_faults_leave_their_marks(tmp_path: Path) -> None:
    summary = summary_of(tmp_path, 400, SLOWDOWN, ERRORS)
    assert sum(signal["failed"] for signal in summary["events"].values()) > 100
    assert sum(signal["dropped"] for signal in summary["events"].values()) > 100
    assert summary["stages"]["normalize"]["retries"] > 100
    assert summary["stages"]["enrich"]["peak_backlog"] == 400
    assert summary["slos"]["latency"]["met"] is False
    assert summary["slos"]["latency"]["budget_burnt"] > 1


def test_shares_of_time_add_up_to_one(tmp_path: Path) -> None:
    for stage in summary_of(tmp_path, 400, SLOWDOWN)["stages"].values():
        assert sum(stage["time_share"].values()) == pytest.approx(1)


def test_a_calm_run_meets_its_objectives(tmp_path: Path) -> None:
    summary = summary_of(tmp_path, 600)
    assert summary["slos"]["latency"] | {"good": 0} == {
        "objective": 0.99,
        "good": 0,
        "bad": 0,
        "good_ratio": 1.0,
        "met": True,
        "budget_burnt": 0.0,
        "observed": 4,
        "target": 10.0,
        "passing": True,
        "budget_period_seconds": 600,
    }
    assert summary["incidents"] == []


def test_an_slo_with_nothing_to_judge_is_neither_met_nor_missed(tmp_path: Path) -> None:
    slo = summary_of(tmp_path, 600)["slos"]["throughput"]
    assert (slo["good"], slo["bad"], slo["good_ratio"], slo["met"]) == (0, 0, None, None)


def test_an_incident_tells_where_it_began_and_when_it_was_over(tmp_path: Path) -> None:
    [incident] = summary_of(tmp_path, 400, SLOWDOWN)["incidents"]
    assert (incident["id"], incident["stage"]) == ("business-signals-1", "enrich")
    assert 60 < incident["started"] < 75
    assert 160 < incident["ended"] < 250
    assert incident["summary"].startswith(
        "enrich could not keep up: up to 400 events waiting, capacity down to 17"
    )


def test_an_incident_that_goes_on_has_no_end(tmp_path: Path) -> None:
    summary = summary_of(tmp_path, 150, SLOWDOWN)
    assert summary["incidents"][0]["ended"] is None
    assert "(goes on)  business-signals: enrich could not keep up" in text(summary)


def test_names_of_several_pipelines_are_kept_apart(tmp_path: Path) -> None:
    [first] = calm()["pipelines"]
    shorter = {**first, "name": "orders", "stages": first["stages"][:2]}
    summary = summary_of(tmp_path, 50, pipelines=[first, shorter])
    assert list(summary["stages"]) == [
        *(f"business-signals/{stage}" for stage in ("ingest", "normalize", "enrich", "store")),
        *("orders/ingest", "orders/normalize"),
    ]
    assert "orders/sales_activity" in summary["events"]
    assert "orders/latency" in summary["slos"]


def test_incidents_of_all_pipelines_are_told_in_the_order_of_time(tmp_path: Path) -> None:
    [first] = calm()["pipelines"]
    pipelines = [first, {**first, "name": "orders"}]
    stall = {"for": 60, "stage": "enrich", "kind": "stall"}
    faults = [
        {**stall, "at": 400, "pipeline": "business-signals"},
        {**stall, "at": 100, "pipeline": "orders"},
    ]
    incidents = summary_of(tmp_path, 800, *faults, pipelines=pipelines)["incidents"]
    assert [incident["pipeline"] for incident in incidents] == ["orders", "business-signals"]
    assert len({incident["id"] for incident in incidents}) == 2


@pytest.mark.parametrize("changes", [{}, {"pipelines": []}], ids=["no time", "no pipelines"])
def test_nothing_sums_up_to_nothing(tmp_path: Path, changes: Json) -> None:
    summary = summary_of(tmp_path, 0, **changes)
    assert list(summary) == SUMMARY_KEYS
    assert text(summary).startswith("0 s simulated\n")
    assert text(summary).endswith("\n0 incidents")


def test_a_fleet_is_summed_up_by_team(tmp_path: Path) -> None:
    fleet = {
        "jobs": 5,
        "teams": 2,
        "hour": "1m",
        "faults": [{"job": 1, "kind": "failing", "at": 0, "for": "6m"}],
    }
    teams = summary_of(tmp_path, 600, fleet=fleet)["fleet"]
    assert list(teams) == ["finance", "marketing"]
    assert [found["jobs"] for found in teams.values()] == [3, 2]
    assert teams["finance"]["failed"] >= 5
    assert min(found["succeeded"] for found in teams.values()) > 0


TEXT = """\
1 h 1 min simulated

Events  arrived  delivered  failed  dropped  inside
orders      100         90       5        3       2

Stages  green  orange   red  peak backlog  failed
parse   75.0%   20.0%  5.0%           212       5

SLOs        objective     good  budget burnt            result
latency         99.5%  99.000%        200.0%            missed
throughput      99.0%        -          0.0%  nothing to judge

Fleet    jobs  succeeded  failed  rows
finance     2         12       1   340

2 incidents
  at 1 min 30 s (45 s)  shop: parse could not keep up
  at 1 h (goes on)  shop: parse could not keep up again"""


def test_the_text_says_the_same_in_aligned_tables() -> None:
    nothing: Json = {"objective": 0.99, "good_ratio": None, "budget_burnt": 0.0, "met": None}
    summary: Json = {
        "ticks": 3661,
        "events": {"orders": {"arrived": 100, "delivered": 90, "failed": 5, "dropped": 3, "inside": 2}},
        "stages": {
            "parse": {
                "time_share": {"healthy": 0.75, "degraded": 0.2, "critical": 0.05},
                "peak_backlog": 212,
                "failed": 5,
            }
        },
        "slos": {
            "latency": {"objective": 0.995, "good_ratio": 0.99, "budget_burnt": 2.0, "met": False},
            "throughput": nothing,
        },
        "fleet": {"finance": {"jobs": 2, "succeeded": 12, "failed": 1, "rows": 340}},
        "incidents": [
            {"started": 90, "ended": 135, "pipeline": "shop", "summary": "parse could not keep up"},
            {"started": 3600, "ended": None, "pipeline": "shop", "summary": "parse could not keep up again"},
        ],
    }
    assert text(summary) == TEXT
