"""Contests: each contestant in a process of its own, all of them in turn, several rounds.

Alone in its process, nobody pays for the memory or the garbage of another. Taking turns, a busy moment of the
machine strikes everybody. Time is CPU time, page faults included, for the same reason.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from random import Random
from time import process_time
from typing import TypeVar

Figure = TypeVar("Figure")
Contestant = Callable[[], float]
Figures = dict[str, list[float]]


class Stopwatch:
    """Seconds of CPU time."""

    seconds = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Measure the block."""
        started = process_time()
        yield
        self.seconds = process_time() - started


class Apart:
    """A contestant in a process of its own; `make` builds it there."""

    contestant: Contestant

    def __init__(self, make: Callable[[], Contestant]) -> None:
        self.pool = ProcessPoolExecutor(
            1, mp_context=get_context("spawn"), initializer=self.begin, initargs=(make,)
        )

    @classmethod
    def begin(cls, make: Callable[[], Contestant]) -> None:
        """Build the contestant; in its own process."""
        cls.contestant = make()

    @classmethod
    def play(cls) -> float:
        """One round's figure; in its own process."""
        return cls.contestant()

    def round(self) -> float:
        """One round's figure."""
        return self.pool.submit(self.play).result()

    def __enter__(self) -> "Apart":
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.shutdown()


def hold(contestants: Mapping[str, Callable[[], Contestant]], rounds: int) -> Figures:
    """The figures of each contestant by name; a round that only warms up comes before the first."""
    with ExitStack() as stack:
        players = {name: stack.enter_context(Apart(make)) for name, make in contestants.items()}
        return in_turn({name: player.round for name, player in players.items()}, rounds)


def in_turn(contestants: Mapping[str, Callable[[], Figure]], rounds: int) -> dict[str, list[Figure]]:
    """The figures of each contestant by name, wherever they are; the first round only warms up.

    The order differs from round to round: who comes after a long one finds a machine that has forgotten more.
    """
    chance = Random(0)
    orders = (chance.sample(list(contestants), len(contestants)) for _ in range(rounds + 1))
    played = [{name: contestants[name]() for name in order} for order in orders]
    return {name: [figures[name] for figures in played[1:]] for name in contestants}


def alone(make: Callable[[], Contestant]) -> float:
    """The figure of a single round of one contestant."""
    with Apart(make) as player:
        return player.round()
