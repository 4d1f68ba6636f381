"""The disk's thread: one job after the other, their failures told, and no harm from who goes away."""

import asyncio
import threading

import pytest

from exporter.intake.disk import Disk


@pytest.fixture
def disk() -> Disk:
    return Disk()


def fail(_: object) -> None:
    raise OSError("no space left")


def test_jobs_are_done_in_the_order_in_which_they_came_by_one_thread(disk: Disk) -> None:
    done: list[int] = []

    async def go() -> None:
        await asyncio.gather(*(disk.do(done.append, number) for number in range(100)))

    asyncio.run(go())
    disk.shutdown()
    assert done == list(range(100))


def test_what_a_job_raises_is_raised_where_it_was_asked_for_and_the_next_one_is_done(disk: Disk) -> None:
    done: list[int] = []

    async def go() -> None:
        with pytest.raises(OSError, match="no space left"):
            await disk.do(fail, None)
        await disk.do(done.append, 1)

    asyncio.run(go())
    disk.shutdown()
    assert done == [1]


def test_a_job_whose_asker_and_loop_are_gone_is_still_done_and_the_next_one_too(disk: Disk) -> None:
    free, done = threading.Event(), list[int]()

    def slow(number: int) -> None:
        assert free.wait(10)
        done.append(number)

    async def leave() -> None:
        asyncio.create_task(disk.do(slow, 1)).add_done_callback(lambda task: task.cancelled())
        await asyncio.sleep(0)

    asyncio.run(leave())
    free.set()
    asyncio.run(disk.do(slow, 2))
    disk.shutdown()
    assert done == [1, 2]
