"""What dashboards' queries say in cases that hardly ever happen, judged by promtool."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from grafana.queries import alerts, checks, datasets, lineage, pipelines, runs, slos, stages, teams
from grafana.queries.selectors import NONE as NO_SUCH
from grafana.queries.selectors import or_sentence
from tests.asking import filled
from tests.contract.test_rules import accepts
from tools.rules.slo import PAGE_FAST, SLOW_TIERS

ALL = dict.fromkeys(("team", "pipeline", "stage", "slo", "dataset", "measure"), ".*")
STEP_SECONDS = 60
HERE = 'job="pipeline-health", instance="a"'
THERE = 'job="pipeline-health", instance="b"'
OF_SLO = 'team="t", pipeline="p", slo="s"'


class Case(NamedTuple):
    """Series every 15 s, a query, and values by labels after some minutes; `$__range` is five of them."""

    what: str
    series: Mapping[str, str]
    expr: str
    minutes: int
    wanted: Mapping[str, float]

    def __str__(self) -> str:
        return self.what

    def file(self) -> str:
        """As promtool reads it."""
        series = [{"series": name, "values": values} for name, values in self.series.items()]
        samples = [{"labels": labels, "value": value} for labels, value in self.wanted.items()]
        test = {
            "expr": filled(self.expr, ALL, STEP_SECONDS),
            "eval_time": f"{self.minutes}m",
            "exp_samples": samples,
        }
        one = {"interval": "15s", "input_series": series, "promql_expr_test": [test]}
        return json.dumps({"evaluation_interval": "15s", "tests": [one]})


UP = {f"up{{{HERE}}}": "1x40"}
ENDED = f'pipeline_runs_total{{{HERE}, pipeline="j", state="%s"}}'
STARTED = {f"process_start_time_seconds{{{HERE}}}": "0x40"}
DECLARED = {f'pipeline_run_stale_after_seconds{{{HERE}, pipeline="j", team="t"}}': "300x40"}
SUCCEEDED = f'pipeline_run_last_success_timestamp_seconds{{{HERE}, pipeline="j"}}'
RUNS = (
    Case(
        "a run has its bar when it is the first",
        {**UP, ENDED % "failed": "_x30 1x9"},
        runs.ended(),
        8,
        {'{state="failed"}': 60 / (STEP_SECONDS + 1)},
    ),
    Case(
        "a failed scrape is no new run",
        {f"up{{{HERE}}}": "1x29 0 1x9", ENDED % "failed": "7x29 stale 7x9"},
        runs.ended(),
        8,
        {'{state="failed"}': 0},
    ),
    Case("a job has its time to report", {**STARTED, **DECLARED}, runs.stale(), 4, {}),
    Case(
        "a job that never reported is stale",
        {**STARTED, **DECLARED},
        runs.stale(),
        6,
        {'{pipeline="j"}': 300},
    ),
    Case(
        "a job whose success is old is stale",
        {**STARTED, **DECLARED, SUCCEEDED: "30x40"},
        runs.stale(),
        6,
        {'{pipeline="j"}': 330},
    ),
    Case(
        "a job that never reported has a row",
        DECLARED,
        runs.with_team(runs.last_state()),
        1,
        {'{pipeline="j", team="t"}': runs.NEVER_REPORTED},
    ),
    Case(
        "a job that has only started has not succeeded",
        {f'pipeline_run_consecutive_failures{{{HERE}, pipeline="j"}}': "0x9"},
        runs.last_state(),
        1,
        {'{pipeline="j"}': runs.NONE_ENDED},
    ),
)
J, J_OF_T = '{pipeline="j"}', '{pipeline="j", team="t"}'
OF_J = f'{HERE}, pipeline="j"'
LEARNT = {f"pipeline_run_learnt_stale_after_seconds{{{OF_J}}}": "60x40"}
JUDGED = {f"pipeline:run_silence_limit:seconds{{{OF_J}}}": "120x40"}
USUAL = {
    f"pipeline_run_usual_duration_seconds{{{OF_J}}}": "10x40",
    f'pipeline_run_duration_threshold_zscore{{{OF_J}, severity="medium"}}': "3x40",
}
DEVIATION = f"pipeline_run_duration_deviation_ratio{{{OF_J}}}"
FAILING = f"pipeline_run_consecutive_failures{{{OF_J}}}"
OWNED = {f'pipeline_info{{{HERE}, pipeline="{name}", team="t"}}': "1x40" for name in "jkl"}
WAITS = f'pipeline_upstream_failing_runs{{{HERE}, pipeline="%s", upstream="j"}}'
LAST_RUNS = {
    f"pipeline_run_history_runs{{{OF_J}}}": "90x9",
    f"pipeline_run_success_ratio{{{OF_J}}}": "1x9",
    f'pipeline_run_history_runs{{{HERE}, pipeline="k"}}': "10x9",
    f'pipeline_run_success_ratio{{{HERE}, pipeline="k"}}': "0x9",
}
OF_D = f'{HERE}, dataset="d"'
DATASET = {
    f'pipeline_dataset_info{{{OF_D}, pipeline="j", team="t"}}': "1x40",
    f"pipeline_dataset_last_update_timestamp_seconds{{{OF_D}}}": "30x40",
    f"pipeline_dataset_stale_after_seconds{{{OF_D}}}": "300x40",
}
FAILS_A_TEST = {f'pipeline_dataset_failing_assertions{{{OF_D}, severity="error"}}': "1x40"}
D = '{dataset="d", pipeline="j", team="t"}'
OR_NO_JOB = or_sentence("x", runs.known(), "pipeline", "no job")
JOBS = (
    Case("a declared deadline counts first", {**DECLARED, **JUDGED, **LEARNT}, runs.deadline(), 1, {J: 300}),
    Case("the deadline of alerts is next", {**JUDGED, **LEARNT}, runs.deadline(), 1, {J: 120}),
    Case("what is learnt is the last resort", LEARNT, runs.deadline(), 1, {J: 60}),
    Case("slow is beyond the deviations", {**USUAL, DEVIATION: "2x40"}, runs.slow_from(), 1, {J: 80}),
    Case("a little longer is never slow", {**USUAL, DEVIATION: "1.01x40"}, runs.slow_from(), 1, {J: 12.5}),
    Case("as much shorter is unusual too", {**USUAL, DEVIATION: "2x40"}, runs.short_from(), 1, {J: 1.25}),
    Case(
        "all that wait for a failing job are counted",
        {**OWNED, WAITS % "k": "3x9", WAITS % "l": "3x9"},
        lineage.impact(),
        1,
        {J_OF_T: 2},
    ),
    Case(
        "until a failing job is told its readers are counted",
        {**OWNED, FAILING: "1x9", f"pipeline_downstream_pipelines{{{OF_J}}}": "4x9"},
        lineage.impact(),
        1,
        {J_OF_T: 4},
    ),
    Case(
        "the success of a team counts every run once",
        {**OWNED, **LAST_RUNS},
        teams.success_ratio(),
        1,
        {'{team="t"}': 0.9},
    ),
    Case("a young dataset is fine", DATASET, datasets.state(), 1, {D: datasets.FINE}),
    Case("an old dataset is stale", DATASET, datasets.state(), 6, {D: datasets.STALE}),
    Case(
        "a failing test is graver than age",
        {**DATASET, **FAILS_A_TEST},
        datasets.state(),
        6,
        {D: datasets.FAILS},
    ),
    Case("where no job is known the table says so", {}, OR_NO_JOB, 1, {'{pipeline="no job"}': NO_SUCH}),
    Case("where one is known it does not", {FAILING: "0x9"}, OR_NO_JOB, 1, {}),
)
PROMISED = {
    f"slo:objective:ratio{{{OF_SLO}}}": "0.99x40",
    f"slo:error_budget:ratio{{{OF_SLO}}}": "0.01x40",
    f"slo:period_error_budget_remaining:ratio{{{OF_SLO}}}": "1x40",
    f"slo:period_coverage:ratio{{{OF_SLO}}}": "0.05x40",
}
BURNING = {
    **PROMISED,
    f"slo:sli_error:ratio_rate1h{{{OF_SLO}}}": "0.5x40",
    f"slo:sli_error:ratio_rate5m{{{OF_SLO}}}": "0.9x40",
    f"slo:sli_coverage:ratio_1h{{{OF_SLO}}}": "0.1x40",
    f"slo:current_burn_rate:ratio{{{OF_SLO}}}": "90x40",
}
PAGE_SLOW, *_, TICKET_SLOW = SLOW_TIERS
EACH_SLO = f"{{{OF_SLO}}}"
SLOS = (
    Case("nothing to judge by is not met", PROMISED, slos.verdict(), 1, {EACH_SLO: slos.NOT_JUDGED}),
    Case("what burns is missed", BURNING, slos.verdict(), 1, {EACH_SLO: slos.MISSED}),
    Case(
        "what has gone well in the hour is met",
        {**PROMISED, f"slo:sli_error:ratio_rate1m{{{OF_SLO}}}": "0.5x9"},
        slos.verdict(),
        1,
        {EACH_SLO: slos.MET},
    ),
    Case(
        "the fastest tier's window counts as far as it is known",
        BURNING,
        slos.tier_burn(PAGE_FAST),
        1,
        {EACH_SLO: 5},
    ),
    Case("a tier without events", PROMISED, slos.tier_burn(PAGE_SLOW), 1, {EACH_SLO: slos.NOT_JUDGED}),
    Case("a fast tier without events", PROMISED, slos.tier_burn(PAGE_FAST), 1, {EACH_SLO: slos.NOT_JUDGED}),
    Case(
        "a tier whose window is not covered",
        PROMISED,
        slos.tier_burn(TICKET_SLOW),
        1,
        {EACH_SLO: slos.NOT_COVERED},
    ),
)
NONE = (
    Case("a job has no SLOs", {}, slos.verdict(), 1, {'{slo="no SLOs"}': NO_SUCH}),
    Case("a job has no stages", {}, stages.lights(), 1, {'{stage="no stages"}': NO_SUCH}),
)
GREEN = {f'pipeline_stage_health{{{HERE}, pipeline="p", stage="s"}}': "0x9"}
HALF_DOWN = {f"up{{{HERE}}}": "1x9", f"up{{{THERE}}}": "0x9"}
LIGHTS = (
    Case("all is well", {**UP, **GREEN}, pipelines.overall(), 1, {"{}": 0}),
    Case(
        "nobody knows while an exporter is down",
        {**HALF_DOWN, **GREEN},
        pipelines.overall(),
        1,
        {"{}": pipelines.NOT_ALL_KNOWN},
    ),
    Case(
        "red stays red while another exporter is down",
        {**HALF_DOWN, **GREEN, f'pipeline_stage_health{{{HERE}, pipeline="q", stage="s"}}': "2x9"},
        pipelines.overall(),
        1,
        {"{}": 2},
    ),
)


def fires(name: str, since: int, **labels: str) -> dict[str, str]:
    """An alert that fires, since a second of 1970."""
    pairs = ", ".join(f'{key}="{value}"' for key, value in {"alertname": name, "team": "t", **labels}.items())
    return {
        f'ALERTS{{alertstate="firing", {pairs}}}': "1x9",
        f"ALERTS_FOR_STATE{{{pairs}}}": f"{since}x9",
    }


ALERTS = (
    Case(
        "the oldest of an alert's starts counts",
        {
            **fires("A", 20, severity="high", pipeline="p", instance="a"),
            **fires("A", 50, severity="high", pipeline="p", instance="b"),
        },
        alerts.since(),
        1,
        {'{rank="2 high", alertname="A", team="t", pipeline="p"}': 20_000},
    ),
    Case(
        "an alert says what it is about where nothing else does",
        {
            **fires("E", 1, severity="critical", escalated_alert="A", pipeline="p", instance="a"),
            **fires("N", 2, severity="high", integration="slack", instance="am"),
            **fires("D", 3, severity="critical", instance="a"),
            **fires("O", 4, severity="medium"),
        },
        alerts.since(),
        1,
        {
            '{rank="1 critical", alertname="E", about="A", team="t", pipeline="p"}': 1000,
            '{rank="2 high", alertname="N", about="slack", team="t"}': 2000,
            '{rank="1 critical", alertname="D", about="a", team="t"}': 3000,
            '{rank="3 medium", alertname="O", team="t"}': 4000,
        },
    ),
)
TWICE = {
    series: values
    for place in (HERE, THERE)
    for series, values in {
        f'pipeline_stage_queue_events{{{place}, pipeline="p", stage="s"}}': "30x40",
        f'pipeline_stage_capacity_events_per_second{{{place}, pipeline="p", stage="s"}}': "4x40",
        f'pipeline_stage_events_total{{{place}, pipeline="p", stage="s", outcome="processed"}}': "0+45x40",
        f'pipeline_stage_events_total{{{place}, pipeline="p", stage="s", outcome="dropped"}}': "0+15x40",
        f'pipeline_stage_service_seconds_count{{{place}, pipeline="p", stage="s"}}': "0+45x40",
    }.items()
}
EACH_STAGE = '{pipeline="p", stage="s"}'
CHECKED = "pipeline_check_last_run_timestamp_seconds"
CHECKS = (
    Case(
        "a dataset that two exporters know as different teams' is of the one that checked it last",
        {
            f'{CHECKED}{{{HERE}, dataset="d", team="t"}}': "60x40",
            f'{CHECKED}{{{THERE}, dataset="d", team="u"}}': "90x40",
            f'pipeline_check_status{{{HERE}, dataset="d", team="t", tier="1", check="rows"}}': "2x40",
        },
        checks.with_team(checks.light()),
        5,
        {'{dataset="d", team="u"}': 2},
    ),
)
STAGES = (
    Case("two exporters wait as long as one", TWICE, stages.waiting_time(), 5, {EACH_STAGE: 10}),
    Case("two exporters are as busy as one", TWICE, stages.utilisation(), 5, {EACH_STAGE: 0.75}),
    Case("what is dropped came", TWICE, stages.arrivals(), 5, {EACH_STAGE: 8}),
)


@pytest.mark.parametrize("case", [*RUNS, *JOBS, *SLOS, *NONE, *LIGHTS, *ALERTS, *STAGES, *CHECKS], ids=str)
def test_a_query_says_what_is_true(case: Case, promtool: Path, tmp_path: Path) -> None:
    path = tmp_path / "test.yml"
    path.write_text(case.file(), encoding="utf-8")
    accepts(promtool, "test", "rules", path)
