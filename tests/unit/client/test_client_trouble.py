"""Bad exporters, forks and exits: the job is never held up beyond the bound, and its end is never lost."""

import time
from pathlib import Path

import pytest
from pipeline_health_client import watch

from tests.servers import free_port, wait_until
from tests.unit.client.jobs import job, kept
from tests.unit.client.receivers import (
    Misbehaviour,
    Recorder,
    babble,
    half_close,
    hang,
    hang_up,
    misbehaving,
    trickle,
)
from tools.loopback import HOST

# Against a bad exporter each of these would take minutes, if it were waited for each report.
RUNS = 200
BAD: list[Misbehaviour] = [hang, trickle, half_close, hang_up, babble]
LOOP = f"""
    import time
    from pipeline_health_client import watch
    began = time.monotonic()
    for _ in range({RUNS}):
        with watch("nightly"):
            pass
    print(time.monotonic() - began)
"""


def timed(script: str, **settings: object) -> tuple[float, float]:
    """Seconds that the job took by its own clock, and altogether."""
    began = time.monotonic()
    done = job(script, **settings)
    assert (done.returncode, done.stdout.count("\n")) == (0, 1), done.stderr
    return float(done.stdout), time.monotonic() - began


@pytest.mark.parametrize("how", BAD, ids=lambda how: how.__name__)
def test_no_exporter_holds_the_job_up_beyond_the_bound(how: Misbehaviour, spool: Path) -> None:
    wait, timeout = 1.0, 0.5
    _, untold = timed(LOOP, URL="")
    with misbehaving(how) as url:
        inside, altogether = timed(LOOP, URL=url, WAIT=wait, TIMEOUT=timeout)
    assert inside < RUNS * timeout / 10
    assert altogether - inside < untold + 2 * wait
    assert len(kept(spool)) >= RUNS


def test_an_exporter_that_is_down_costs_little(spool: Path) -> None:
    _, untold = timed(LOOP, URL="")
    inside, altogether = timed(LOOP, URL=f"http://{HOST}:{free_port()}")
    assert inside < RUNS * 0.05
    assert altogether - inside < untold + 2 * 2
    assert len(kept(spool)) >= RUNS


def test_a_slow_exporter_gets_everything_and_slows_nothing(recorder: Recorder) -> None:
    class Slow(bytes):
        """Takes its time to be looked at."""

        def __len__(self) -> int:
            time.sleep(0.1)
            return super().__len__()

    recorder.body = Slow(recorder.body)
    inside, _ = timed(LOOP.replace(str(RUNS), "5"), URL=recorder.url, WAIT=30)
    assert inside < 5 * 2 * 0.1
    assert recorder.states.count("succeeded") == 5


def test_each_report_waits_no_longer_than_its_bound_for_a_trickle(spool: Path) -> None:
    script = """
        import time
        from pipeline_health_client import flush
        began = time.monotonic()
        assert flush(timeout=0.3).waiting == 1
        print(time.monotonic() - began)
    """
    with misbehaving(trickle) as url:
        job(LOOP.replace(str(RUNS), "1"), URL=url, WAIT=0.5, TIMEOUT=0.1)
        for path in kept(spool, "sending"):
            path.rename(path.with_suffix(".json"))
        inside, _ = timed(script, URL=url)
    assert inside < 3


FORK = """
    import os, sys
    from pipeline_health_client import watch
    with watch("parent"):
        child = os.fork()
        if child == 0:
            with watch("child"):
                pass
            sys.exit(0)
        os.waitpid(child, 0)
"""
OS_EXIT_OF_A_FORK = """
    import os
    from pipeline_health_client import watch
    with watch("parent"):
        child = os.fork()
        if child == 0:
            with watch("child"):
                pass
            os._exit(0)
        os.waitpid(child, 0)
"""
MULTIPROCESSING = """
    import multiprocessing, warnings
    from pipeline_health_client import watch
    warnings.simplefilter("ignore")
    def work():
        with watch("child"):
            pass
    with watch("parent"):
        process = multiprocessing.get_context("fork").Process(target=work)
        process.start()
        process.join()
"""


@pytest.mark.parametrize("script", [FORK, OS_EXIT_OF_A_FORK, MULTIPROCESSING], ids=["fork", "_exit", "mp"])
def test_a_forked_child_tells_its_own_runs_and_not_its_parents(recorder: Recorder, script: str) -> None:
    done = job(script.replace("import os", "import warnings; warnings.simplefilter('ignore'); import os"))
    assert (done.returncode, done.stderr) == (0, "")
    told = sorted((report["pipeline"], report["state"]) for report in recorder.reports)
    assert told == [(name, state) for name in ("child", "parent") for state in ("running", "succeeded")]


def test_a_process_that_leaves_without_farewell_has_kept_its_end(spool: Path) -> None:
    script = """
        import os
        from pipeline_health_client import watch
        with watch("nightly"):
            pass
        os._exit(3)
    """
    with misbehaving(hang) as url:
        assert job(script, URL=url).returncode == 3
    assert [path.name.rpartition("-")[2] for path in kept(spool)] == ["end.sending"]


def test_an_uncaught_exception_is_told_and_shown_as_ever(recorder: Recorder) -> None:
    body = "import sys\nfrom pipeline_health_client import watch\n"
    done = job(f"{body}with watch('nightly'):\n    raise KeyError('customer')")
    assert done.returncode == 1
    assert done.stderr.endswith("KeyError: 'customer'\n")
    assert recorder.reports[-1]["error"] == "KeyError: 'customer'"


def test_an_exporter_that_comes_back_during_the_run_gets_its_end_alone(
    spool: Path, recorder: Recorder
) -> None:
    recorder.status = 503
    with watch("nightly"):
        wait_until(lambda: kept(spool, "json"))
        recorder.status = 201
    wait_until(lambda: not kept(spool))
    assert recorder.states == ["running", "succeeded"]
