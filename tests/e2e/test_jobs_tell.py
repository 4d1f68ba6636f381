"""From the client, cron's wrapper and dbt's artifacts to the metrics of a real exporter, up or down."""

import subprocess
import sys
from pathlib import Path

import httpx

from tests.conftest import StartExporter
from tests.servers import Server, free_port, serving
from tests.unit.client.jobs import environment, job, kept
from tests.unit.dbt.artifacts import RECORDED
from tools import programs
from tools.loopback import HOST

PYTHON = """
    from pipeline_health_client import watch
    with watch("python", team="shop") as run:
        run.rows(3)
"""


def samples(server: Server) -> set[str]:
    """The lines of `/metrics`."""
    return set(httpx.get(f"{server.url}/metrics", trust_env=False).text.splitlines())


def runs(pipeline: str, state: str, count: int) -> str:
    return f'pipeline_runs_total{{pipeline="{pipeline}",state="{state}"}} {count}'


def command(*words: object, **settings: object) -> "subprocess.CompletedProcess[str]":
    """One of the exporter's commands, run to its end."""
    return subprocess.run(
        [sys.executable, "-m", "exporter", *map(str, words)], env=environment(**settings),
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_a_python_job_and_a_script_are_counted_by_their_ends(
    quiet_exporter: StartExporter, tmp_path: Path
) -> None:
    server, spool = quiet_exporter(), tmp_path / "spool"
    job(PYTHON, URL=server.url, SPOOL=spool)
    script = ["run", "--pipeline", "script", "--verbose", "--", "sh", "-c", "exit 3"]
    done = command(*script, URL=server.url, SPOOL=spool)
    assert (done.returncode, done.stderr) == (3, "")
    assert {runs("python", "succeeded", 1), runs("script", "failed", 1)} <= samples(server)


def test_what_dbt_did_counts_once_however_often_it_is_told(quiet_exporter: StartExporter) -> None:
    server = quiet_exporter()
    for _ in range(2):
        done = command("dbt", RECORDED / "postgres", "--url", server.url)
        assert (done.returncode, done.stderr) == (0, "")
    told = [runs("dbt/shop", "failed", 1), runs("dbt/shop/model/broken", "failed", 1)]
    assert {*told, runs("dbt/shop/model/empty_tbl", "succeeded", 1)} <= samples(server)


def test_runs_of_a_time_without_exporter_are_counted_once_it_is_back(tmp_path: Path) -> None:
    port, spool = free_port(), tmp_path / "spool"
    settings = {"URL": f"http://{HOST}:{port}", "SPOOL": spool}
    for _ in range(3):
        assert job(PYTHON, **settings).returncode == 0
    assert len(kept(spool)) == 3
    with serving(programs.exporter(port, log=tmp_path / "exporter.log")) as server:
        job(PYTHON, **settings)
        assert runs("python", "succeeded", 4) in samples(server)
    assert kept(spool) == []
