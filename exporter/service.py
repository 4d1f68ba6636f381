"""The composition root: builds everything from a configuration and keeps it going in real time."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from exporter.collector import OwnMetrics, StateCollector
from exporter.config import Config, ConfigError, load_config
from exporter.config.load import DEFAULT
from exporter.config.model import InjectedFault
from exporter.desk import Desk
from exporter.fleet import Fleet
from exporter.incidents import Incidents
from exporter.intake import FullError, Intake, Watched
from exporter.intake.journal import Journal
from exporter.observations.fault import Fault
from exporter.runs.tracker import RunTracker
from exporter.schedule import Planned, Schedule, SimulatedData, planned
from exporter.simulation import Simulation
from exporter.state import State, StreamState, Timeline
from exporter.state.anomalies import peers_of
from exporter.state.checks import CheckStates
from exporter.state.datasets import DatasetStates
from exporter.state.slos import PERIOD
from exporter.storage import StoreError
from exporter.web.security import Security

Profile = Literal["prod", "demo"]
TIME_SCALES: dict[Profile, int] = {"prod": 1, "demo": 60}

log = logging.getLogger("exporter")
SLICE_SECONDS = 0.05
SHORTEST_SLEEP = 0.01
MOST_SIMULATED = 20_000
TIDY_EVERY_SECONDS = 60
# So long, whoever could tell nothing while the exporter was away has to make up for it.
GRACE_SECONDS = 600
JUDGE_EVERY_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line adds to the configuration."""

    config: Path | None = None
    scenario: Path | None = None
    seed: int | None = None
    speed: float = 1.0
    profile: Profile = "prod"
    # Where runs and incidents are kept; without it in memory, as virtual time wants it.
    data: Path | None = None
    # Who may do what, and encryption; without them everybody may do everything.
    tokens: Path | None = None
    web_config: Path | None = None

    def load(self) -> Config:
        """The configuration; ConfigError says what is wrong with it."""
        config = load_config(self.config, self.scenario)
        return config if self.seed is None else config.model_copy(update={"seed": self.seed})

    def plans(self, config: Config) -> list[Planned]:
        """What is to be checked on schedule; ConfigError says what is wrong with the files that say how."""
        folder = (self.config or DEFAULT).parent
        source = str(self.config or DEFAULT.name)
        return planned(config.datasets, folder, source, config.simulated_datasets)


class Service:
    """The running exporter. One thread writes the state and reads it for scrapes, so that nothing is torn.

    Only the incidents' numbers come from another one, all at once.
    """

    def __init__(
        self,
        options: Options,
        now: Callable[[], float] = time.time,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self.version = version("pipeline-health")
        self.options = options
        self.now = now
        self.elapsed = elapsed
        self.ready = False
        self.own = OwnMetrics(self.version)
        self.time_scale = TIME_SCALES[options.profile]
        self.own.profile.labels(options.profile, self.time_scale).set(1)
        self.config = options.load()
        plans = options.plans(self.config)
        self.security = Security(options.tokens, options.web_config)
        runs = self.config.runs
        self.state = State(
            runs=runs,
            datasets=DatasetStates(runs.max_datasets, runs.team_share),
            checks=CheckStates(runs.max_datasets, share=runs.team_share),
        )
        tracker = RunTracker(
            max_open=runs.max_open_runs,
            max_finished=runs.max_finished_runs,
            max_jobs=runs.max_jobs,
            share=runs.team_share,
        )
        watched = Watched(tracker, self.state.jobs, self.state.datasets, self.state.checks)
        self.intake = Intake(Journal(options.data), watched, self.own.errors.labels("journal").inc)
        self.simulated_data = SimulatedData(options.data, self.state, now)
        self.schedule = Schedule(self.state, self.intake, self.own, now, elapsed, self.simulated_data.attempt)
        self.schedule.take(plans)
        self.next_tidying = self.next_judgement = 0.0
        self.gives_up_from = self.elapsed() + GRACE_SECONDS
        self.collector = StateCollector(self.state)
        self.incidents = Incidents(options.data, self.state, self.now(), self.teams_configured())
        self.desk = Desk(self.incidents, self.state)
        self.met: set[str] = set()
        self.sweeping: asyncio.Task[None] | None = None
        self.start_streams()
        self.note_reload(True)

    def start_streams(self) -> None:
        """Begin the simulation of the current configuration at tick 0."""
        self.simulation = Simulation(self.config)
        self.started = self.elapsed()
        self.state.timeline = Timeline(self.now(), self.options.speed)
        period = PERIOD // self.time_scale
        self.state.streams = [
            StreamState(group.pipelines, self.simulation.columns, period=period)
            for group in self.simulation.groups
        ]
        self.start_fleet()
        self.simulated_data.begin(self.config.simulated_datasets, self.config.seed)
        self.own.speed.set(self.options.speed)
        self.incidents.onsets.forget()

    def start_fleet(self) -> None:
        """Begin with the configuration's fleet, if it has one; nothing of it is kept on disk."""
        self.state.jobs.forget_simulated()
        self.state.simulated_datasets = DatasetStates(MOST_SIMULATED)
        tracker = RunTracker(
            max_open=MOST_SIMULATED, max_finished=MOST_SIMULATED, max_jobs=MOST_SIMULATED, mode="simulated"
        )
        self.simulated = Watched(tracker, self.state.jobs, self.state.simulated_datasets, CheckStates())
        fleet = self.config.fleet
        self.fleet = fleet and Fleet(fleet, self.config.seed, self.state.timeline.at)

    def advance_fleet(self) -> None:
        """What the fleet's jobs told up to now."""
        if self.fleet:
            for event in self.fleet.advance(self.simulation.tick):
                self.simulated.apply(event)
            self.state.job_faults = {(trouble.job, trouble.kind) for trouble in self.fleet.wrong}

    def teams_configured(self) -> list[str]:
        """Those of the configuration, each once."""
        streams = (pipeline.team for pipeline in self.config.pipelines)
        jobs = (job.team for job in self.config.runs.expected)
        return list(dict.fromkeys([*streams, *jobs]))

    def new_teams(self) -> list[str]:
        """Teams that had no numbers yet: those of the configuration, then those of jobs and datasets."""
        fleet = {job.team for job in self.fleet.jobs} if self.fleet else set()
        heard_of = self.state.jobs.teams.keys() | self.state.checks.teams()
        known = dict.fromkeys([*self.teams_configured(), *sorted(fleet | heard_of)])
        fresh = [team for team in known if team not in self.met]
        self.met = set(known)
        return fresh

    def advance(self, ticks: int) -> None:
        """Simulate further ticks into the state."""
        for tallies in self.simulation.advance(self.simulation.tick + ticks):
            for streams, counted in zip(self.state.streams, tallies, strict=True):
                streams.apply(counted)
            self.incidents.onsets.note(self.state)
        self.advance_fleet()

    def behind(self) -> int:
        """Ticks that are due and not simulated yet."""
        due = int((self.elapsed() - self.started) * self.options.speed)
        return max(0, due - self.simulation.tick)

    async def run(self) -> None:
        """Keep up with the clock, a slice at a time so that requests are answered in between."""
        self.ready = True
        while True:
            slice_ends = self.elapsed() + SLICE_SECONDS
            while (behind := self.behind()) and self.elapsed() < slice_ends:
                self.advance(min(behind, self.simulation.longest))
            self.own.ticks_behind.set(self.behind())
            self.judge()
            self.sweep_beside()
            await self.tidy_up()
            await asyncio.sleep(0 if behind else self.until_next_tick())

    def judge(self) -> None:
        """Once a second, whether or not somebody looks: a light's age is from when it turned."""
        if self.elapsed() >= self.next_judgement:
            self.next_judgement = self.elapsed() + JUDGE_EVERY_SECONDS
            self.state.lights.refresh(self.now())

    def sweep_beside(self) -> None:
        """Sweep while the streams go on, however slow the disk is."""
        if self.sweeping is None or self.sweeping.done():
            if self.sweeping:
                self.sweeping.result()
            self.sweeping = asyncio.create_task(self.sweep())

    async def sweep(self) -> None:
        """Give up what is not heard of any more; a full disk must not end the exporter."""
        try:
            await self.desk.sweep(self.new_teams(), self.now())
        except StoreError as error:
            self.own.errors.labels("incidents").inc()
            log.error("incidents not swept", extra={"error": error})

    async def tidy_up(self) -> None:
        """Once a minute: runs that won't end, jobs that are no more, and what is usual among the others."""
        if self.elapsed() < self.next_tidying:
            return
        self.next_tidying = self.elapsed() + TIDY_EVERY_SECONDS
        self.state.lights.judge_among(peers_of(self.state.jobs))
        if self.elapsed() < self.gives_up_from:
            return
        forget_after = self.config.runs.forget_after
        if overdue := self.intake.overdue(self.now(), forget_after, self.state.scheduled):
            try:
                await self.intake.tell(overdue)
            except (FullError, StoreError) as error:
                self.own.errors.labels("runs").inc()
                log.error("silent runs not given up", extra={"error": error})

    def until_next_tick(self) -> float:
        """Seconds until the next tick is due."""
        due = self.started + (self.simulation.tick + 1) / self.options.speed
        return max(SHORTEST_SLEEP, due - self.elapsed())

    def inject(self, fault: InjectedFault) -> Fault:
        """Let a fault strike from the next tick on; ValueError names what does not exist."""
        struck = self.simulation.inject(fault)
        log.info(
            "fault injected", extra={"pipeline": struck.pipeline, "stage": struck.stage, "kind": struck.kind}
        )
        return struck

    async def reload(self) -> None:
        """Take over a changed configuration; ConfigError leaves the old one in force.

        The file is read beside the event loop: a large one takes seconds. Streams begin anew only when what
        they are made of has changed. Tokens, users and certificates count from now on: either all files are
        taken over or none. Listening and what is said of runs stay as they were at the start.
        """
        try:
            config = await asyncio.to_thread(self.options.load)
            plans = await asyncio.to_thread(self.options.plans, config)
            settings = await asyncio.to_thread(self.security.read_again)
        except ConfigError as error:
            self.note_reload(False)
            log.error("configuration kept", extra={"error": error})
            raise
        self.security.take(settings)
        self.schedule.take(plans)
        config = config.model_copy(update={"web": self.config.web, "runs": self.config.runs})
        changed = config != self.config.model_copy(update={"datasets": config.datasets})
        self.config = config
        if changed:
            self.start_streams()
            await self.sweep()
        self.note_reload(True)
        log.info("configuration loaded", extra={"streams": "restarted" if changed else "unchanged"})

    def note_reload(self, success: bool) -> None:
        """Say in metrics how the last load went."""
        self.own.reload_success.set(success)
        if success:
            self.own.reload_time.set(self.now())
