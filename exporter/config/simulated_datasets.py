"""What a configuration may say of simulated datasets: tables with a day every few minutes, some wrong."""

from typing import Annotated, Literal

from pydantic import Field

from exporter.config.durations import Duration
from exporter.config.model import Strict

DatasetFaultKind = Literal[
    "null_customers", "repeated_orders", "lost_orders", "unknown_events", "broken_payloads"
]


class DatasetFault(Strict):
    """What is wrong with a day of the dataset that can have this fault; the first day that comes is 0."""

    kind: DatasetFaultKind
    day: Annotated[int, Field(ge=0, le=1_000_000)]


class SimulatedDatasets(Strict):
    """All of them. `day` is how long a day of theirs is; `wrong` is the share of days that chance spoils."""

    day: Annotated[Duration, Field(ge=10, le=86400)] = 120
    wrong: Annotated[float, Field(ge=0, le=1)] = 0.05
    faults: list[DatasetFault] = Field(default_factory=list)
