"""What is known of real runs: the tracker and the state that it fills, as entries change them."""

from collections.abc import Iterable
from typing import TypeVar

from msgspec.structs import replace

from exporter.intake.entry import ENCODER, Abandoned, DatasetDropped, Dropped, Entry, decoder
from exporter.intake.journal import Part
from exporter.runs.event import Dataset, DatasetEvent, RunEvent
from exporter.runs.observation import Job, Observation, RunEnded, RunUnsure
from exporter.runs.refusals import NotYoursError
from exporter.runs.run import Ended, Run
from exporter.runs.tracker import RunTracker
from exporter.state.dataset import DatasetState
from exporter.state.datasets import REFUSALS, DatasetStates
from exporter.state.job import UNKNOWN_TEAM, JobState
from exporter.state.jobs import JobStates

JOB, RUN, ENDED, DATASET = "job", "run", "ended", "dataset"
REFUSED = "refused"


Kept = TypeVar("Kept", JobState, DatasetState, Run, Ended)


class Watched:
    """A function of the entries alone: whoever applies the same ones in the same order knows the same."""

    def __init__(self, tracker: RunTracker, jobs: JobStates, datasets: DatasetStates) -> None:
        self.tracker, self.jobs, self.datasets = tracker, jobs, datasets

    def apply(self, entry: Entry) -> None:
        """Take in one entry. Raises RefusedError, with nothing changed."""
        if isinstance(entry, DatasetEvent):
            self.require_own(entry)
            self.datasets.hear(entry)
            return
        if isinstance(entry, Dropped):
            self.tracker.drop(entry.pipeline)
            self.jobs.drop(entry.pipeline)
            return
        if isinstance(entry, DatasetDropped):
            self.datasets.drop(entry.dataset)
            return
        if isinstance(entry, Abandoned):
            observations = self.tracker.abandon(entry.run_id, entry.time)
        else:
            observations = self.tracker.observe(entry)
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
        name, state = event.dataset.name, self.datasets.get(event.dataset.name)
        if event.by is None or state is None:
            return
        if self.is_anothers(name, event.by):
            raise NotYoursError(f"dataset: {name} is written by {self.writer(name)}, which is another's")
        if state.team not in (None, event.by) and not self.writer(name):
            raise NotYoursError(f"dataset: {name} is another's")

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
        found |= {Part(REFUSED, reason): count for reason, count in self.datasets.refused.items()}
        encoded = {part: None if one is None else ENCODER.encode(one) for part, one in found.items()}
        for changed in (self.tracker.changed, self.jobs.changed, self.datasets.changed):
            changed.clear()
        return encoded

    def is_own(self, pipeline: str) -> bool:
        """Whether a job came through this door, or is gone: the simulated ones share the state."""
        return pipeline in self.tracker.jobs or self.jobs.get(pipeline) is None

    def restore(self, parts: Iterable[tuple[Part, bytes]]) -> None:
        """Take over a whole snapshot, in the order in which its parts came to be."""
        found: dict[str, list[tuple[str, bytes]]] = {kind: [] for kind in (JOB, RUN, ENDED, DATASET, REFUSED)}
        for part, content in parts:
            found[part.kind].append((part.name, content))
        for job in ordered(JobState, found[JOB]).values():
            self.jobs.put(job)
            self.tracker.know(described(job))
        for dataset in ordered(DatasetState, found[DATASET]).values():
            self.datasets.put(dataset)
        counted = dict(found[REFUSED])
        self.datasets.refused |= {
            reason: decoder(int).decode(counted[reason]) for reason in REFUSALS if reason in counted
        }
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
