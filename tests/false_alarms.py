"""A healthy fleet for weeks, and how often the rules' conditions would be true of it by chance.

The facts come from the exporter's state, the limits from the rules; the conditions are those of the rules in
NumPy. ``python -m tests.false_alarms`` prints the figures for a thousand jobs.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np
from numpy.random import default_rng

from exporter.config.runs import Judgement
from exporter.runs.observation import Job, RunEnded
from exporter.state.anomalies import (
    FEWEST_RUNS,
    FEWEST_STREAKS,
    ROWS_BELOW,
    SLOWER,
    THROUGHPUT_BELOW,
    TOO_FEW_PEERS,
)
from exporter.state.job import JobState
from exporter.state.jobs import DEFAULT_BUCKETS
from tools.rules.peers import CHANCE, FAR, TO_DEVIATION
from tools.rules.volume import UNLESS_A_WEEKEND

HOUR, DAY, WEEK = 3600.0, 24, 168
TEAMS = 20
# One job in ten is the only one of its kind.
KINDS, LONERS = 10, 0.1
FAILS = 0.002
SWING, WEEKEND, WEEKEND_STARTS = 0.5, 0.6, 5
JUDGED = Judgement()

# A week ago is as much as now; yesterday may have been no weekend.
PAST = ((WEEK, 1.0), (DAY, UNLESS_A_WEEKEND))

Values = np.ndarray
Conditions = dict[str, Values]


class Fleet:
    """Jobs that run every hour: durations and rows log-normal, rows by day and week, failures by chance.

    Half of the jobs take longer when there is more to do.
    """

    def __init__(self, jobs: int, seed: int) -> None:
        self.random = default_rng(seed)
        self.jobs = [Job(f"job-{number}", "", f"job-{number}") for number in range(jobs)]
        self.states = [
            JobState(job.pipeline, "", job.name, number, [0] * (len(DEFAULT_BUCKETS) + 1))
            for number, job in enumerate(self.jobs)
        ]
        self.kinds = np.arange(jobs) % KINDS
        loners = int(jobs * LONERS)
        self.kinds[:loners] = KINDS + np.arange(loners)
        self.duration = 300 * self.random.lognormal(0, 0.6, jobs)
        self.duration_spread = self.random.uniform(0.08, 0.3, jobs)
        self.rows = 50_000 * self.random.lognormal(0, 1, jobs)
        self.rows_spread = self.random.uniform(0.05, 0.25, jobs)
        self.follows_rows = self.random.random(jobs) < 0.5

    def run(self, hour: int) -> Values:
        """An hour's runs; how long each took."""
        count, shape = len(self.jobs), shape_of(hour)
        seconds = self.duration * np.exp(self.duration_spread * self.random.standard_normal(count))
        seconds *= np.where(self.follows_rows, shape, 1)
        rows = self.rows * shape * np.exp(self.rows_spread * self.random.standard_normal(count))
        failed = self.random.random(count) < FAILS
        for number, state in enumerate(self.states):
            state.ended(
                RunEnded(
                    job=self.jobs[number],
                    run_id=f"{number}/{hour}",
                    state="failed" if failed[number] else "succeeded",
                    started=hour * HOUR,
                    ended=hour * HOUR + float(seconds[number]),
                    rows=int(rows[number]),
                ),
                DEFAULT_BUCKETS,
            )
        return seconds

    def values(self, of: Callable[[JobState], float | None]) -> Values:
        """A fact of every job; NaN where there is none."""
        found = [of(state) for state in self.states]
        return np.array([np.nan if value is None else value for value in found])


def shape_of(hour: int) -> float:
    """How much there is to do at this hour of the day and the week."""
    daily = 1 + SWING * float(np.sin(2 * np.pi * (hour % DAY) / DAY))
    return daily * (WEEKEND if hour // DAY % 7 >= WEEKEND_STARTS else 1)


class Judge:
    """What the rules would say, hour by hour; some of them remember a week."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.rows_then: list[Values] = []
        self.limits_then: list[Values] = []

    def hour(self, hour: int) -> Conditions:
        """Runs an hour and judges it."""
        values = self.fleet.values
        stuck, limit = values(JobState.stuck_after), values(JobState.learnt_stale_after)
        before = values(lambda job: job.last_success)
        seconds = self.fleet.run(hour)
        self.limits_then.append(limit)
        silent = hour * HOUR + seconds - before > self.patience()
        failing = values(lambda job: job.failures_in_a_row) >= JUDGED.failures.medium
        return {
            "PipelineRunFailing": failing,
            "PipelineRunStuck": seconds > stuck,
            "PipelineRunSilent": silent & ~failing,
            "PipelineRunSuccessLow": self.success_low(),
            **dict(self.slow()),
            "PipelineRunRowsLow": self.rows_low(),
            "PipelineRunThroughputLow": self.throughput_low(),
            "PipelineRunUnlikePeers success": self.unlike_by_success(),
            "PipelineRunUnlikePeers duration": self.unlike_by_duration(),
        }

    def patience(self) -> Values:
        """The longest limit of eight days; none for whom nobody has known for a week."""
        known = np.array(self.limits_then[-8 * DAY :])
        limits = np.where(np.isnan(known), 0, known).max(axis=0)
        return np.where((~np.isnan(known)).sum(axis=0) >= WEEK, limits, np.nan)

    def success_low(self) -> Values:
        share = self.fleet.values(lambda job: job.outcomes.mean())
        low: Values = (share < JUDGED.success.medium) & self.has_history() & self.fails_now_and_then()
        return low

    def fails_now_and_then(self) -> Values:
        often: Values = self.fleet.values(lambda job: job.outcomes.drops) >= FEWEST_STREAKS
        return often

    def has_history(self) -> Values:
        enough: Values = self.fleet.values(lambda job: job.outcomes.count) >= FEWEST_RUNS
        return enough

    def slow(self) -> Iterator[tuple[str, Values]]:
        usual = self.fleet.values(lambda job: job.duration.usual())
        longer = self.fleet.values(lambda job: job.last_duration) > SLOWER * usual
        three = self.fleet.values(lambda job: job.duration.above(3))
        two = self.fleet.values(lambda job: job.duration.above(2))
        yield "PipelineRunSlow medium", (three > JUDGED.duration.medium) & longer
        yield "PipelineRunSlow high", (two > JUDGED.duration.high) & longer

    def rows_low(self) -> Values:
        share = self.fleet.values(lambda job: job.rows.ratio(2))
        below = self.fleet.values(lambda job: job.rows.below(2))
        self.rows_then.append(share)
        limit = JUDGED.rows.high * self.expected(share)
        low: Values = (share < limit) & (below > ROWS_BELOW)
        return low

    def expected(self, share: Values) -> Values:
        """As the peers have, as it had itself a week or a day ago, 1 at most; NaN where neither is known."""
        known = [self.rows_then[-1 - ago] * as_much for ago, as_much in PAST if len(self.rows_then) > ago]
        itself = np.full(len(share), np.nan)
        for then in known:
            itself = np.where(np.isnan(itself), then, itself)
        least: Values = np.minimum(np.fmin(itself, self.middle(share)), 1)
        return least

    def throughput_low(self) -> Values:
        share = self.fleet.values(lambda job: job.throughput.ratio(2))
        rows = np.minimum(self.fleet.values(lambda job: job.rows.ratio(2)), 1)
        below = self.fleet.values(lambda job: job.throughput.below(2))
        low: Values = (share < JUDGED.throughput.high * rows) & (below > THROUGHPUT_BELOW)
        return low

    def unlike_by_success(self) -> Values:
        runs = self.fleet.values(lambda job: job.outcomes.count)
        share = np.where(self.has_history(), self.fleet.values(lambda job: job.outcomes.mean()), np.nan)
        spread = np.sqrt((TO_DEVIATION * self.spread(share)) ** 2 + CHANCE / runs)
        far: Values = ((self.middle(share) - share) / spread > FAR) & self.fails_now_and_then()
        return far

    def unlike_by_duration(self) -> Values:
        score = self.fleet.values(lambda job: job.duration.above(3))
        spread = np.maximum(TO_DEVIATION * self.spread(score), 1)
        far: Values = (score > 1) & ((score - self.middle(score)) / spread > FAR)
        return far

    def middle(self, values: Values) -> Values:
        """The median of each job's kind; NaN where there are too few."""
        found = np.full(len(values), np.nan)
        for kind in range(KINDS):
            members = (self.fleet.kinds == kind) & ~np.isnan(values)
            if members.sum() > TOO_FEW_PEERS:
                found[self.fleet.kinds == kind] = np.median(values[members])
        return found

    def spread(self, values: Values) -> Values:
        """The median absolute deviation of each job's kind."""
        return self.middle(np.abs(values - self.middle(values)))


def alarms(jobs: int, weeks: int, seed: int = 1) -> list[Counter[str]]:
    """For each week how often each condition became true of a job."""
    judge = Judge(Fleet(jobs, seed))
    counts: list[Counter[str]] = [Counter() for _ in range(weeks)]
    before: Conditions = {}
    for hour in range(weeks * WEEK):
        now = judge.hour(hour)
        for name, condition in now.items():
            counts[hour // WEEK][name] += int((condition & ~before.get(name, np.zeros(jobs, bool))).sum())
        before = now
    return counts


def main() -> None:
    """Print a table."""
    jobs, weeks = 1000, 4
    counts = alarms(jobs, weeks)
    lines = [f"{jobs} jobs that run every hour, nothing wrong: alarms by week"]
    lines += [f"{name:34}" + "".join(f"{week[name]:7}" for week in counts) for name in counts[0]]
    lines.append(
        f"{'a team (of 20) and week':34}" + "".join(f"{week.total() / TEAMS:7.2f}" for week in counts)
    )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
