"""A checker's run: what it counted, seconds by the clock and of the CPU, the most memory it had (Linux)."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time

Counts = dict[str, float]
STATUS = Path("/proc/self/status")


def run(check: Callable[..., Counts]) -> None:
    """Check with the command line's arguments and print what came of it as a line of JSON."""
    cpu, clock = process_time(), perf_counter()
    counts = check(*sys.argv[1:])
    seconds, cpu_seconds = perf_counter() - clock, process_time() - cpu
    print(json.dumps({"counts": counts, "seconds": seconds, "cpu": cpu_seconds, "megabytes": peak()}))


def peak() -> float:
    """Megabytes of this program at most; what getrusage says counts whoever started it, too."""
    found = re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text(encoding="ascii"))
    return int(found[1]) * 1024 / 1e6 if found else 0.0
