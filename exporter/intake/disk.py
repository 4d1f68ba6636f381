"""The disk's own thread: who waits for it is not in the event loop's way, however slow the disk is."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any

Job = tuple[asyncio.AbstractEventLoop, "asyncio.Future[None]", Callable[[Any], None], object]


class Disk:
    """One job at a time, in the order in which they came. An executor does the same at twice the cost."""

    def __init__(self) -> None:
        self.jobs: SimpleQueue[Job | None] = SimpleQueue()
        self.thread = Thread(target=work, args=(self.jobs,), name="journal", daemon=True)
        self.thread.start()

    async def do(self, job: Callable[[Any], None], content: object) -> None:
        """Let the thread do it; what it raises is raised here."""
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        self.jobs.put((loop, done, job, content))
        await done

    def shutdown(self) -> None:
        """End the thread when all jobs are done."""
        self.jobs.put(None)
        self.thread.join()


def work(jobs: SimpleQueue[Job | None]) -> None:
    """What the thread does."""
    while (job := jobs.get()) is not None:
        loop, done, do, content = job
        found: Exception | None = None
        try:
            do(content)
        except Exception as error:  # whoever waits for it knows what to do
            found = error
        with suppress(RuntimeError):  # the loop has ended, and nobody waits any more
            loop.call_soon_threadsafe(settle, done, found)


def settle(done: "asyncio.Future[None]", error: Exception | None) -> None:
    """Tell who waits, if it still does."""
    if done.done():
        return
    if error:
        done.set_exception(error)
    else:
        done.set_result(None)
