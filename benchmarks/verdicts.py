"""A verdict on a run takes as long whatever lies behind it: runs of the same job, or other jobs."""

from functools import partial

from benchmarks.contest import Stopwatch, hold
from benchmarks.messages import PLAIN, filled
from benchmarks.row import Row, Unit
from exporter.config.runs import Runs
from exporter.intake import Watched
from exporter.runs.plain import decode_run
from exporter.runs.tracker import RunTracker
from exporter.state.checks import CheckStates
from exporter.state.datasets import DatasetStates
from exporter.state.jobs import JobStates
from exporter.state.lights import JobLights

NOW = 1_795_270_000.0
A_ROUND = 2000
# So few are remembered that they are as many in every contest.
MOST_FINISHED = 1000
# Jobs, and runs behind each of them.
CONTESTS = (
    ((10, 100), (10, 10_000), "100 runs behind it", "10,000 runs behind it"),
    ((100, 100), (5000, 100), "100 pipelines", "5,000 pipelines"),
)
# The same, within what is noise here.
SAME = 0.8


class Judge:
    """Microseconds to take in a run and judge its job anew, with so many runs behind each of so many jobs."""

    def __init__(self, jobs: int, runs: int) -> None:
        tracker = RunTracker(max_open=10, max_finished=MOST_FINISHED, max_jobs=jobs)
        states = JobStates()
        self.jobs, self.number = jobs, 0
        self.watched = Watched(tracker, states, DatasetStates(2 * jobs), CheckStates())
        self.lights = JobLights(states, Runs())
        for _ in range(jobs * runs):
            self.take_in()
        self.lights.refresh(NOW)

    def take_in(self) -> None:
        """The next job's next run."""
        said = filled(PLAIN, self.number, self.number % self.jobs)
        self.watched.apply(decode_run(said.encode(), NOW, new_id=str))
        self.number += 1

    def __call__(self) -> float:
        """One round."""
        watch = Stopwatch()
        with watch.running():
            for _ in range(A_ROUND):
                self.take_in()
                self.lights.judge_changed()
        return watch.seconds / A_ROUND * 1e6


def rows(rounds: int) -> list[Row]:
    """What has little behind it is the peer of what has much."""
    contests = [
        (hold({"few": partial(Judge, *few), "many": partial(Judge, *many)}, rounds), little, much)
        for few, many, little, much in CONTESTS
    ]
    return [
        Row(
            f"take in a run and judge it, {much}",
            Unit.MICROSECONDS,
            figures["many"],
            little,
            figures["few"],
            SAME,
        )
        for figures, little, much in contests
    ]
