"""Ask `pipeline-health check` as a job does."""

from pathlib import Path

from click.testing import CliRunner, Result

from exporter.cli import main


def check(*arguments: object) -> Result:
    """Run the command."""
    return CliRunner().invoke(main, ["check", *map(str, arguments)], prog_name="pipeline-health")


def configured(folder: Path, *lines: str, data: str = "day.csv") -> Path:
    """A checks.yml about `data` with further lines of the dataset's."""
    text = "\n".join(["datasets:", "  - name: sales", "    team: shop", f"    data: {data!r}", *lines])
    (folder / "checks.yml").write_text(text + "\n")
    return folder / "checks.yml"


def refused(result: Result, folder: Path) -> str:
    """What a command that could not do its work said: exit code 2, one line, no traceback, no report."""
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    assert isinstance(result.exception, SystemExit)
    line = result.stderr.removeprefix("Error: ").replace(f"{folder}/", "")
    assert line.count("\n") == 1
    return line.rstrip("\n")
