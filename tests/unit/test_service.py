"""The service: keeps up with its clock, takes over configurations, and is the same run at any pace."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from msgspec.structs import replace
from prometheus_client.core import Exemplar

from exporter.config import ConfigError
from exporter.config.model import InjectedFault
from exporter.runs.event import RunEvent
from exporter.service import GRACE_SECONDS, TIDY_EVERY_SECONDS, Options, Service
from exporter.summary import summarize
from tests.unit.web.pipelines import EPOCH, Clock, Json, calm, written

DEADLINE_SECONDS = 20
SLOWDOWN = {"at": 100, "for": 60, "stage": "enrich", "kind": "slowdown", "factor": 3}
ERRORS = {"at": 200, "for": 60, "stage": "normalize", "kind": "errors", "share": 0.3}

EVENT = RunEvent("01a1fb67-1800-7546-a491-5f30a417dd78", "shop", "load", "COMPLETE", EPOCH)


@dataclass
class Running:
    """A service with the clocks that it looks at."""

    service: Service
    now: Clock
    elapsed: Clock

    def sample(self, name: str) -> float | None:
        """One of the exporter's samples about itself."""
        return self.service.own.registry.get_sample_value(f"pipeline_exporter_{name}")


def running(folder: Path, config: Json | None = None, speed: float = 1.0) -> Running:
    now, elapsed = Clock(), Clock(500.0)
    path = written(calm() if config is None else config, folder)
    return Running(Service(Options(path, speed=speed), now, elapsed), now, elapsed)


def run_until(service: Service, done: Callable[[], bool]) -> None:
    """Let it run in real time until ``done``; the deadline is for a test that fails."""

    async def go() -> None:
        task = asyncio.create_task(service.run())
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not done():
                assert not task.done()
                await asyncio.sleep(0)
        task.cancel()

    asyncio.run(go())


@pytest.mark.parametrize(("speed", "seconds", "due"), [(1, 0, 0), (1, 3.9, 3), (60, 2.5, 150), (0.5, 5, 2)])
def test_ticks_are_due_by_the_clock_and_the_speed(
    tmp_path: Path, speed: float, seconds: float, due: int
) -> None:
    one = running(tmp_path, speed=speed)
    one.elapsed.seconds += seconds
    assert one.service.behind() == due
    one.service.advance(due)
    assert one.service.behind() == 0


def test_a_service_that_is_ahead_is_not_behind(tmp_path: Path) -> None:
    one = running(tmp_path)
    one.service.advance(100)
    assert one.service.behind() == 0


def test_running_catches_up_with_the_clock_and_no_further(tmp_path: Path) -> None:
    one = running(tmp_path, speed=10)
    one.elapsed.seconds += 30.05
    run_until(one.service, lambda: one.service.simulation.tick >= 300)
    assert one.service.simulation.tick == 300
    assert one.service.state.streams[0].ticks == 300


def test_running_goes_on_as_the_clock_does(tmp_path: Path) -> None:
    one = running(tmp_path, speed=100)
    one.elapsed.seconds += 0.1
    run_until(one.service, lambda: one.service.simulation.tick == 10)
    one.elapsed.seconds += 0.1
    run_until(one.service, lambda: one.service.simulation.tick == 20)


@dataclass
class Ticking:
    """A clock on which each look takes a hundredth of a second."""

    seconds: float = 0.0

    def __call__(self) -> float:
        self.seconds += 0.01
        return self.seconds


def test_while_it_is_far_behind_requests_are_answered_in_between(tmp_path: Path) -> None:
    elapsed = Ticking()
    service = Service(Options(written(calm(), tmp_path)), Clock(), elapsed)
    due = 20 * service.simulation.longest
    elapsed.seconds += due
    seen: list[tuple[int, float | None]] = []

    def look() -> bool:
        behind = service.own.registry.get_sample_value("pipeline_exporter_ticks_behind")
        seen.append((service.simulation.tick, behind))
        return service.simulation.tick >= due and behind == 0

    run_until(service, look)
    between = [(tick, behind) for tick, behind in seen if 0 < tick < due]
    assert len({tick for tick, _ in between}) > 5
    assert all(behind for _, behind in between)


def test_the_next_tick_is_waited_for_and_never_without_a_pause(tmp_path: Path) -> None:
    one = running(tmp_path)
    one.service.advance(3)
    one.elapsed.seconds += 3.2
    assert one.service.until_next_tick() == pytest.approx(0.8)
    one.elapsed.seconds += 100
    assert one.service.until_next_tick() == 0.01


def test_it_is_ready_once_it_runs_and_not_before(tmp_path: Path) -> None:
    one = running(tmp_path)
    assert not one.service.ready
    run_until(one.service, lambda: one.service.ready)
    assert one.service.simulation.tick == 0


def test_ticks_are_told_as_times_by_the_speed(tmp_path: Path) -> None:
    timeline = running(tmp_path, speed=60).service.state.timeline
    assert (timeline.at(0), timeline.at(120)) == (EPOCH, EPOCH + 2)


def test_the_first_configuration_is_a_load_too(tmp_path: Path) -> None:
    one = running(tmp_path)
    assert one.sample("config_last_reload_successful") == 1
    assert one.sample("config_last_reload_success_timestamp_seconds") == EPOCH


def test_a_bad_file_keeps_the_old_configuration_and_says_so_in_the_metric_and_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    one = running(tmp_path)
    before, streams = one.service.config, one.service.state.streams
    written({**calm(), "seed": -1}, tmp_path)
    one.now.seconds += 60
    with pytest.raises(ConfigError, match=r"seed: expected >= 0, got -1"):
        asyncio.run(one.service.reload())
    assert (one.service.config, one.service.state.streams) == (before, streams)
    assert one.sample("config_last_reload_successful") == 0
    assert one.sample("config_last_reload_success_timestamp_seconds") == EPOCH
    assert [record.message for record in caplog.records] == ["configuration kept"]


def test_a_file_that_is_gone_keeps_the_old_configuration(tmp_path: Path) -> None:
    one = running(tmp_path)
    (tmp_path / "pipelines.yml").unlink()
    with pytest.raises(ConfigError, match="can't be read"):
        asyncio.run(one.service.reload())
    assert one.service.config.pipelines


def test_a_good_file_after_a_bad_one_is_taken_over(tmp_path: Path) -> None:
    one = running(tmp_path)
    (tmp_path / "pipelines.yml").write_text("{")
    with pytest.raises(ConfigError):
        asyncio.run(one.service.reload())
    written(calm(), tmp_path)
    one.now.seconds += 60
    asyncio.run(one.service.reload())
    assert one.sample("config_last_reload_successful") == 1
    assert one.sample("config_last_reload_success_timestamp_seconds") == EPOCH + 60


@pytest.mark.parametrize(
    "change", [{}, {"web": {"hosts": ["exporter.example"]}}, {"runs": {"max_jobs": 7}}], ids=str
)
def test_a_reload_that_changes_no_pipeline_lets_the_streams_go_on(tmp_path: Path, change: Json) -> None:
    one = running(tmp_path)
    one.service.advance(100)
    before = one.service.collector.render(openmetrics=True)
    written({**calm(), **change}, tmp_path)
    asyncio.run(one.service.reload())
    assert one.service.collector.render(openmetrics=True) == before
    one.service.advance(1)
    assert one.service.state.streams[0].ticks == 101


def renamed() -> Json:
    config = calm()
    config["pipelines"][0]["stages"][0]["name"] = "gather"
    return config


@pytest.mark.parametrize(
    "config", [renamed(), calm(SLOWDOWN), {**calm(), "seed": 7}], ids=["stage", "scenario", "seed"]
)
def test_a_reload_that_changes_the_streams_begins_them_anew(tmp_path: Path, config: Json) -> None:
    one = running(tmp_path)
    one.elapsed.seconds += 100
    one.now.seconds += 100
    one.service.advance(100)
    written(config, tmp_path)
    asyncio.run(one.service.reload())
    assert one.service.state.streams[0].ticks == 0
    assert one.service.behind() == 0
    assert one.service.state.timeline.started == EPOCH + 100
    fresh = Service(Options(tmp_path / "pipelines.yml"), lambda: EPOCH + 100, lambda: 0.0)
    for service in (one.service, fresh):
        service.advance(50)
    assert one.service.collector.render(openmetrics=True) == fresh.collector.render(openmetrics=True)


def test_real_runs_outlive_every_reload(tmp_path: Path) -> None:
    one = running(tmp_path)
    asyncio.run(one.service.intake.tell([EVENT]))
    written(renamed(), tmp_path)
    asyncio.run(one.service.reload())
    asyncio.run(one.service.intake.tell([EVENT]))
    [job] = one.service.state.jobs
    assert job.runs["succeeded"] == 1


def test_a_team_has_its_numbers_before_the_first_incident_of_a_job(tmp_path: Path) -> None:
    one = running(tmp_path)
    asyncio.run(one.service.intake.tell([replace(EVENT, team="finance")]))
    asyncio.run(one.service.sweep())
    assert "finance" in one.service.state.incidents.teams
    written(renamed(), tmp_path)
    asyncio.run(one.service.reload())
    assert "finance" in one.service.state.incidents.teams


def test_a_reload_reads_the_scenario_again(tmp_path: Path) -> None:
    story = tmp_path / "story.yml"
    story.write_text("name: one\n")
    service = Service(Options(written(calm(SLOWDOWN), tmp_path), story), lambda: EPOCH, lambda: 0.0)
    assert (service.config.scenario.name, service.config.scenario.faults) == ("one", [])
    story.write_text("name: two\n")
    asyncio.run(service.reload())
    assert service.config.scenario.name == "two"


def virtual(path: Path, ticks: int, seed: int | None = None) -> Service:
    """The run in virtual time."""
    service = Service(Options(path, seed=seed), lambda: EPOCH, lambda: 0.0)
    service.advance(ticks)
    return service


def samples(service: Service) -> dict[tuple[str, str], float]:
    """All that Prometheus would be told, by name and labels."""
    families = service.collector.collect()
    found = [sample for family in families for sample in family.samples]
    return {(sample.name, str(sample.labels)): sample.value for sample in found}


def exemplars(service: Service) -> list[Exemplar]:
    """The sampled events on the histograms."""
    families = service.collector.collect()
    return [sample.exemplar for family in families for sample in family.samples if sample.exemplar]


def same(one: Service, other: Service) -> bool:
    """Whether both are at the same place of the same run; sums of floats depend on the order of adding."""
    equal = samples(one) == pytest.approx(samples(other), rel=1e-12)
    incidents = [summarize(service.state)["incidents"] for service in (one, other)]
    return equal and exemplars(one) == exemplars(other) and incidents[0] == incidents[1]


def test_the_same_seed_is_the_same_run_however_it_is_cut_into_steps(tmp_path: Path) -> None:
    path = written(calm(SLOWDOWN, ERRORS), tmp_path)
    stepped = virtual(path, 0)
    for ticks in (1, 2, 3, 94, 1, 1, 58, 7, 33, 1, 199, 300):
        stepped.advance(ticks)
    assert same(stepped, virtual(path, 700))


def test_real_time_is_the_same_run_as_virtual_time(tmp_path: Path) -> None:
    path = written(calm(SLOWDOWN, ERRORS), tmp_path)
    elapsed = Ticking()
    real = Service(Options(path, speed=60), lambda: EPOCH, elapsed)
    run_until(real, lambda: real.simulation.tick > 300)
    replay = Service(Options(path, speed=60), lambda: EPOCH, lambda: 0.0)
    replay.advance(real.simulation.tick)
    assert same(real, replay)


def test_another_seed_is_another_run(tmp_path: Path) -> None:
    path = written(calm(), tmp_path)
    assert not same(virtual(path, 100), virtual(path, 100, seed=2))


def test_the_seed_option_comes_before_the_configurations(tmp_path: Path) -> None:
    configured = virtual(written({**calm(), "seed": 5}, tmp_path), 100)
    given = virtual(written(calm(), tmp_path), 100, seed=5)
    assert same(configured, given)


def test_a_fault_strikes_from_the_next_tick_on_and_is_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    service = virtual(written(calm(), tmp_path), 10)
    fault = InjectedFault.model_validate({"stage": "enrich", "kind": "stall", "for": "3s"})
    struck = service.inject(fault)
    assert (struck.start, struck.end, struck.pipeline) == (10, 13, "business-signals")
    service.advance(3)
    assert service.state.streams[0].faults.sum() == 1
    service.advance(1)
    assert service.state.streams[0].faults.sum() == 0
    assert [record.message for record in caplog.records] == ["fault injected"]


def test_a_fault_on_a_stage_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    service = virtual(written(calm(), tmp_path), 0)
    fault = InjectedFault.model_validate({"stage": "index", "kind": "stall", "for": "3s"})
    with pytest.raises(ValueError, match=r"stage: expected one of \['ingest', .*\], got 'index'"):
        service.inject(fault)


def test_after_a_start_runs_have_some_minutes_to_tell_their_end_before_they_are_given_up(
    tmp_path: Path,
) -> None:
    one = running(tmp_path)
    asyncio.run(one.service.intake.tell([replace(EVENT, kind="START", time=EPOCH - 9 * 86400)]))
    [job] = one.service.state.jobs
    asyncio.run(one.service.tidy_up())
    one.elapsed.seconds += GRACE_SECONDS - 1
    asyncio.run(one.service.tidy_up())
    assert (job.in_progress, job.runs["abandoned"]) == (1, 0)
    one.elapsed.seconds += TIDY_EVERY_SECONDS
    asyncio.run(one.service.tidy_up())
    assert (job.in_progress, job.runs["abandoned"]) == (0, 1)
