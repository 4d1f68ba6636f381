"""Reports: text for people, JSON by its published schema, JUnit, OpenMetrics; exit codes."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from xml.etree import ElementTree

import jsonschema_rs
import pytest
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import parser

from tests.unit.checks.asking_checks import check
from tests.unit.checks.clickstreams import CHECKS, DAYS, written

FAMILIES: Callable[[str], Iterable[Metric]] = parser.text_string_to_metric_families
SCHEMA = json.loads((Path(__file__).parents[3] / "docs/check-report.schema.json").read_text())
NULLS = "UPDATE events SET client_id = NULL WHERE event_id % 3 = 0;"
HALF = "UPDATE events SET amount = amount * 0.4 WHERE {last};"
FOREVER = CHECKS.replace("freshness: {lag: 1d}", "freshness: {}")


@pytest.mark.parametrize(
    ("defect", "options", "code"),
    [
        ("", (), 0),
        (NULLS, (), 0),
        (NULLS, ("--fail-on", "warn"), 1),
        (HALF, (), 1),
        (HALF, ("--as-of", "2026-03-28"), 0),
        (NULLS + HALF, ("--format", "json"), 1),
        (HALF, ("--format", "junit"), 1),
        (HALF, ("--format", "openmetrics", "--days", "1"), 1),
    ],
)
def test_exit_codes(defect: str, options: tuple[str, ...], code: int, tmp_path: Path) -> None:
    result = check(written(tmp_path, 1, defect, FOREVER), *options)
    assert (result.exit_code, result.stderr) == (code, "")


@pytest.mark.parametrize(
    "defect", ["", NULLS + HALF, "DELETE FROM events;", "UPDATE events SET amount = 'inf';"]
)
def test_the_json_report_is_as_its_schema_says(defect: str, tmp_path: Path) -> None:
    printed = check(
        written(tmp_path, 2, defect, FOREVER), "--format", "json", "--json", tmp_path / "report.json"
    )
    report = json.loads(printed.stdout, parse_constant=pytest.fail)
    jsonschema_rs.Draft202012Validator(SCHEMA).validate(report)
    assert report == json.loads((tmp_path / "report.json").read_text())
    checks = report["datasets"][0]["checks"]
    assert report["alerts"] == [entry for entry in checks if entry["severity"] != "PASS"]


def test_the_json_report_of_what_is_wrong(tmp_path: Path) -> None:
    report = json.loads(check(written(tmp_path, 3, NULLS + HALF, FOREVER), "--format", "json").stdout)
    drop, nulls = report["alerts"]
    assert (report["date"], report["status"]) == ("2026-03-29", "FAIL")
    assert (drop["check"], drop["severity"], drop["tier"]) == ("drift", "CRITICAL", 3)
    assert (
        drop["message"] == f"Revenue drop detected: {drop['observed']:.0f} vs baseline {drop['baseline']:.0f}"
    )
    assert nulls["message"] == f"High null client_id rate: {nulls['observed']:.2%}"
    assert nulls["expected"] == pytest.approx(0.2)
    assert nulls["rows_examined"] == report["datasets"][0]["rows"]
    assert len(report["datasets"][0]["measures"]["revenue"]) == DAYS


def test_the_text_names_what_is_wrong_and_counts_what_is_fine(tmp_path: Path) -> None:
    text = check(written(tmp_path, 4, HALF, FOREVER)).stdout
    assert text.startswith("FAIL  shop/clickstream (growth), 2026-03-29: ")
    assert "  Tier 2, integrity: 11 of 11 pass\n" in text
    assert "    CRITICAL  Revenue drop detected: " in text
    assert "\x1b" not in text


def test_junit_fails_where_the_command_does(tmp_path: Path) -> None:
    path = written(tmp_path, 5, NULLS + HALF, FOREVER)
    for options, failures in (((), 1), (("--fail-on", "warn"), 2)):
        root = ElementTree.fromstring(check(path, "--format", "junit", *options).stdout)
        [suite] = root
        assert (suite.get("failures"), suite.get("tests")) == (str(failures), str(len(suite)))
        assert len(root.findall(".//failure")) == failures


def test_junit_of_values_that_xml_can_not_have(tmp_path: Path) -> None:
    text = check(
        written(tmp_path, 6, "UPDATE events SET event = chr(1) || '<&>';", FOREVER), "--format", "junit"
    )
    assert "<&>" in str(ElementTree.fromstring(text.stdout).findtext(".//system-out"))


def test_openmetrics_has_every_family(tmp_path: Path) -> None:
    text = check(written(tmp_path, 7, NULLS + HALF, FOREVER), "--format", "openmetrics").stdout
    families = {family.name: family.samples for family in FAMILIES(text)}
    own = {"dataset": "shop/clickstream", "team": "growth"}

    def value(name: str, **labels: str) -> float:
        [sample] = [one for one in families[f"pipeline_check_{name}"] if one.labels == own | labels]
        return float(sample.value)

    assert value("status", tier="3", check="drift", subject="revenue") == 2
    assert value("status", tier="2", check="nulls", subject="client_id") == 1
    assert value("outcomes", tier="3", severity="critical") == 1
    assert value("outcomes", tier="1", severity="critical") == 0
    assert value("null_ratio", column="client_id") == pytest.approx(0.4, abs=0.02)
    assert value("duplicate_ratio") == 0
    assert value("limit_value", tier="2", check="nulls", subject="client_id") == pytest.approx(0.2)
    assert value("latest_date_timestamp_seconds") == 1774742400
    assert value("rows") == value("observed_value", tier="1", check="rows", subject="") > 0
    assert value("duration_seconds") > 0


def test_two_checks_of_the_same_are_told_apart(tmp_path: Path) -> None:
    twice = FOREVER.replace("drift:\n", "drift:\n        - {measure: revenue, below: 80%}\n")
    text = check(written(tmp_path, 8, "", twice), "--format", "openmetrics").stdout
    statuses = [line for line in text.splitlines() if line.startswith("pipeline_check_status")]
    assert len(statuses) == len({line.rpartition(" ")[0] for line in statuses})
    assert any('subject="revenue #2"' in line for line in statuses)


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """Checks of a dataset that warns and of one whose file is gone."""
    path = written(tmp_path, 10, NULLS, FOREVER)
    gone = "  - {name: gone, team: crm, data: gone.csv, date: day}\n"
    path.write_text(path.read_text() + gone)
    return path


def test_one_dataset_that_can_not_be_read_leaves_the_others_their_verdicts(two: Path) -> None:
    result = check(two, "--format", "json", "--json", two.with_name("report.json"))
    assert (result.exit_code, result.stderr) == (2, "Error: gone: gone.csv: no such file\n")
    report = json.loads(result.stdout)
    jsonschema_rs.Draft202012Validator(SCHEMA).validate(report)
    assert report == json.loads(two.with_name("report.json").read_text())
    assert report["status"] == "FAIL"
    assert report["unreadable"] == [{"dataset": "gone", "reason": "gone: gone.csv: no such file"}]
    assert [one["status"] for one in report["datasets"]] == ["WARN"]


def test_the_other_reports_of_a_dataset_that_can_not_be_read(two: Path) -> None:
    text = check(two, "--html", two.with_name("report.html"))
    assert (text.exit_code, text.stdout.partition(" (")[0]) == (2, "WARN  shop/clickstream")
    page = two.with_name("report.html").read_text()
    assert "<title>Data checks: 1 unreadable, 1 warning, " in page
    assert "<h2>gone</h2><p>gone.csv: no such file</p>" in page
    root = ElementTree.fromstring(check(two, "--format", "junit").stdout)
    assert [suite.get("errors") for suite in root] == ["0", "1"]
    assert [one.get("message") for one in root.iter("error")] == ["gone: gone.csv: no such file"]


def test_of_several_none_can_be_read(two: Path) -> None:
    two.with_name("events.parquet").unlink()
    result = check(two, "--format", "json", "--push", "http://127.0.0.1:9")
    report = json.loads(result.stdout)
    jsonschema_rs.Draft202012Validator(SCHEMA).validate(report)
    assert (result.exit_code, report["datasets"], len(report["unreadable"])) == (2, [], 2)
    assert result.stderr.splitlines()[1:] == ["gone: gone.csv: no such file"]


def test_a_report_that_can_not_be_written(tmp_path: Path) -> None:
    result = check(written(tmp_path, 9, "", FOREVER), "--json", tmp_path / "gone/report.json")
    assert result.exit_code == 2
    assert result.stderr.endswith("gone/report.json: can't be written: No such file or directory\n")
