"""What a configuration may say: the pipelines, their stages, traffic, faults and SLOs.

Every model refuses unknown keys and is frozen: a reload builds a new one.
"""

from typing import Annotated, Generic, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from exporter.config.durations import Duration

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,62}$")]
Positive = Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]
Ticks = Annotated[Duration, Field(ge=1, le=366 * 86400, multiple_of=1)]
FaultKind = Literal["slowdown", "stall", "errors", "latency"]
FAULT_KINDS: tuple[FaultKind, ...] = ("slowdown", "stall", "errors", "latency")
# The burn rate of the fastest tier of burn alerts; see tools/rules/slo.py.
FASTEST_BURN = 14.4


class Strict(BaseModel):
    """A model without surprises."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, strict=True)


Bound = TypeVar("Bound", int, float)


class Range(Strict, Generic[Bound]):
    """An inclusive range, written `[low, high]`."""

    low: Bound
    high: Bound

    @model_validator(mode="before")
    @classmethod
    def from_pair(cls, value: object) -> object:
        """Take the two-element list that people write."""
        if not isinstance(value, list | tuple):
            return value
        if len(value) != 2:
            raise ValueError(f"expected two values, [low, high], got {len(value)}")
        return {"low": value[0], "high": value[1]}

    @model_validator(mode="after")
    def ascending(self) -> Self:
        """Refuse a range that holds nothing."""
        if self.low > self.high:
            raise ValueError(f"expected low <= high, got [{self.low}, {self.high}]")
        return self


Count = Annotated[int, Field(ge=0, le=1_000_000)]
Counts = Range[Count]
Durations = Range[Ticks]


class Signal(Strict):
    """A type of event, drawn with probability weight / sum of weights."""

    name: Name
    description: str = ""
    weight: Positive = 1.0


class Service(Strict):
    """Time in service of one event, normally distributed, in milliseconds; too slow above `slow_above`."""

    mean: Positive
    deviation: Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
    slow_above: Positive | None = None

    @property
    def limit(self) -> float:
        """The mean (milliseconds) above which the stage is slow: twice what is expected unless given."""
        return 2 * self.mean if self.slow_above is None else self.slow_above


class Stage(Strict):
    """A queue, a capacity (events per tick) and work; lights by backlog (events waiting).

    More than `errors_up_to` (a share) of failures are too many, from `errors_at_least` a minute on.
    """

    name: Name
    capacity: Positive
    service_ms: Service
    green_up_to: Annotated[int, Field(ge=0)]
    orange_up_to: Annotated[int, Field(ge=0)]
    queue_limit: Annotated[int, Field(gt=0, le=1_000_000)]
    errors_up_to: Annotated[float, Field(gt=0, le=1)] = 0.1
    errors_at_least: Annotated[int, Field(gt=0, le=1_000_000)] = 10

    @model_validator(mode="after")
    def thresholds_ascend(self) -> Self:
        """A light that can never show is a mistake."""
        if not self.green_up_to < self.orange_up_to < self.queue_limit:
            raise ValueError(
                "expected green_up_to < orange_up_to < queue_limit, "
                f"got {self.green_up_to}, {self.orange_up_to}, {self.queue_limit}"
            )
        return self


class Regime(Strict):
    """A level of traffic: events per tick, ticks it lasts, and the weights of what follows."""

    events: Counts
    dwell: Durations
    next: dict[Name, Annotated[float, Field(ge=0, allow_inf_nan=False)]]


class Traffic(Strict):
    """A Markov chain over regimes with dwell times."""

    initial: Name
    regimes: Annotated[dict[Name, Regime], Field(min_length=1)]

    @model_validator(mode="after")
    def regimes_exist(self) -> Self:
        """Each regime named must be described, and each must lead somewhere."""
        if self.initial not in self.regimes:
            raise ValueError(f"initial: expected one of {sorted(self.regimes)}, got {self.initial!r}")
        for name, regime in self.regimes.items():
            unknown = sorted(regime.next.keys() - self.regimes.keys())
            if unknown:
                raise ValueError(
                    f"regimes.{name}.next: expected names of {sorted(self.regimes)}, got {unknown[0]!r}"
                )
            if not sum(regime.next.values()) > 0:
                raise ValueError(f"regimes.{name}.next: expected at least one weight > 0")
        return self


class FaultEffect(Strict):
    """What a fault does to a stage.

    slowdown: capacity / factor. latency: service time x factor. stall: capacity 0.
    errors: a share of attempts fails; an event is tried again up to `retries` times.
    """

    stage: Name
    kind: FaultKind
    factor: Annotated[float, Field(gt=1, le=1000)] | None = None
    share: Annotated[float, Field(gt=0, le=1)] | None = None
    retries: Annotated[int, Field(ge=0, le=100)] | None = None

    @model_validator(mode="after")
    def strength_fits_kind(self) -> Self:
        """Each kind has its own strength and no other."""
        required = {"slowdown": "factor", "latency": "factor", "errors": "share"}.get(self.kind)
        for key in ("factor", "share", "retries"):
            allowed = key == required or (key == "retries" and self.kind == "errors")
            if getattr(self, key) is not None and not allowed:
                raise ValueError(f"{key}: not used by {self.kind}")
        if required and getattr(self, required) is None:
            raise ValueError(f"{required}: expected for {self.kind}, got nothing")
        return self


class ChanceFault(FaultEffect):
    """A fault that starts by chance: exponential gaps of mean `every`, uniform length `lasts`."""

    every: Ticks
    lasts: Durations


class InjectedFault(FaultEffect):
    """A fault that somebody asks the running process for; `pipeline` may be left out when there is one."""

    duration: Ticks = Field(alias="for")
    pipeline: Name | None = None


class ObjectiveOfEvents(Strict):
    """What every SLO has: an objective, the page's window, and how many bad events make a burn alert."""

    name: Name
    objective: Annotated[float, Field(gt=0, lt=1)]
    window: Annotated[Duration, Field(ge=1, le=300, multiple_of=1)] = 60.0
    min_bad_events: Annotated[int, Field(ge=1, le=1_000_000)] = 10

    @model_validator(mode="after")
    def fastest_tier_can_fire(self) -> Self:
        """Not even an outage burns a loose budget fast enough to page anybody."""
        highest = 1 - 1 / FASTEST_BURN
        if self.objective <= highest:
            raise ValueError(
                f"objective: expected > {highest:.4f}, below which no outage burns {FASTEST_BURN} times "
                f"the budget, got {self.objective}"
            )
        return self


class LatencySlo(ObjectiveOfEvents):
    """Good: delivered within `threshold` (seconds). Bad: late, failed or dropped."""

    kind: Literal["latency"]
    threshold: Annotated[Duration, Field(ge=1, le=3600, multiple_of=1)]


class ThroughputSlo(ObjectiveOfEvents):
    """Good: a cycle that delivered `minimum` events; only cycles in which that many were there count."""

    kind: Literal["throughput"]
    minimum: Annotated[int, Field(gt=0, le=1_000_000)]


Slo = Annotated[LatencySlo | ThroughputSlo, Field(discriminator="kind")]


class Review(Strict):
    """Human review: the probability that a delivered event is sampled, and how many are kept."""

    probability: Annotated[float, Field(ge=0.005, le=0.02)] = 0.01
    keep: Annotated[int, Field(ge=1, le=10_000)] = 200


def require_unique(key: str, names: list[str], field: str = "name") -> None:
    """Raise ValueError at the first name that appears twice."""
    for index, name in enumerate(names):
        if name in names[:index]:
            raise ValueError(f"{key}[{index}].{field}: expected a name of its own, got {name!r} twice")


class Pipeline(Strict):
    """A simulated stream: stages in order, signals, traffic, chance faults, SLOs, review."""

    name: Name
    team: Name
    signals: Annotated[list[Signal], Field(min_length=1, max_length=32)]
    traffic: Traffic
    stages: Annotated[list[Stage], Field(min_length=1, max_length=64)]
    faults: list[ChanceFault] = []
    slos: list[Slo] = []
    review: Review = Review()

    @model_validator(mode="after")
    def names_fit(self) -> Self:
        """Names are unique, and faults strike stages that exist."""
        require_unique("signals", [signal.name for signal in self.signals])
        require_unique("stages", [stage.name for stage in self.stages])
        require_unique("slos", [slo.name for slo in self.slos])
        for index, fault in enumerate(self.faults):
            require_stage(self, fault.stage, f"faults[{index}].stage")
        return self


def require_stage(pipeline: Pipeline, stage: str, place: str) -> None:
    """Raise ValueError, naming `place`, unless `pipeline` has `stage`."""
    stages = [known.name for known in pipeline.stages]
    if stage not in stages:
        raise ValueError(f"{place}: expected one of {stages}, got {stage!r}")
