"""docs/slo.md: its tables are those of the rules, and promtool reproduces each figure of its stories."""

import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tools.rules.files import RULES
from tools.rules.profile import seconds
from tools.rules.slo import PAGE_FAST, SLOW_TIERS, Tier

TEXT = (RULES.parents[1] / "docs/slo.md").read_text(encoding="utf-8")
TIERS = (PAGE_FAST, *SLOW_TIERS)
SLO = 'team="sales", pipeline="orders", slo="latency"'
STEP = 15
HOUR = 3600
FIRING = 'count by (alertname) (ALERTS{alertstate="firing"})'
# What a story's last column says of people.
WOKEN = {"somebody": 1, "nobody": None}

Values = Sequence[float | None]


class Check(NamedTuple):
    """What an expression is at a time (seconds); None for nothing."""

    time: int
    expression: str
    labels: str
    value: float | None


def table(heading: str) -> Iterator[list[str]]:
    """The cells of the first table after a text, without its head."""
    lines = TEXT.partition(heading)[2].partition("\n|")[2].split("\n\n")[0].split("\n")
    return ([cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:])


def story(name: str) -> dict[str, tuple[str, str]]:
    """What the obvious way and ours say in a story."""
    return {label: (obvious, here) for label, obvious, here in table(f"**{name}.**")}


def number(cell: str) -> float:
    return float(cell.split()[0])


def counter(start: float, steps: Sequence[tuple[int, float]]) -> Values:
    """A counter that rises so many times by so much, after a value that it starts with."""
    values = [start]
    for count, rise in steps:
        values += [values[-1] + rise * (index + 1) for index in range(count)]
    return values


def written(values: Values) -> str:
    return " ".join("_" if value is None else f"{value:g}" for value in values)


def series(good: Values, bad: Values, objective: float = 0.99) -> list[dict[str, str]]:
    """What an exporter says of an objective."""
    rows: dict[str, Values] = {
        f'pipeline_slo_events_total{{{SLO}, result="good"}}': good,
        f'pipeline_slo_events_total{{{SLO}, result="bad"}}': bad,
        f"pipeline_slo_objective_ratio{{{SLO}}}": [objective] * len(good),
        f"pipeline_slo_minimum_bad_events{{{SLO}}}": [10] * len(good),
    }
    return [{"series": name, "values": written(values)} for name, values in rows.items()]


def verify(
    promtool: Path, folder: Path, interval: int, inputs: list[dict[str, str]], checks: list[Check]
) -> None:
    """Let promtool evaluate our rules and the obvious ones; it fails where they say something else."""
    obvious = folder / "obvious.yml"
    obvious.write_text(TEXT.partition("```yaml\n")[2].partition("```")[0])
    questions: list[dict[str, Any]] = [
        {
            "expr": check.expression,
            "eval_time": f"{check.time}s",
            "exp_samples": []
            if check.value is None
            else [{"labels": f"{{{check.labels}}}", "value": check.value}],
        }
        for check in checks
    ]
    content = {
        "rule_files": [str(RULES / "prod/slo.yml"), str(obvious)],
        "evaluation_interval": f"{interval}s",
        "tests": [{"interval": f"{interval}s", "input_series": inputs, "promql_expr_test": questions}],
    }
    path = folder / "story.test.yml"
    path.write_text(json.dumps(content))
    done = subprocess.run([promtool, "test", "rules", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[:4000]


def share(tier: Tier, objective: float) -> float:
    return tier.factor * (1 - objective)


def time_to_detect(tier: Tier, objective: float, errors: float = 1.0) -> float:
    """Seconds of trouble after which a tier's condition is true."""
    return share(tier, objective) * seconds(tier.long) / errors


def test_the_table_of_tiers_is_that_of_the_rules() -> None:
    assert [row[:5] for row in table("## Four tiers")] == [
        [f"`{tier.alert}`", tier.severity, f"{tier.long} and {tier.short}", f"{tier.factor:g}", tier.wait]
        for tier in TIERS
    ]


def test_the_table_of_times_to_detect_is_what_the_formula_says() -> None:
    head = TEXT.partition("| objective | ")[2].partition(" |\n")[0].split(" | ")
    assert head == [tier.label for tier in TIERS]
    rows = list(table("For a total outage"))
    assert [row[0] for row in rows] == ["99.9 %", "99.5 %", "99 %", "95 %"]
    for row in rows:
        times = [time_to_detect(tier, number(row[0]) / 100) / 60 for tier in TIERS]
        assert row[1:] == [f"{minutes:.1f} min" for minutes in times]


@pytest.mark.parametrize(("objective", "percent"), [(0.99, "14.4 %"), (0.995, "7.2 %"), (0.999, "1.44 %")])
def test_the_share_that_pages_is_the_one_in_the_text(objective: float, percent: str) -> None:
    paragraph = TEXT.partition(f"- **{100 * objective:g} %**")[2].partition("\n- **")[0]
    assert percent in paragraph
    assert number(percent) / 100 == pytest.approx(share(PAGE_FAST, objective))


def test_what_can_never_page_is_what_the_text_says() -> None:
    [highest] = re.findall(r"- \*\*([\d.]+) % and less\*\* can never page", TEXT)
    assert share(PAGE_FAST, float(highest) / 100) >= 1 > share(PAGE_FAST, (float(highest) + 0.1) / 100)


@pytest.mark.parametrize(
    ("objective", "errors"), [(0.999, 1.0), (0.995, 1.0), (0.99, 1.0), (0.95, 1.0), (0.99, 0.5)]
)
def test_an_outage_pages_when_the_formula_says(
    promtool: Path, tmp_path: Path, objective: float, errors: float
) -> None:
    calm, outage = HOUR // STEP, HOUR // STEP
    good = counter(1000, [(calm, 150), (outage, 150 * (1 - errors))])
    bad = counter(1000, [(calm, 0), (outage, 150 * errors)])
    due = HOUR + time_to_detect(PAGE_FAST, objective, errors) + seconds(PAGE_FAST.wait)
    page = f'count by (alertname) (ALERTS{{alertname="{PAGE_FAST.alert}", alertstate="firing"}})'
    labels = f'alertname="{PAGE_FAST.alert}"'
    evaluation = int(due // STEP) * STEP
    checks = [
        Check(evaluation - 2 * STEP, page, labels, None),
        Check(evaluation + 2 * STEP, page, labels, 1),
    ]
    verify(promtool, tmp_path, STEP, series(good, bad, objective), checks)


def test_a_quiet_night_weighs_as_little_as_its_events(promtool: Path, tmp_path: Path) -> None:
    said, day = story("A quiet night"), 24 * HOUR
    share_obvious, share_here = (number(cell) for cell in said["share of bad events in the day"])
    spent_obvious, spent_here = (number(cell) for cell in said["times the budget of the day that is spent"])
    good = counter(1000, [(23 * 60, 6000), (60, 0)])
    bad = counter(1000, [(23 * 60, 0), (60, 6)])
    checks = [
        Check(day, "round(100 * obvious:day_error:ratio, 0.01)", SLO, share_obvious),
        Check(day, "round(100 * slo:sli_error:ratio_rate1d, 0.0001)", SLO, share_here),
        Check(day, "round(obvious:day_error:ratio / 0.01, 0.01)", SLO, spent_obvious),
        Check(day, "round(slo:sli_error:ratio_rate1d / slo:error_budget:ratio, 0.0001)", SLO, spent_here),
    ]
    verify(promtool, tmp_path, 60, series(good, bad), checks)


def test_an_hour_without_events_is_no_number_to_the_mean(promtool: Path, tmp_path: Path) -> None:
    flat, day = counter(1000, [(24 * 60, 0)]), 24 * HOUR
    good = counter(1000, [(23 * 60, 6000), (60, 0)])
    checks = [
        # Only what is not a number differs from itself.
        Check(day, "count(obvious:day_error:ratio != obvious:day_error:ratio)", "", 1),
        Check(day, "slo:sli_error:ratio_rate1d + 0", SLO, 0),
        Check(day, "slo:period_error_budget_remaining:ratio + 0", SLO, 1),
    ]
    verify(promtool, tmp_path, 60, series(good, flat), checks)


def test_one_failure_in_a_quiet_hour_wakes_nobody(promtool: Path, tmp_path: Path) -> None:
    said, end = story("One failure in a quiet hour"), 122
    obvious, here = (number(cell) for cell in said["burn rate of the hour"])
    fails = 120
    good: Values = [1000 + minute // 12 - (minute >= fails) for minute in range(180)]
    bad: Values = [1000 + (minute >= fails) for minute in range(180)]
    checks = [
        Check(end * 60, "round(obvious:error:ratio_rate1h / 0.01, 0.01)", SLO, obvious),
        Check(end * 60, "round(slo:sli_error:ratio_rate1h / slo:error_budget:ratio, 0.01)", SLO, here),
        *woken(said["who is woken"], (end * 60, 150 * 60)),
    ]
    verify(promtool, tmp_path, 60, series(good, bad), checks)


def test_a_cold_start_wakes_nobody(promtool: Path, tmp_path: Path) -> None:
    said, start = story("A cold start"), 10 * 60
    obvious, here = (number(cell) for cell in said["burn rate of the hour, four minutes after the start"])
    absent: Values = [None] * (start // STEP)
    good = [*absent, *counter(0, [(3 * 4, 30), (30 * 4, 60)])]
    bad = [*absent, *counter(0, [(3 * 4, 30), (30 * 4, 0)])]
    weighted = "slo:sli_error:ratio_rate1h * slo:sli_coverage:ratio_1h / slo:error_budget:ratio"
    later = start + 4 * 60
    checks = [
        Check(later, "round(obvious:error:ratio_rate1h / 0.01, 0.01)", SLO, obvious),
        Check(later, f"round({weighted}, 0.01)", SLO, here),
        *woken(said["who is woken"], (later, start + 30 * 60)),
    ]
    verify(promtool, tmp_path, STEP, series(good, bad), checks)


def woken(cells: tuple[str, str], times: tuple[int, int]) -> list[Check]:
    """Whom both ways call at the worst time, and that ours calls nobody later either."""
    obvious, here = (WOKEN[cell] for cell in cells)
    ours = FIRING.replace("{", '{alertname=~"Pipeline.*", ')
    first, last = times
    return [
        Check(first, FIRING.replace("{", '{alertname="ObviousPage", '), 'alertname="ObviousPage"', obvious),
        Check(first, ours, "", here),
        Check(last, ours, "", here),
    ]


def test_a_wrong_figure_would_be_seen(promtool: Path, tmp_path: Path) -> None:
    flat = counter(1000, [(60, 6)])
    wrong = [Check(HOUR, "round(obvious:error:ratio_rate1h, 0.01)", SLO, 0.4)]
    with pytest.raises(AssertionError, match="FAILED"):
        verify(promtool, tmp_path, 60, series(flat, flat), wrong)
