"""What the web layer needs from the process that it speaks for."""

from typing import Protocol

from exporter.collector import OwnMetrics, StateCollector
from exporter.config import Config
from exporter.config.model import InjectedFault
from exporter.observations.fault import Fault
from exporter.state import State


class Backend(Protocol):
    """The running exporter."""

    version: str
    config: Config
    state: State
    collector: StateCollector
    own: OwnMetrics
    ready: bool

    def now(self) -> float:
        """Seconds since the epoch."""

    def inject(self, fault: InjectedFault) -> Fault:
        """Let a fault strike; ValueError names what does not exist."""

    def observe_run(self, body: bytes) -> None:
        """Take in an OpenLineage event; InvalidEventError or TooManyJobsError say why not."""

    async def reload(self) -> None:
        """Read the configuration again; ConfigError says why the old one is kept."""
