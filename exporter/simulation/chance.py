"""Random streams: one a purpose, so that what one purpose draws never shifts another's numbers."""

from enum import IntEnum

import numpy as np


class Purpose(IntEnum):
    """What a stream is drawn for."""

    REGIMES = 1
    ARRIVALS = 2
    SIGNALS = 3
    SERVICE = 4
    FAULTS = 5
    ERRORS = 6
    REVIEW = 7
    FLEET = 8
    DATASETS = 9


def stream(seed: int, purpose: Purpose, *key: int) -> np.random.Generator:
    """The generator of `seed` for `purpose` and, where there are several, its `key`."""
    sequence = np.random.SeedSequence(entropy=seed, spawn_key=(purpose, *key))
    return np.random.Generator(np.random.SFC64(sequence))
