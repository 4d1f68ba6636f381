"""The last ticks of a series in constant memory."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.state.ring import Ring, Snapshots, trailing

BLOCKS = st.lists(st.integers(0, 12), max_size=12)


@settings(deadline=None)
@given(st.integers(1, 10), BLOCKS, st.integers(0, 15))
def test_a_ring_keeps_the_last_rows_in_order(length: int, blocks: list[int], count: int) -> None:
    ring = Ring(length, (2,), np.int64)
    seen: list[list[int]] = []
    for block in blocks:
        rows = [[number, -number] for number in range(len(seen), len(seen) + block)]
        ring.extend(np.array(rows, dtype=np.int64).reshape(-1, 2))
        seen += rows
    kept = min(count, length, len(seen))
    assert ring.last(count).tolist() == seen[len(seen) - kept :]


def test_a_ring_never_grows() -> None:
    ring = Ring(5, (3,), np.int32)
    for _ in range(100):
        ring.extend(np.ones((7, 3)))
    assert ring.rows.shape == (5, 3)


def test_what_a_ring_has_given_away_does_not_change_later() -> None:
    ring = Ring(3, (), np.int64)
    ring.extend(np.array([1, 2, 3]))
    given_away = ring.last(3)
    ring.extend(np.array([4, 5]))
    assert given_away.tolist() == [1, 2, 3]


def test_snapshots_begin_with_the_values_at_the_start() -> None:
    values = np.array([7])
    snapshots = Snapshots(values)
    values += 1
    assert snapshots.oldest.tolist() == [7]


def test_the_oldest_snapshot_is_about_a_minute_old() -> None:
    snapshots = Snapshots(np.array([0]))
    for tick in range(1, 500):
        snapshots.take(tick, np.array([tick]))
        if tick >= 60:
            assert 50 <= tick - snapshots.oldest[0] < 60


def test_snapshots_are_copies_and_their_number_is_bounded() -> None:
    values = np.array([0])
    snapshots = Snapshots(values)
    for tick in range(0, 1000, 10):
        values[0] = tick
        snapshots.take(tick, values)
    assert [copy[0] for _, copy in snapshots.taken] == [940, 950, 960, 970, 980, 990]


def test_blocks_longer_than_the_spacing_are_all_kept() -> None:
    snapshots = Snapshots(np.array([0]))
    for tick in (256, 512, 768):
        snapshots.take(tick, np.array([tick]))
    assert [tick for tick, _ in snapshots.taken] == [0, 256, 512, 768]


@settings(deadline=None)
@given(st.lists(st.lists(st.booleans(), min_size=2, max_size=2), min_size=1), st.integers(0, 50))
def test_trailing_counts_the_ticks_in_a_row_up_to_now(rows: list[list[bool]], before: int) -> None:
    expected = []
    for column in range(2):
        run = before
        for row in rows:
            run = run + 1 if row[column] else 0
        expected.append(run)
    assert trailing(np.array(rows), np.array([before, before])).tolist() == expected
