"""What the journal keeps: everything that changes what is known of runs, datasets and their checks."""

from array import array
from math import inf
from typing import Any

import msgspec

from exporter.reports.event import ChecksReport
from exporter.runs.event import DatasetEvent, RunEvent


class Abandoned(msgspec.Struct, frozen=True, tag="abandoned"):
    """A run was given up at `time`, in seconds since 1970 UTC."""

    run_id: str
    time: float


class Dropped(msgspec.Struct, frozen=True, omit_defaults=True, tag="dropped"):
    """A job is to be forgotten, unless something was heard of it after `until`, in seconds since 1970 UTC.

    What was on its way when somebody decided this is applied before it, and must not be lost.
    """

    pipeline: str
    until: float = inf


class DatasetDropped(msgspec.Struct, frozen=True, omit_defaults=True, tag="dataset_dropped"):
    """A dataset is to be forgotten in the same way."""

    dataset: str
    until: float = inf


class ChecksDropped(msgspec.Struct, frozen=True, omit_defaults=True, tag="checks_dropped"):
    """What a dataset's checks found is to be forgotten, unless they were made after `until`."""

    dataset: str
    until: float = inf


Entry = RunEvent | DatasetEvent | ChecksReport | Abandoned | Dropped | DatasetDropped | ChecksDropped


def _plain(value: object) -> object:
    """Histories as bytes."""
    if isinstance(value, array):
        return value.tobytes()
    raise TypeError(f"{type(value).__name__} is not kept")


def _array(kind: type, value: Any) -> object:
    return array("d", value) if kind is array else value


ENCODER = msgspec.msgpack.Encoder(enc_hook=_plain)
ENTRIES = msgspec.msgpack.Decoder(Entry)


def decoder(kind: type) -> msgspec.msgpack.Decoder[Any]:
    """For one kind of part of a snapshot."""
    return msgspec.msgpack.Decoder(kind, dec_hook=_array)
