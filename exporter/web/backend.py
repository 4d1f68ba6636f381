"""What the web layer needs from the process that it speaks for."""

from typing import Protocol

from exporter.collector import OwnMetrics, StateCollector
from exporter.config import Config
from exporter.config.model import InjectedFault
from exporter.desk import Desk
from exporter.intake import Intake
from exporter.observations.fault import Fault
from exporter.state import State
from exporter.web.security import Security


class Backend(Protocol):
    """The running exporter."""

    version: str
    time_scale: int
    config: Config
    state: State
    desk: Desk
    intake: Intake
    collector: StateCollector
    own: OwnMetrics
    security: Security
    ready: bool

    def now(self) -> float:
        """Seconds since the epoch."""

    def inject(self, fault: InjectedFault) -> Fault:
        """Let a fault strike; ValueError names what does not exist."""

    async def reload(self) -> None:
        """Read all configuration again, `security` included; ConfigError says why the old one is kept."""
