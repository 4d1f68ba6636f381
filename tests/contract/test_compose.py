"""What `docker compose up` would start, as Compose itself reads it."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from exporter.cli import main
from tests.conftest import required
from tools import compose

ROOT = Path(__file__).parents[2]
LONG_RUNNING = ("exporter", "prometheus", "alertmanager", "grafana")
PROFILES = ("demo", "prod")

Json = dict[str, Any]


def read(*arguments: str, **variables: str) -> Json:
    """The configuration with everything filled in."""
    command = compose.find()
    required("docker compose", Path(command[0]) if command else None)
    assert command is not None
    known = {key: value for key, value in os.environ.items() if not key.endswith("_PORT")}
    done = subprocess.run(
        [*command, *arguments, "config", "--format", "json"],
        cwd=ROOT, env={**known, **variables}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    content: Json = json.loads(done.stdout)
    return content


@pytest.fixture(scope="module", params=PROFILES)
def profile(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def services(profile: str) -> Json:
    found: Json = read(PROFILE=profile)["services"]
    return found


def test_the_example_of_the_variables_says_the_defaults() -> None:
    assert read("--env-file", ".env.example") == read("--env-file", os.devnull)


def test_both_sides_have_the_profile(services: Json, profile: str) -> None:
    exporter = services["exporter"]["command"]
    assert exporter[exporter.index("--profile") + 1] == profile
    [file] = [flag for flag in services["prometheus"]["command"] if flag.startswith("--config.file=")]
    assert file == f"--config.file=/etc/prometheus/prometheus.{profile}.yml"
    assert (ROOT / f"prometheus/prometheus.{profile}.yml").exists()


def test_everything_that_is_mounted_is_there(services: Json) -> None:
    for service in services.values():
        for volume in service.get("volumes", []):
            if volume["type"] == "bind":
                assert Path(volume["source"]).exists(), volume["source"]
                assert volume["read_only"]


def test_images_have_a_version(services: Json) -> None:
    for service in services.values():
        assert re.search(r":v?\d+\.\d+\.\d+$", service["image"]), service["image"]


def test_ports_are_opened_on_this_machine_only(services: Json) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert len(ports) == len(LONG_RUNNING)
    assert {port["host_ip"] for port in ports} == {"127.0.0.1"}


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_a_service_comes_back_keeps_its_bounds_and_may_do_little(services: Json, name: str) -> None:
    service = services[name]
    assert service["restart"] == "unless-stopped"
    assert int(service["mem_limit"]) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    in_dockerfile = "HEALTHCHECK" in (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "healthcheck" in service or (name == "exporter" and in_dockerfile)
    assert list(service["networks"]) == ["pipeline-health"]


def test_the_exporter_knows_every_option_that_it_is_started_with(services: Json) -> None:
    subcommand, *arguments = services["exporter"]["command"]
    known = {option for parameter in main.commands[subcommand].params for option in parameter.opts}
    assert {argument for argument in arguments if argument.startswith("--")} <= known


def test_prometheus_accepts_its_configuration_with_these_targets(
    promtool: Path, profile: str, tmp_path: Path
) -> None:
    for path in (ROOT / "prometheus").iterdir():
        if path.name != "targets":
            (tmp_path / path.name).symlink_to(path)
    (tmp_path / "targets").symlink_to(ROOT / "prometheus/targets-compose")
    command = [str(promtool), "check", "config", "--lint=all", "--lint-fatal"]
    done = subprocess.run(
        [*command, str(tmp_path / f"prometheus.{profile}.yml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_native_and_compose_have_the_same_targets_by_other_names() -> None:
    for folder in ("prometheus/targets", "alertmanager/targets"):
        names = [
            sorted(path.name for path in (ROOT / one).iterdir()) for one in (folder, f"{folder}-compose")
        ]
        assert names[0] == names[1]
