"""State: observations of all sources become counters, histograms and last values, whoever they came from."""

from dataclasses import dataclass, field

from exporter.config.runs import Runs
from exporter.state.checks import CheckStates, Scheduled
from exporter.state.datasets import DatasetStates
from exporter.state.incident_counts import IncidentCounts
from exporter.state.jobs import JobStates
from exporter.state.lights import JobLights
from exporter.state.streams import StreamState
from exporter.state.timeline import Timeline

__all__ = ["JobStates", "State", "StreamState", "Timeline"]


@dataclass
class State:
    """Everything that is known: streams in groups of one shape, real jobs and what is expected of them, and
    the datasets between them, those of the simulated fleet apart. `job_faults` is the truth about that: what
    is wrong with which job. `checks` are the last reports of dataset checks, `scheduled` the datasets that
    the exporter checks itself, by their names; `dataset_faults` is the truth about the simulated ones among
    them: each dataset and fault that there is, and whether its newest day has it.

    `lights` are those of the jobs. `incidents` are the numbers of the alerts' incidents; the incidents
    themselves are kept on disk.
    """

    streams: list[StreamState] = field(default_factory=list)
    jobs: JobStates = field(default_factory=JobStates)
    datasets: DatasetStates = field(default_factory=DatasetStates)
    simulated_datasets: DatasetStates = field(default_factory=DatasetStates)
    job_faults: set[tuple[str, str]] = field(default_factory=set)
    checks: CheckStates = field(default_factory=CheckStates)
    scheduled: dict[str, Scheduled] = field(default_factory=dict)
    dataset_faults: dict[tuple[str, str], bool] = field(default_factory=dict)
    runs: Runs = field(default_factory=Runs)
    incidents: IncidentCounts = field(default_factory=IncidentCounts)
    timeline: Timeline = field(default_factory=Timeline)

    def __post_init__(self) -> None:
        self.lights = JobLights(self.jobs, self.runs)
