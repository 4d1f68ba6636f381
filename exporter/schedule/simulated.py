"""Attempts at files of checks, where the simulated datasets get a further day before each of theirs."""

import asyncio
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from weakref import finalize

from exporter.config.simulated_datasets import SimulatedDatasets
from exporter.reports.document import Reasons
from exporter.reports.event import ChecksReport
from exporter.schedule.attempt import NoVerdictError, attempt
from exporter.simulated_datasets import CHECKS, Deliveries
from exporter.state import State

FOLDER = "simulated-datasets"


class SimulatedData:
    """The simulated datasets' files, below the exporter's data or in a folder that ends with the process.

    `now`: seconds since 1970 UTC.
    """

    def __init__(self, data: Path | None, state: State, now: Callable[[], float]) -> None:
        self.folder = data and data / FOLDER
        self.state, self.now = state, now
        self.deliveries: Deliveries | None = None

    def begin(self, config: SimulatedDatasets | None, seed: int) -> None:
        """Deliver from the first day on; without a configuration nothing, and what was found is forgotten."""
        self.deliveries = Deliveries(config, seed) if config else None
        self.state.dataset_faults = self.deliveries.truth() if self.deliveries else {}
        if self.deliveries is None:
            self.state.checks.forget_simulated()

    async def attempt(self, file: Path, within: float) -> tuple[list[ChecksReport], Reasons]:
        """The reports on a file's datasets, and why others have none. Raises NoVerdictError."""
        if file == CHECKS and self.deliveries:
            file = await self.delivered(self.deliveries)
        return await attempt(file, within)

    async def delivered(self, deliveries: Deliveries) -> Path:
        """The checks beside the next day. Raises NoVerdictError."""
        try:
            file = await asyncio.to_thread(self.deliver, deliveries)
        except OSError as error:
            raise NoVerdictError("unreadable", f"can't be written: {error.strerror or error}") from error
        if deliveries is self.deliveries:
            self.state.dataset_faults = deliveries.truth()
        return file

    def deliver(self, deliveries: Deliveries) -> Path:
        """Have the next day on disk. Raises OSError."""
        if self.folder is None:
            self.folder = Path(mkdtemp(prefix="pipeline-health-"))
            finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        return deliveries.deliver(self.folder, datetime.fromtimestamp(self.now(), UTC).date())
