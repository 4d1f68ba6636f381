"""The simulation: the engine against the reference, on the same arrivals and faults, same metrics filled."""

from functools import partial

from benchmarks.contest import Stopwatch, hold
from benchmarks.reference_run import ReferenceRun
from benchmarks.row import Row, Unit
from benchmarks.streams import Streams, default_pipelines

REFERENCE = "one object per event"
HOURS_A_ROUND, DAY = 2 * 3600, 86_400
MANY, A_FEW_OF_THEM = 1000, 20
WARM, MANY_TICKS = 300, 200


class Reference:
    """Events a second of the reference; what its arrivals and faults cost is not counted."""

    def __init__(self, pipelines: int, count: int, warm: int, ticks: int) -> None:
        self.ticks = ticks
        self.run = ReferenceRun(default_pipelines(pipelines), count)
        self.run.advance(self.run.foresee(warm))

    def __call__(self) -> float:
        """One round."""
        before, weather, watch = self.run.arrived, self.run.foresee(self.ticks), Stopwatch()
        with watch.running():
            self.run.advance(weather)
        return (self.run.arrived - before) / watch.seconds


class Engine:
    """Events a second of the engine and its state, `step` ticks at a time."""

    def __init__(self, pipelines: int, warm: int, ticks: int, step: int) -> None:
        self.steps, self.step = ticks // step, step
        self.streams = Streams(default_pipelines(pipelines))
        self.streams.advance(warm)

    def __call__(self) -> float:
        """One round."""
        before, watch = self.streams.arrived, Stopwatch()
        with watch.running():
            for _ in range(self.steps):
                self.streams.advance(self.step)
        return (self.streams.arrived - before) / watch.seconds


class Day:
    """Seconds for 24 virtual hours of the default pipeline, from the start."""

    def __call__(self) -> float:
        """One round."""
        streams, watch = Streams(default_pipelines(1)), Stopwatch()
        with watch.running():
            streams.advance(DAY)
        return watch.seconds


def rows(rounds: int) -> list[Row]:
    """All rows about the simulation."""
    return [one_pipeline(rounds), *many_pipelines(rounds), day(rounds)]


def one_pipeline(rounds: int) -> Row:
    """Two hours a round."""
    figures = hold(
        {
            "reference": partial(Reference, pipelines=1, count=1, warm=WARM, ticks=HOURS_A_ROUND),
            "engine": partial(Engine, pipelines=1, warm=WARM, ticks=HOURS_A_ROUND, step=HOURS_A_ROUND),
        },
        rounds,
    )
    return Row("simulate 1 pipeline", Unit.RATE, figures["engine"], REFERENCE, figures["reference"], wanted=4)


def many_pipelines(rounds: int) -> list[Row]:
    """Enough ticks for a second or so; the reference has fewer pipelines, its rate is per event."""
    engine = partial(Engine, pipelines=MANY, warm=WARM, ticks=MANY_TICKS)
    figures = hold(
        {
            "reference": partial(Reference, MANY, count=A_FEW_OF_THEM, warm=WARM, ticks=MANY_TICKS),
            "blocks": partial(engine, step=MANY_TICKS),
            "ticks": partial(engine, step=1),
        },
        rounds,
    )
    name, peer = f"simulate {MANY:,} pipelines", figures["reference"]
    return [
        Row(name, Unit.RATE, figures["blocks"], REFERENCE, peer, wanted=40),
        Row(f"{name}, tick by tick", Unit.RATE, figures["ticks"], REFERENCE, peer),
    ]


def day(rounds: int) -> Row:
    """For information."""
    return Row("simulate 24 hours of 1 pipeline", Unit.SECONDS, hold({"engine": Day}, rounds)["engine"])
