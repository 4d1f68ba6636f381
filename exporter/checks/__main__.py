"""`python -m exporter.checks SECONDS FILE`: one check on schedule, as the exporter starts it.

It ends by itself in time: an exporter that was killed ends nothing any more.
"""

import signal
import sys

from exporter.checks.command import check_command

_, seconds, file = sys.argv
signal.alarm(int(seconds))
check_command(["--format", "json", "--", file], prog_name="check")
