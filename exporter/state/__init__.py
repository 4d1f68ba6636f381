"""State: observations of all sources become counters, histograms and last values, whoever they came from."""

from dataclasses import dataclass, field

from exporter.config.runs import Runs
from exporter.state.anomalies import Peers
from exporter.state.datasets import DatasetStates
from exporter.state.incident_counts import IncidentCounts
from exporter.state.jobs import JobStates
from exporter.state.streams import StreamState
from exporter.state.timeline import Timeline

__all__ = ["JobStates", "State", "StreamState", "Timeline"]


@dataclass
class State:
    """Everything that is known: streams in groups of one shape, real jobs and what is expected of them, and
    the datasets between them, those of the simulated fleet apart. `job_faults` is the truth about that: what
    is wrong with which job, and `peers` what is usual just now among jobs of a kind.

    `incidents` are the numbers of the alerts' incidents; the incidents themselves are kept on disk.
    """

    streams: list[StreamState] = field(default_factory=list)
    jobs: JobStates = field(default_factory=JobStates)
    datasets: DatasetStates = field(default_factory=DatasetStates)
    simulated_datasets: DatasetStates = field(default_factory=DatasetStates)
    peers: Peers = field(default_factory=dict)
    job_faults: set[tuple[str, str]] = field(default_factory=set)
    runs: Runs = field(default_factory=Runs)
    incidents: IncidentCounts = field(default_factory=IncidentCounts)
    timeline: Timeline = field(default_factory=Timeline)
