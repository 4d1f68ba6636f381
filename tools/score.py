"""Writes the README's score table: ``python -m tools.score`` (``make score``); it takes some minutes."""

import subprocess
import sys
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"
BEGIN = "<!-- score: written by make score -->"
END = "<!-- end of score -->"


def block(table: str) -> str:
    """The table as the README shows it."""
    return f"```\n{table}\n```"


def main() -> int:
    """Play all scenarios and put their table between the marks; the command's own exit code."""
    command = [sys.executable, "-m", "exporter", "score"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    if done.stdout:
        README.write_text(f"{before}{BEGIN}\n{block(done.stdout.strip())}\n{END}{after}", encoding="utf-8")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
