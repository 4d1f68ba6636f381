"""What a file leaves out has a default, and a scenario file replaces the configuration's own."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from exporter.config import Config, ConfigError, load_config, validate
from exporter.config.model import InjectedFault

GOOD = Path(__file__).parents[2] / "data/config/good.yml"


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def injected(**keys: object) -> InjectedFault:
    return InjectedFault.model_validate({"stage": "parse", "kind": "stall", "for": 9, **keys})


def test_a_configuration_may_have_real_runs_only(tmp_path: Path) -> None:
    config = load_config(write(tmp_path / "runs.yml", "runs: {max_jobs: 5}\n"))
    assert (config.pipelines, config.runs.max_jobs, config.seed) == ([], 5, 1)


def test_faults_slos_and_review_may_be_left_out(tmp_path: Path) -> None:
    text = GOOD.read_text(encoding="utf-8")
    start = text.index("    faults:")
    (pipeline,) = load_config(write(tmp_path / "short.yml", text[:start])).pipelines
    assert (pipeline.faults, pipeline.slos, pipeline.review.probability) == ([], [], 0.01)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    assert load_config(write(tmp_path / "marked.yml", "\ufeffseed: 7\n")).seed == 7


def test_a_scenario_file_replaces_the_scenario_of_the_configuration(tmp_path: Path) -> None:
    story = "name: rush\nfaults:\n  - {at: 5m, for: 1h30m, stage: store, kind: errors, share: 0.5}\n"
    config = load_config(GOOD, write(tmp_path / "rush.yml", story))
    (fault,) = config.scenario.faults
    assert config.scenario.name == "rush"
    assert (fault.at, fault.duration, fault.stage, fault.share) == (300, 5400, "store", 0.5)


def test_a_scenario_file_leaves_the_rest_of_the_configuration_alone(tmp_path: Path) -> None:
    config = load_config(GOOD, write(tmp_path / "calm.yml", "name: calm\n"))
    assert config.scenario.faults == []
    assert config.pipelines == load_config(GOOD).pipelines


def test_a_loaded_configuration_can_not_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load_config(GOOD).seed = 2


def test_what_is_validated_elsewhere_names_its_own_source() -> None:
    with pytest.raises(ConfigError, match=r"^body: for: expected a value, got nothing$"):
        validate(InjectedFault, {"stage": "parse", "kind": "stall"}, "body")


def test_an_injected_fault_needs_no_pipeline_where_there_is_one() -> None:
    assert load_config(GOOD).resolve(injected()).name == "orders"


def test_an_injected_fault_on_a_stage_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^stage: expected one of \['parse', 'store'\], got 'prase'$"):
        load_config(GOOD).resolve(injected(stage="prase"))


def test_an_injected_fault_must_name_its_pipeline_where_there_are_several() -> None:
    orders = load_config(GOOD).pipelines[0]
    config = Config(pipelines=[orders, orders.model_copy(update={"name": "returns"})])
    assert config.resolve(injected(pipeline="returns")).name == "returns"
    with pytest.raises(ValueError, match=r"^pipeline: expected one of \['orders', 'returns'\], got nothing$"):
        config.resolve(injected())
