"""`python -m exporter.checks SECONDS FILE`: one check on schedule, as the exporter starts it.

It ends by itself in time: an exporter that was killed ends nothing any more. Whoever asks the exporter comes
first.
"""

import os
import signal
import sys

from exporter.checks.command import check_command

NICENESS = 10

_, seconds, file = sys.argv
os.nice(NICENESS)
signal.alarm(int(seconds))
check_command(["--format", "json", "--", file], prog_name="check")
