"""A configuration that can't be used says where, what was expected and what was there: one mistake a file."""

from pathlib import Path

import pytest

from exporter.config import ConfigError, load_config

FILES = Path(__file__).parents[2] / "data/config"
BAD = FILES / "bad"
A_NAME = "expected a name of 1 to 63 letters, digits and _ . : -, the first no . : -"
A_DURATION = "expected a duration such as 90s, 10m or 24h"
STAGE, FAULT, SLO = (f": pipelines[0].{place}" for place in ("stages[0]", "faults", "slos"))
SCRIPTED, EXPECTED = ": scenario.faults[0]", ": scenario.expect[0]"
CALM = ": pipelines[0].traffic.regimes.calm"

# What follows the file's path in the message, line by line.
MESSAGES = {
    "capacity_infinite": f"{STAGE}.capacity: expected a finite number, got inf",
    "capacity_list": f"{STAGE}.capacity: expected a number, got [9, 10]",
    "capacity_negative": f"{STAGE}.capacity: expected > 0, got -1",
    "capacity_not_a_number": f"{STAGE}.capacity: expected a finite number, got nan",
    "capacity_quoted": f"{STAGE}.capacity: expected a number, got '9'",
    "capacity_text": f"{STAGE}.capacity: expected a number, got 'plenty'",
    "capacity_too_large": f"{STAGE}.capacity: expected <= 1000000, got 10000000",
    "capacity_true": f"{STAGE}.capacity: expected a number, got true",
    "capacity_zero": f"{STAGE}.capacity: expected > 0, got 0",
    "datasets_a_mapping": ": datasets: expected a list, got {'checks': 'checks.yml', 'every': '1h'}",
    "datasets_every_zero": ": datasets[0].every: expected >= 1, got '0s'",
    "datasets_without_checks": (
        ": datasets[0].checks: expected at least 1 characters, got ''\n: datasets[0].evry: unknown key"
    ),
    "datasets_without_every": ": datasets[0].every: expected a value, got nothing",
    "duration_nothing": f"{SCRIPTED}.at: {A_DURATION}, got nothing",
    "duration_true": f"{SCRIPTED}.at: {A_DURATION}, got true",
    "duration_without_number": f"{SCRIPTED}.at: {A_DURATION}, got 'm'",
    "duration_word": f"{SCRIPTED}.at: {A_DURATION}, got 'soon'",
    "dwell_descending": f"{CALM}.dwell: expected low <= high, got [20.0, 10.0]",
    "dwell_zero": f"{CALM}.dwell.low: expected >= 1, got '0s'",
    "encoding_latin_1": ": can't be read: not UTF-8 at byte 6",
    "encoding_utf_16": ": can't be read: not UTF-8 at byte 1",
    "errors_at_least_fractional": f"{STAGE}.errors_at_least: expected a whole number, got 2.5",
    "errors_at_least_zero": f"{STAGE}.errors_at_least: expected > 0, got 0",
    "errors_up_to_in_percent": f"{STAGE}.errors_up_to: expected <= 1, got 5",
    "errors_up_to_zero": f"{STAGE}.errors_up_to: expected > 0, got 0",
    "fault_every_fractional": f"{FAULT}[0].every: expected whole seconds, got '1500ms'",
    "fault_factor_missing": f"{FAULT}[0].factor: expected for slowdown, got nothing",
    "fault_factor_on_stall": f"{SCRIPTED}.factor: not used by stall",
    "fault_factor_too_small": f"{FAULT}[0].factor: expected > 1, got 1",
    "fault_kind_unknown": (
        f"{FAULT}[0].kind: expected 'slowdown', 'stall', 'errors' or 'latency', got 'slowdwon'"
    ),
    "fault_lasts_one_value": f"{FAULT}[0].lasts: expected two values, [low, high], got '30s'",
    "fault_retries_on_slowdown": f"{FAULT}[0].retries: not used by slowdown",
    "fault_share_missing": f"{FAULT}[1].share: expected for errors, got nothing",
    "fault_share_on_latency": f"{FAULT}[0].share: not used by latency",
    "fault_share_too_large": f"{FAULT}[1].share: expected <= 1, got 1.5",
    "fault_stage_unknown": f"{FAULT}[0].stage: expected one of ['parse', 'store'], got 'prase'",
    "file_a_list": ": expected a mapping of keys, got [{'name': 'orders', 'team': 'sales'}]",
    "file_a_word": ": expected a mapping of keys, got 'pipelines'",
    "file_empty": ": expected a mapping of keys, got nothing",
    "file_of_comments": ": expected a mapping of keys, got nothing",
    "key_a_number": ": pipelines[0][7]: unknown key",
    "key_missing": ": pipelines[0].team: expected a value, got nothing",
    "key_unknown": f"{STAGE}.colour: unknown key",
    "key_unknown_at_the_top": ": scenarios: unknown key",
    "key_without_value": ": pipelines[0].team: expected text, got nothing",
    "name_a_number": ": pipelines[0].name: expected text, got 2024",
    "name_empty": f": pipelines[0].name: {A_NAME}, got ''",
    "name_too_long": f": pipelines[0].name: {A_NAME}, got '{'x' * 56}...",
    "name_with_a_space": f": pipelines[0].name: {A_NAME}, got 'new orders'",
    "names_of_pipelines_twice": ": pipelines[1].name: expected a name of its own, got 'orders' twice",
    "names_of_signals_twice": ": pipelines[0].signals[1].name: expected a name of its own, got 'order' twice",
    "names_of_slos_twice": f"{SLO}[1].name: expected a name of its own, got 'in_time' twice",
    "names_of_stages_twice": ": pipelines[0].stages[1].name: expected a name of its own, got 'parse' twice",
    "pipelines_nothing": ": pipelines: expected a list, got nothing",
    "pipelines_text": ": pipelines: expected a list, got 'orders'",
    "range_a_number": f"{CALM}.events: expected two values, [low, high], got 5",
    "range_descending": f"{CALM}.events: expected low <= high, got [5, 1]",
    "range_of_three": f"{CALM}.events: expected two values, [low, high], got 3",
    "range_of_words": f"{CALM}.events.low: expected a whole number, got 'few'",
    "regime_initial_unknown": ": pipelines[0].traffic.initial: expected one of ['busy', 'calm'], got 'clam'",
    "regime_name_with_a_space": f": pipelines[0].traffic.regimes.very busy: {A_NAME}, got 'very busy'",
    "regime_named_like_an_slo_kind": (
        ": pipelines[0].traffic.regimes.latency.events.high: expected a whole number, got 'many'"
    ),
    "regime_next_a_list": f"{CALM}.next: expected a mapping of keys, got ['busy']",
    "regime_next_unknown": f"{CALM}.next: expected names of ['busy', 'calm'], got 'bsuy'",
    "regime_weight_infinite": f"{CALM}.next.busy: expected a finite number, got inf",
    "regime_weight_negative": f"{CALM}.next.busy: expected >= 0, got -1",
    "regime_without_weights": f"{CALM}.next: expected at least one weight > 0",
    "review_probability_too_high": ": pipelines[0].review.probability: expected <= 0.02, got 0.021",
    "review_probability_too_low": ": pipelines[0].review.probability: expected >= 0.005, got 0.004",
    "runs_expected_a_mapping": (
        ": runs.expected: expected a list, got {'pipeline': 'nightly/load', 'team': 'sales', 'stale_afte..."
    ),
    "runs_expected_stale_too_soon": ": runs.expected[0].stale_after: expected >= 60, got '30s'",
    "runs_expected_twice": (
        ": runs.expected[1].pipeline: expected a name of its own, got 'nightly/load' twice"
    ),
    "runs_expected_without_a_name": ": runs.expected[0].pipeline: expected at least 1 characters, got ''",
    "runs_expected_without_team": ": runs.expected[0].team: expected a value, got nothing",
    "runs_failures_not_ascending": ": runs.failures: expected medium < high < critical, got 1, 10, 10",
    "runs_failures_of_low": ": runs.failures.low: unknown key",
    "runs_failures_zero": ": runs.failures.medium: expected >= 1, got 0",
    "runs_without_room": ": runs.max_jobs: expected >= 1, got 0",
    "scenario_at_negative": f"{SCRIPTED}.at: expected >= 0, got -5",
    "scenario_at_too_late": f"{SCRIPTED}.at: expected <= 31622400, got '400d'",
    "scenario_expect_alert_missing": f"{EXPECTED}.alert: expected a value, got nothing",
    "scenario_expect_cleared_missing": f"{EXPECTED}.cleared: expected a value, got nothing",
    "scenario_expect_fault_unknown": f"{EXPECTED}.fault: expected an index below 1, got 1",
    "scenario_expect_restart_unknown": f"{EXPECTED}.restart: expected nothing without restarts, got 0",
    "scenario_expect_two_causes": (
        f"{EXPECTED}.restart: expected one of fault, fleet_fault and restart, got fault and restart"
    ),
    "scenario_expect_fleet_fault_unknown": (
        f"{EXPECTED}.fleet_fault: expected nothing without fleet_faults, got 0"
    ),
    "scenario_expect_within_zero": f"{EXPECTED}.within: expected >= 1, got '0s'",
    "scenario_for_missing": f"{SCRIPTED}.for: expected a value, got nothing",
    "scenario_for_zero": f"{SCRIPTED}.for: expected >= 1, got '0s'",
    "scenario_lasts_zero": ": scenario.lasts: expected >= 1, got '0s'",
    "scenario_pipeline_unknown": f"{SCRIPTED}.pipeline: expected one of ['orders'], got oders",
    "scenario_restart_at_a_word": f": scenario.restarts[0].at: {A_DURATION}, got 'soon'",
    "scenario_restart_for_missing": ": scenario.restarts[0].for: expected a value, got nothing",
    "scenario_stage_unknown": f"{SCRIPTED}.stage: expected one of ['parse', 'store'], got 'prase'",
    "scenario_traffic_initial_unknown": ": scenario.traffic.initial: expected one of ['calm'], got 'clam'",
    "scenario_without_pipelines": f"{SCRIPTED}.pipeline: expected one of [], got nothing",
    "seed_a_date": ": seed: expected a whole number, got 2024-12-05",
    "seed_fractional": ": seed: expected a whole number, got 1.5",
    "seed_negative": ": seed: expected >= 0, got -1",
    "service_a_number": f"{STAGE}.service_ms: expected a mapping of keys, got 1",
    "service_deviation_negative": f"{STAGE}.service_ms.deviation: expected >= 0, got -0.2",
    "service_slow_above_a_duration": f"{STAGE}.service_ms.slow_above: expected a number, got '2ms'",
    "service_slow_above_zero": f"{STAGE}.service_ms.slow_above: expected > 0, got 0",
    "signal_text": ": pipelines[0].signals[0]: expected a mapping of keys, got 'order'",
    "signal_weight_zero": ": pipelines[0].signals[1].weight: expected > 0, got 0",
    "signals_none": ": pipelines[0].signals: expected at least 1, got []",
    "slo_kind_missing": f"{SLO}[0].kind: expected one of ['latency', 'throughput'], got nothing",
    "slo_kind_unknown": f"{SLO}[0].kind: expected one of ['latency', 'throughput'], got 'latnecy'",
    "slo_min_bad_events_zero": f"{SLO}[0].min_bad_events: expected >= 1, got 0",
    "slo_objective_in_percent": f"{SLO}[0].objective: expected < 1, got 99",
    "slo_objective_too_low": (
        f"{SLO}[0].objective: expected > 0.9306, below which no outage burns 14.4 times the budget, got 0.93"
    ),
    "slo_of_the_other_kind": (
        f"{SLO}[1].minimum: expected a value, got nothing\n{SLO}[1].threshold: unknown key"
    ),
    "slo_text": f"{SLO}[1]: expected a mapping of keys, got 'enough'",
    "slo_threshold_below_a_second": f"{SLO}[0].threshold: expected >= 1, got '10ms'",
    "slo_threshold_missing": f"{SLO}[0].threshold: expected a value, got nothing",
    "stages_a_mapping": ": pipelines[0].stages: expected a list, got {'name': 'parse'}",
    "stages_too_many": (
        ": pipelines[0].stages: expected at most 64, "
        "got [{'name': 's0', 'capacity': 9, 'service_ms': {'mean': 1, ..."
    ),
    "threshold_above_the_limit": (
        f"{STAGE}: expected green_up_to < orange_up_to < queue_limit, got 10, 50, 50"
    ),
    "threshold_fractional": f"{STAGE}.green_up_to: expected a whole number, got 10.5",
    "thresholds_not_ascending": f"{STAGE}: expected green_up_to < orange_up_to < queue_limit, got 20, 20, 50",
    "web_grafana_a_script": (
        ": web.grafana: expected http://HOST or https://HOST, got 'javascript:alert(1)'"
    ),
    "web_hosts_text": ": web.hosts: expected a list, got 'localhost'",
    "web_limits_few": ": web.limits.connections: expected >= 10, got 3",
    "web_limits_unknown": ": web.limits.reads_per_second: unknown key",
    "web_limits_zero": ": web.limits.writes_at_once: expected >= 1, got 0",
    "web_limits_zero_rate": ": web.limits.writes_per_second: expected > 0, got 0",
    "web_listen_a_number": ": web.listen: expected text, got 9888",
    "web_listen_without_port": ": web.listen: expected HOST:PORT, got 'localhost'",
    "yaml_alias_undefined": ":2:5: not YAML: found undefined alias 'orders'",
    "yaml_control_character": ":3:11: not YAML: special characters are not allowed",
    "yaml_date_impossible": ": not YAML: month must be in 1..12",
    "yaml_key_twice": (':2:1: not YAML: found duplicate key "seed" with value "2" (original value: "1")'),
    "yaml_nested_too_deeply": ": not YAML: nested too deeply",
    "yaml_tag_of_python": (
        ":1:7: not YAML: could not determine a constructor for the tag "
        "'tag:yaml.org,2002:python/object/apply:os.getpid'"
    ),
    "yaml_two_documents": (
        ":2:1: not YAML: expected a single document in the stream, but found another document"
    ),
    "yaml_unfinished": ":3:1: not YAML: expected the node content, but found '<stream end>'",
    "yaml_with_tabs": ":2:1: not YAML: found character '\\t' that cannot start any token",
}


def mistakes(path: Path, scenario: Path | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(path, scenario)
    return str(caught.value)


def test_the_configuration_that_the_bad_ones_were_made_of_is_accepted() -> None:
    assert load_config(FILES / "good.yml").pipelines[0].name == "orders"


def test_every_bad_file_has_its_message() -> None:
    assert {path.stem for path in BAD.iterdir()} == MESSAGES.keys()


@pytest.mark.parametrize("name", MESSAGES)
def test_a_mistake_is_named_with_its_place_and_what_was_expected(name: str) -> None:
    path = BAD / f"{name}.yml"
    assert mistakes(path) == "\n".join(f"{path}{line}" for line in MESSAGES[name].split("\n"))


def test_all_mistakes_of_a_file_are_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "several.yml"
    path.write_text("sed: 1\nruns: {max_jobs: 0}\nweb: {hosts: localhost}\n")
    assert mistakes(path).split("\n") == [
        f"{path}: web.hosts: expected a list, got 'localhost'",
        f"{path}: runs.max_jobs: expected >= 1, got 0",
        f"{path}: sed: unknown key",
    ]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "missing.yml"
    assert mistakes(path) == f"{path}: can't be read: No such file or directory"


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    assert mistakes(tmp_path) == f"{tmp_path}: can't be read: Is a directory"


def test_a_mistake_in_a_scenario_file_names_that_file(tmp_path: Path) -> None:
    path = tmp_path / "scenario.yml"
    path.write_text("faults:\n  - {at: 1m, for: soon, stage: parse, kind: stall}\n")
    assert mistakes(FILES / "good.yml", path) == f"{path}: faults[0].for: {A_DURATION}, got 'soon'"


def test_a_scenario_that_does_not_fit_the_configuration_names_both_files(tmp_path: Path) -> None:
    path = tmp_path / "scenario.yml"
    path.write_text("faults:\n  - {at: 1m, for: 30s, stage: enrich, kind: stall}\n")
    good = FILES / "good.yml"
    assert mistakes(good, path) == (
        f"{good} with {path}: scenario.faults[0].stage: expected one of ['parse', 'store'], got 'enrich'"
    )
