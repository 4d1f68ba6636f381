"""The scrape: the collector's fast text against prometheus_client's, over the same state."""

from collections.abc import Callable
from functools import partial

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics_exposition

from benchmarks.contest import Contestant, Stopwatch, hold
from benchmarks.parsed import assert_equal
from benchmarks.plain import plain_registry
from benchmarks.row import Row, Unit
from benchmarks.streams import Streams, default_pipelines
from exporter.collector import StateCollector
from exporter.state import State

SERIES = 100_000
STAGES = 4
WARM = 600
END = b"# EOF\n"

Text = Callable[[], bytes]


def rendered(state: State, openmetrics: bool) -> Text:
    """Our text, whole."""
    collector, end = StateCollector(state), END if openmetrics else b""
    return lambda: collector.render(openmetrics) + end


def generated(registry: CollectorRegistry, openmetrics: bool) -> Text:
    """The text of prometheus_client."""
    generate = openmetrics_exposition.generate_latest if openmetrics else generate_latest
    return lambda: generate(registry)


def collected(state: State, openmetrics: bool) -> Text:
    """prometheus_client asks our collector."""
    registry = CollectorRegistry()
    registry.register(StateCollector(state))
    return generated(registry, openmetrics)


def plain(state: State, openmetrics: bool) -> Text:
    """prometheus_client asks metrics of its own."""
    return generated(plain_registry(state), openmetrics)


def joined(state: State, openmetrics: bool) -> Text:
    """The floor: all lines are there, only to be joined."""
    lines = rendered(state, openmetrics)().splitlines(keepends=True)
    return lambda: b"".join(lines)


PEERS: dict[str, tuple[Callable[[State, bool], Text], float]] = {
    "prometheus_client, our collector": (collected, 20),
    "prometheus_client, its own metrics": (plain, 20),
    "joining ready lines": (joined, 0.1),
}


class Scraper:
    """Milliseconds a scrape; a tick passes between two."""

    def __init__(self, pipelines: int, openmetrics: bool, make: Callable[[State, bool], Text]) -> None:
        self.streams = warm_streams(pipelines)
        self.text = make(self.streams.state, openmetrics)

    def __call__(self) -> float:
        """One round."""
        self.streams.advance(1)
        return milliseconds(self.text)


def milliseconds(work: Callable[[], object]) -> float:
    """CPU time of `work`."""
    watch = Stopwatch()
    with watch.running():
        work()
    return watch.seconds * 1000


def warm_streams(pipelines: int) -> Streams:
    """Default pipelines with some life in them."""
    streams = Streams(default_pipelines(pipelines))
    streams.advance(WARM)
    return streams


def rows(rounds: int) -> list[Row]:
    """All rows about the scrape, once the texts have been found to say the same."""
    pipelines = enough_pipelines()
    state = warm_streams(pipelines).state
    name = f"scrape {count_series(state):,} series of {pipelines * STAGES:,} stages"
    for openmetrics in (False, True):
        check(state, openmetrics)
    return [
        *scrape(f"{name}, text", pipelines, False, rounds),
        *scrape(f"{name}, OpenMetrics", pipelines, True, rounds),
    ]


def enough_pipelines() -> int:
    """How many default pipelines have about `SERIES` series."""
    return round(SERIES / count_series(Streams(default_pipelines(1)).state))


def count_series(state: State) -> int:
    """Lines of the text that are samples."""
    return sum(not line.startswith(b"#") for line in rendered(state, openmetrics=False)().splitlines())


def check(state: State, openmetrics: bool) -> None:
    """Fail unless ours and both peers' texts hold equal samples."""
    ours = rendered(state, openmetrics)()
    for peer in (collected, plain):
        assert_equal(ours, peer(state, openmetrics)(), openmetrics)


def scrape(name: str, pipelines: int, openmetrics: bool, rounds: int) -> list[Row]:
    """Ours against the peers."""
    make = partial(Scraper, pipelines, openmetrics)
    contestants: dict[str, Callable[[], Contestant]] = {
        peer: partial(make, text) for peer, (text, _) in PEERS.items()
    }
    figures = hold({"ours": partial(make, rendered), **contestants}, rounds)
    return [
        Row(name, Unit.MILLISECONDS, figures["ours"], peer, figures[peer], wanted)
        for peer, (_, wanted) in PEERS.items()
    ]
