"""State of datasets, and who writes and reads them: the way from one pipeline to the next."""

from collections.abc import Iterable, Iterator
from typing import Literal

from exporter.runs.event import Dataset, DatasetEvent
from exporter.runs.observation import Observation, RunEnded, RunUnsure
from exporter.runs.shares import Shares
from exporter.state.dataset import DatasetState, Pipelines

MOST_NEIGHBOURS = 1000
Refusal = Literal["no_room", "team_share", "not_yours"]
REFUSALS: tuple[Refusal, ...] = ("no_room", "team_share", "not_yours")


class DatasetStates:
    """Every dataset heard of, at most `limit`, in the order in which they were first heard of.

    The token of one team may name a `share` of them. `refused` counts by reason what was said of datasets and
    not taken. `changed` collects the datasets that a snapshot has to write
    anew; whoever takes one clears it.
    """

    def __init__(self, limit: int = 5000, share: float = 1.0) -> None:
        self.limit = limit
        self.refused: dict[Refusal, int] = dict.fromkeys(REFUSALS, 0)
        self._named = Shares(max(1, int(share * limit)))
        self.changed: set[str] = set()
        self._number = 0
        self._states: dict[str, DatasetState] = {}
        self._upstream: dict[str, set[str]] = {}
        self._downstream: dict[str, set[str]] = {}

    def __len__(self) -> int:
        return len(self._states)

    def __iter__(self) -> Iterator[DatasetState]:
        return iter(self._states.values())

    def __getitem__(self, name: str) -> DatasetState:
        return self._states[name]

    def get(self, name: str) -> DatasetState | None:
        """The dataset, if it is known."""
        return self._states.get(name)

    def put(self, state: DatasetState) -> None:
        """Take over a dataset as a snapshot has it."""
        self._number = max(self._number, state.number)
        self._states[state.name] = state
        self._named.add(state.named_by, state.name)
        self._connect(state.producers, state.consumers)

    def drop(self, name: str) -> None:
        """Forget a dataset: who wrote it and who read it are no neighbours any more, unless by another."""
        if gone := self._states.pop(name, None):
            self.changed.add(name)
            self._named.remove(gone.named_by, name)
            self._upstream, self._downstream = {}, {}
            for state in self:
                self._connect(state.producers, state.consumers)

    def apply(self, observation: Observation) -> None:
        """Take in what a run that ended says of its datasets.

        Only a success writes, and what was not carried through has not tested anything: dbt says of tests
        that it skipped that they failed.
        """
        if isinstance(observation, RunUnsure):
            for said in observation.outputs:
                self._written_perhaps(observation, said)
        if isinstance(observation, RunEnded) and observation.state != "abandoned":
            was_tested = observation.state in ("succeeded", "failed")
            for said in observation.inputs:
                self._read(observation, said, was_tested)
            for said in observation.outputs:
                self._written(observation, said, was_tested)

    def _read(self, run: RunEnded, said: Dataset, was_tested: bool) -> None:
        state = self._known(said, run.ended, run.by, was_tested)
        if state and add(state.consumers, run.job.pipeline):
            self._connect(state.producers, [run.job.pipeline])

    def _written(self, run: RunEnded, said: Dataset, was_tested: bool) -> None:
        state = self._put_out(run, said, was_tested)
        if state:
            state.take_back(run.run_id)
        if state and run.state == "succeeded":
            state.write(said, run.ended)

    def _written_perhaps(self, run: RunUnsure, said: Dataset) -> None:
        if state := self._put_out(run, said, was_tested=False):
            state.write_perhaps(run.run_id, said, run.ended)

    def _put_out(self, run: RunEnded | RunUnsure, said: Dataset, was_tested: bool) -> DatasetState | None:
        state = self._known(said, run.ended, run.by, was_tested)
        if state and add(state.producers, run.job.pipeline):
            self._connect([run.job.pipeline], state.consumers)
        return state

    def hear(self, event: DatasetEvent) -> None:
        """Take in what was said of a dataset by itself."""
        said = event.dataset
        state = self._known(said, event.time, event.by)
        if state:
            state.team = event.team or state.team
        if state and not (said.updated is None and said.rows is None):
            state.write(said, event.time)

    def upstream(self, pipeline: str) -> set[str]:
        """The pipelines that write what this one reads."""
        return self._upstream.get(pipeline, set())

    def downstream(self, pipeline: str) -> set[str]:
        """The pipelines that read what this one writes."""
        return self._downstream.get(pipeline, set())

    def _known(
        self, said: Dataset, time: float, by: str | None, was_tested: bool = True
    ) -> DatasetState | None:
        """The dataset, described anew; None where there is no room for it."""
        state = self._states.get(said.name)
        if state is None:
            if refusal := self._no_room(by):
                self.refused[refusal] += 1
                return None
            self._number += 1
            state = self._states[said.name] = DatasetState(said.name, self._number, named_by=by)
            self._named.add(by, said.name)
        self.changed.add(said.name)
        state.describe(said, time, was_tested)
        return state

    def _no_room(self, by: str | None) -> Refusal | None:
        """Why there is none for one more dataset."""
        if len(self._states) >= self.limit:
            return "no_room"
        return "team_share" if self._named.is_full(by) else None

    def _connect(self, producers: Iterable[str], consumers: Iterable[str]) -> None:
        for producer in producers:
            for consumer in consumers:
                if producer != consumer:
                    self._downstream.setdefault(producer, set()).add(consumer)
                    self._upstream.setdefault(consumer, set()).add(producer)


def add(pipelines: Pipelines, pipeline: str) -> bool:
    """One more, if it is not there yet and there is room; whether it was added."""
    if pipeline in pipelines or len(pipelines) >= MOST_NEIGHBOURS:
        return False
    pipelines[pipeline] = None
    return True
