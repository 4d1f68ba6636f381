"""A checker's run: what it counted, seconds by the clock and of the CPU, the most memory it had (Linux)."""

import json
import resource
import sys
from collections.abc import Callable
from time import perf_counter, process_time

Counts = dict[str, float]


def run(check: Callable[..., Counts]) -> None:
    """Check with the command line's arguments and print what came of it as a line of JSON."""
    cpu, clock = process_time(), perf_counter()
    counts = check(*sys.argv[1:])
    seconds, cpu_seconds = perf_counter() - clock, process_time() - cpu
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(json.dumps({"counts": counts, "seconds": seconds, "cpu": cpu_seconds, "megabytes": megabytes}))
