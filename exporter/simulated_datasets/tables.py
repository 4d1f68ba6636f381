"""What is in a day of each table, well or wrong, drawn from the random stream of that day alone."""

from collections.abc import Callable, Collection
from datetime import date
from typing import NamedTuple

import numpy as np

from exporter.config.simulated_datasets import DatasetFaultKind

Row = tuple[object, ...]
# By the day of the week.
SEASON = (1.0, 1.0, 1.05, 1.1, 1.15, 0.85, 0.8)
# From its first day on a table grows towards twice its size, half of that in a year: files must stay small.
HALF_GROWN_DAYS = 365
VOLUME_SPREAD = 0.01
ORDERS_A_DAY, EVENTS_A_DAY = 500, 600
SECONDS_A_DAY = 86_400
KEYS_A_DAY = 10_000
EVENTS, EVENT_SHARES = ("view", "cart", "purchase"), (0.6, 0.2, 0.2)
# Of a wrong day's rows every so many are wrong.
BLANK, REPEATED, LOST, UNKNOWN, BROKEN = 2, 20, 3, 20, 10


class Day(NamedTuple):
    """A day to come: its number from the first one in the files on, its date, its chances, what is wrong."""

    number: int
    date: date
    random: np.random.Generator
    faults: Collection[DatasetFaultKind] = ()

    def count(self, usual: int) -> int:
        """Rows of this day."""
        grown = 2 - HALF_GROWN_DAYS / (HALF_GROWN_DAYS + self.number)
        luck = float(self.random.normal(1, VOLUME_SPREAD))
        return int(usual * grown * SEASON[self.number % len(SEASON)] * luck)

    def times(self, count: int) -> list[str]:
        """So many times of the day, in order, as text."""
        seconds = np.sort(self.random.integers(0, SECONDS_A_DAY, count))
        found: list[str] = (np.datetime64(self.date) + seconds.astype("m8[s]")).astype(str).tolist()
        return found

    def keys(self, count: int) -> range:
        """So many keys that no other day has."""
        return range(self.number * KEYS_A_DAY, self.number * KEYS_A_DAY + count)


class Table(NamedTuple):
    """A dataset: the folder of its files, its columns, the rows of a day, and the faults that it can have."""

    name: str
    columns: Row
    rows: Callable[[Day], list[Row]]
    faults: tuple[DatasetFaultKind, ...]

    @property
    def dataset(self) -> str:
        """Its name in the checks."""
        return f"simulated/{self.name}"


def orders(day: Day) -> list[Row]:
    """A shop's orders."""
    count = day.count(ORDERS_A_DAY)
    customers: list[object] = [f"c{number}" for number in day.random.integers(1000, 9999, count)]
    amounts = day.random.gamma(9, 6, count).round(2).tolist()
    if "null_customers" in day.faults:
        customers[::BLANK] = [""] * len(customers[::BLANK])
    rows: list[Row] = list(zip(day.keys(count), day.times(count), customers, amounts, strict=True))
    if "repeated_orders" in day.faults:
        rows += rows[::REPEATED]
    if "lost_orders" in day.faults:
        del rows[::LOST]
    return rows


def clickstream(day: Day) -> list[Row]:
    """What visitors of the shop do."""
    count = day.count(EVENTS_A_DAY)
    events = day.random.choice(EVENTS, count, p=EVENT_SHARES).tolist()
    payloads = [f'{{"page": {page}, "device": "phone"}}' for page in day.random.integers(1, 400, count)]
    if "unknown_events" in day.faults:
        events[::UNKNOWN] = ["checkout_v2"] * len(events[::UNKNOWN])
    if "broken_payloads" in day.faults:
        payloads[::BROKEN] = [payload[:-10] for payload in payloads[::BROKEN]]
    return list(zip(day.keys(count), day.times(count), events, payloads, strict=True))


TABLES = (
    Table(
        "orders",
        ("order_id", "ordered_at", "customer", "amount"),
        orders,
        ("null_customers", "repeated_orders", "lost_orders"),
    ),
    Table(
        "clickstream",
        ("event_id", "happened_at", "event", "payload"),
        clickstream,
        ("unknown_events", "broken_payloads"),
    ),
)
