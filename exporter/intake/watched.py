"""What is known of real runs and checks: the tracker and the state that it fills, as entries change them."""

from collections.abc import Iterable
from typing import TypeVar, assert_never

from msgspec.structs import replace

from exporter.intake.entry import (
    ENCODER,
    Abandoned,
    ChecksDropped,
    DatasetDropped,
    Dropped,
    Entry,
    decoder,
)
from exporter.intake.journal import Part
from exporter.reports.event import ChecksReport
from exporter.runs.event import Dataset, DatasetEvent, RunEvent
from exporter.runs.observation import Job, Observation, RunEnded, RunUnsure
from exporter.runs.refusals import NotYoursError
from exporter.runs.run import Ended, Run
from exporter.runs.tracker import RunTracker
from exporter.state.checks import Checked, CheckStates
from exporter.state.dataset import DatasetState
from exporter.state.datasets import REFUSALS, DatasetStates
from exporter.state.job import UNKNOWN_TEAM, JobState
from exporter.state.jobs import JobStates

JOB, RUN, ENDED, DATASET, CHECKS = "job", "run", "ended", "dataset", "checks"
REFUSED = "refused"


Forgotten = Dropped | DatasetDropped | ChecksDropped
Kept = TypeVar("Kept", JobState, DatasetState, Checked, Run, Ended)


class Watched:
    """A function of the entries alone: whoever applies the same ones in the same order knows the same."""

    def __init__(
        self, tracker: RunTracker, jobs: JobStates, datasets: DatasetStates, checks: CheckStates
    ) -> None:
        self.tracker, self.jobs, self.datasets, self.checks = tracker, jobs, datasets, checks

    def apply(self, entry: Entry) -> None:
        """Take in one entry. Raises RefusedError, with nothing changed."""
        match entry:
            case RunEvent():
                self.learn(self.tracker.observe(entry))
            case Abandoned():
                self.learn(self.tracker.abandon(entry.run_id, entry.time))
            case DatasetEvent():
                self.require_own(entry)
                self.datasets.hear(entry)
            case ChecksReport():
                self.require_own_checks(entry)
                self.checks.hear(entry)
            case Dropped() | DatasetDropped() | ChecksDropped():
                if self.last_heard(entry) <= entry.until:
                    self.drop(entry)
            case _:
                assert_never(entry)

    def last_heard(self, dropped: Forgotten) -> float:
        """When anything was last heard of what is to be forgotten, in seconds since 1970 UTC."""
        match dropped:
            case Dropped():
                job = self.jobs.get(dropped.pipeline)
                runs = [run for run in self.tracker.open.values() if run.pipeline == dropped.pipeline]
                return max([job.heard() if job else 0.0, *(run.heard for run in runs)])
            case DatasetDropped():
                dataset = self.datasets.get(dropped.dataset)
                return dataset.heard if dataset else 0.0
            case ChecksDropped():
                checked = self.checks.get(dropped.dataset)
                return checked.report.time if checked else 0.0

    def drop(self, dropped: Forgotten) -> None:
        """Forget it."""
        match dropped:
            case Dropped():
                self.tracker.drop(dropped.pipeline)
                self.jobs.drop(dropped.pipeline)
            case DatasetDropped():
                self.datasets.drop(dropped.dataset)
            case ChecksDropped():
                self.checks.drop(dropped.dataset)

    def learn(self, observations: Iterable[Observation]) -> None:
        """Let the state know what the tracker has observed."""
        learnt, self.tracker.learnt = self.tracker.learnt, []
        for job in learnt:
            self.jobs.describe(job)
        for observation in observations:
            self.jobs.apply(observation)
            self.datasets.apply(self.of_its_own(observation))

    def require_own(self, event: RunEvent | DatasetEvent) -> None:
        """Raise NotYoursError for a team's token that tells of what is another's.

        A dataset is its first producer's, who is told of it too, or of whoever speaks of it first.
        """
        if isinstance(event, RunEvent):
            self.tracker.require_own(event)
            return
        if event.by is not None:
            self.require_own_dataset(event.dataset.name, event.by)

    def require_own_dataset(self, name: str, team: str) -> None:
        """Raise NotYoursError for a dataset that is known as another team's."""
        if self.is_anothers(name, team):
            raise NotYoursError(f"dataset: {name} is written by {self.writer(name)}, which is another's")
        state = self.datasets.get(name)
        if state and state.team not in (None, team) and not self.writer(name):
            raise NotYoursError(f"dataset: {name} is another's")

    def require_own_checks(self, report: ChecksReport) -> None:
        """Raise NotYoursError for a team's token that reports on what is another's.

        A dataset is its writer's, and as long as nobody writes it, of whoever had it checked first.
        """
        if report.by is None:
            return
        self.require_own_dataset(report.dataset, report.by)
        held = self.checks.get(report.dataset)
        if held and held.report.team != report.by and not self.writer(report.dataset):
            raise NotYoursError(f"dataset: {report.dataset} is another's")

    def writer(self, dataset: str) -> str | None:
        """The pipeline that was the first to write it, of those that are known."""
        state = self.datasets.get(dataset)
        return next((name for name in (state.producers if state else ()) if self.jobs.get(name)), None)

    def is_anothers(self, dataset: str, team: str) -> bool:
        """Whether another team's pipeline was the first to write a dataset."""
        writer = self.writer(dataset)
        return writer is not None and self.jobs[writer].team != team

    def of_its_own(self, observation: Observation) -> Observation:
        """What a run says of datasets as far as it may: a team's token changes nothing of another's.

        The run counts: it happened, whatever it says that it wrote. It reads what it says that it reads.
        """
        if not isinstance(observation, RunEnded | RunUnsure) or observation.by is None:
            return observation
        team = observation.by
        own = tuple(one for one in observation.outputs if not self.is_anothers(one.name, team))
        self.datasets.refused["not_yours"] += len(observation.outputs) - len(own)
        if isinstance(observation, RunUnsure):
            return replace(observation, outputs=own)
        read = (Dataset(one.name) if self.is_anothers(one.name, team) else one for one in observation.inputs)
        return replace(observation, inputs=tuple(read), outputs=own)

    def drop_halves(self) -> None:
        """Forget the jobs that an error has left known to the tracker alone."""
        for pipeline in [name for name in self.tracker.jobs if self.jobs.get(name) is None]:
            self.tracker.drop(pipeline)

    def snapshot(self) -> dict[Part, bytes | None]:
        """What has changed since the last one, None for what is gone; from now on that counts as written."""
        found: dict[Part, object] = {}
        for run_id in self.tracker.changed:
            found[Part(RUN, run_id)] = self.tracker.open.get(run_id)
            found[Part(ENDED, run_id)] = self.tracker.finished.get(run_id)
        found |= {Part(JOB, name): self.jobs.get(name) for name in self.jobs.changed if self.is_own(name)}
        found |= {Part(DATASET, name): self.datasets.get(name) for name in self.datasets.changed}
        kept = self.checks.changed - self.checks.simulated
        found |= {Part(CHECKS, name): self.checks.get(name) for name in kept}
        found |= {Part(REFUSED, reason): count for reason, count in self.datasets.refused.items()}
        found[Part(REFUSED, CHECKS)] = self.checks.refused
        encoded = {part: None if one is None else ENCODER.encode(one) for part, one in found.items()}
        for source in (self.tracker, self.jobs, self.datasets, self.checks):
            source.changed.clear()
        return encoded

    def is_own(self, pipeline: str) -> bool:
        """Whether a job came through this door, or is gone: the simulated ones share the state."""
        return pipeline in self.tracker.jobs or self.jobs.get(pipeline) is None

    def restore(self, parts: Iterable[tuple[Part, bytes]]) -> None:
        """Take over a whole snapshot, in the order in which its parts came to be."""
        kinds = (JOB, RUN, ENDED, DATASET, CHECKS, REFUSED)
        found: dict[str, list[tuple[str, bytes]]] = {kind: [] for kind in kinds}
        for part, content in parts:
            found[part.kind].append((part.name, content))
        for job in ordered(JobState, found[JOB]).values():
            self.jobs.put(job)
            self.tracker.know(described(job))
        for dataset in ordered(DatasetState, found[DATASET]).values():
            self.datasets.put(dataset)
        for checked in ordered(Checked, found[CHECKS]).values():
            self.checks.put(checked)
        refused = {name: decoder(int).decode(content) for name, content in found[REFUSED]}
        self.datasets.refused |= {reason: refused[reason] for reason in REFUSALS if reason in refused}
        self.checks.refused = refused.get(CHECKS, 0)
        self.tracker.restore(ordered(Run, found[RUN]), ordered(Ended, found[ENDED]))


def ordered(kind: type[Kept], parts: Iterable[tuple[str, bytes]]) -> dict[str, Kept]:
    """Parts of one kind by name, what came to be first before what came later."""
    read = decoder(kind).decode
    found: list[tuple[str, Kept]] = [(name, read(content)) for name, content in parts]
    return dict(sorted(found, key=lambda named: named[1].number))


def described(state: JobState) -> Job:
    """The job as the tracker knows it."""
    return Job(
        pipeline=state.pipeline,
        namespace=state.namespace,
        name=state.name,
        team=None if state.team == UNKNOWN_TEAM else state.team,
        integration=state.integration,
        job_type=state.job_type,
        is_part=state.is_part,
        whole=state.whole,
        streaming=state.streaming,
    )
