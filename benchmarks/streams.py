"""The engine at work: default pipelines, as many as wanted, simulated into a state."""

from exporter.config import Config, load_config
from exporter.simulation import Simulation
from exporter.state import State
from exporter.state.streams import StreamState


def default_pipelines(count: int) -> Config:
    """The default configuration, its story included, with `count` pipelines that differ in name only."""
    config = load_config(None)
    (pipeline,) = config.pipelines
    names = [pipeline.name, *(f"{pipeline.name}-{number}" for number in range(1, count))]
    return config.model_copy(
        update={"pipelines": [pipeline.model_copy(update={"name": name}) for name in names]}
    )


class Streams:
    """Simulated pipelines and the state that they fill."""

    def __init__(self, config: Config) -> None:
        self.simulation = Simulation(config)
        self.streams = StreamState(config.pipelines)

    @property
    def state(self) -> State:
        """The state as a collector reads it."""
        return State(streams=[self.streams])

    @property
    def arrived(self) -> int:
        """Events that came so far, to all pipelines."""
        return int(self.streams.arrivals.sum())

    def advance(self, ticks: int) -> None:
        """Simulate further ticks into the state, in blocks as long as the engine likes them."""
        for (tallies,) in self.simulation.advance(self.simulation.tick + ticks):
            self.streams.apply(tallies)
