"""The built-in configuration shows checks of data: green first, then what is wrong, then recovery."""

import json
import signal
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import StartExporter
from tests.servers import Server, free_port, serving, wait_until
from tools import programs

ORDERS, CLICKS = "simulated/orders", "simulated/clickstream"
MINUTE = 60.0
STORY = [{"kind": "unknown_events", "day": 1}, {"kind": "lost_orders", "day": 2}]


def samples(server: Server, name: str, **labels: str) -> list[float]:
    """The values of a family on `/metrics`."""
    text = httpx.get(f"{server.url}/metrics", trust_env=False).text
    return [
        one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
        if one.name == f"pipeline_{name}" and labels.items() <= one.labels.items()
    ]


def attempts(server: Server) -> float:
    return sum(samples(server, "check_attempts_total", outcome="judged"))


def configuration(folder: Path, faults: list[dict[str, object]]) -> Path:
    path = folder / "exporter.yml"
    path.write_text(json.dumps({"simulated_datasets": {"day": "10s", "wrong": 0.0, "faults": faults}}))
    return path


def test_the_built_in_configuration_has_green_lights_within_its_first_minute(
    exporter: StartExporter,
) -> None:
    server = exporter()
    wait_until(lambda: all(samples(server, "check_status", dataset=one) for one in (ORDERS, CLICKS)), MINUTE)
    assert set(samples(server, "check_status")) == {0}
    wrong = [samples(server, "check_outcomes", severity=one) for one in ("info", "warn", "critical")]
    assert wrong == [[0] * 6] * 3
    assert samples(server, "check_unreadable") == [0, 0]
    assert samples(server, "dataset_fault_active") == [0] * 5


def await_light(server: Server, fault: str, dataset: str, check: str, status: int) -> None:
    """Until a check says so while the truth is the same."""

    def shown() -> bool:
        lights = samples(server, "check_status", dataset=dataset, check=check)
        return lights == [status] and samples(server, "dataset_fault_active", fault=fault) == [status > 0]

    wait_until(shown, MINUTE)


def test_what_is_wrong_is_seen_when_it_is_and_passes(exporter: StartExporter, tmp_path: Path) -> None:
    server = exporter("--config", str(configuration(tmp_path, STORY)))
    await_light(server, "unknown_events", CLICKS, "taxonomy", 1)
    await_light(server, "unknown_events", CLICKS, "taxonomy", 0)
    await_light(server, "lost_orders", ORDERS, "drift", 2)
    await_light(server, "lost_orders", ORDERS, "drift", 0)
    assert samples(server, "check_attempts_total", outcome="unreadable") == [0]


def test_who_was_killed_while_writing_begins_anew_and_who_is_asked_to_end_does(tmp_path: Path) -> None:
    port, log, config = free_port(), tmp_path / "exporter.log", configuration(tmp_path, [])
    with serving(programs.exporter(port, "--config", str(config), log=log)) as server:
        wait_until(lambda: attempts(server), MINUTE)
        server.child.process.kill()
        server.child.process.wait()
    [folder] = (tmp_path / f"data-{port}").glob("simulated-datasets")
    files = sorted(folder.rglob("*.csv"))
    files[-1].write_text("order_id,ord")
    files[0].rename(files[0].with_name("2001-01-01.csv"))
    with serving(programs.exporter(port, "--config", str(config), log=log)) as server:
        wait_until(lambda: attempts(server), MINUTE)
        assert set(samples(server, "check_status")) == {0}
        assert len(list(folder.rglob("*.csv"))) == len(files)
        server.child.process.send_signal(signal.SIGTERM)
        assert server.child.process.wait(10) == 0
