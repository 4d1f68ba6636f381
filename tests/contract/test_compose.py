"""What `docker compose up` would start, as Compose itself reads it."""

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from ruamel.yaml import YAML

from exporter import names
from exporter.cli import main
from tests.conftest import required
from tools import compose, standins

ROOT = Path(__file__).parents[2]
DASHBOARDS = ROOT / "grafana/dashboards"
LONG_RUNNING = ("exporter", "prometheus", "alertmanager", "grafana")
PROFILES = ("demo", "prod")
KEPT = {
    "exporter": "/data",
    "prometheus": "/prometheus",
    "alertmanager": "/alertmanager",
    "grafana": "/var/lib/grafana",
}
EXAMPLE = ".env.example"

Json = dict[str, Any]


def read(env_file: str = os.devnull, **variables: str) -> Json:
    """The configuration with everything filled in, and nothing from whoever runs the test."""
    command = compose.find()
    required("docker compose", Path(command[0]) if command else None)
    assert command is not None
    known = {key: value for key, value in os.environ.items() if key not in settings()}
    done = subprocess.run(
        [*command, "--env-file", env_file, "config", "--format", "json"],
        cwd=ROOT, env={**known, **variables}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    content: Json = json.loads(done.stdout)
    return content


def settings() -> set[str]:
    """The variables that the file asks for."""
    return set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))


@pytest.fixture(scope="module", params=PROFILES)
def profile(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def services(profile: str) -> Json:
    found: Json = read(PROFILE=profile)["services"]
    return found


def test_the_example_of_the_variables_says_the_defaults() -> None:
    assert read(EXAMPLE) == read()
    lines = (ROOT / EXAMPLE).read_text(encoding="utf-8").splitlines()
    assert {line.partition("=")[0] for line in lines if re.match(r"\w+=", line)} == settings()


def test_own_variables_cannot_get_into_the_repository() -> None:
    assert "/.env" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


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


def test_the_version_is_the_same_wherever_it_is_written(services: Json) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert services["exporter"]["image"] == f"pipeline-health:{version}"
    assert services["alertmanager-config"]["image"] == services["exporter"]["image"]
    label = f'org.opencontainers.image.version="{version}"'
    assert label in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_every_stage_is_built_on_the_same_pinned_python() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    stages = {line.split()[1] for line in lines if line.startswith("FROM ")}
    base = standins.pinned()["python"]
    assert stages == {base}
    assert re.search(r":\d+\.\d+-slim-\w+$", base)


def test_nothing_gets_into_the_image_but_the_package() -> None:
    allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert allowed[0] == "*"
    kept = {line.removeprefix("!") for line in allowed if line.startswith("!")}
    assert kept == {"pyproject.toml", "README.md", "exporter", "client"}


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
        native, composed = (
            sorted(path.name for path in (ROOT / one).iterdir()) for one in (folder, f"{folder}-compose")
        )
        assert native == composed


def test_whoever_reads_secrets_is_in_their_group() -> None:
    services = read(SECRETS_GROUP="4711")["services"]
    mounted = {
        name
        for name, service in services.items()
        for volume in service["volumes"]
        if volume["source"] == str(ROOT / "alertmanager")
    }
    assert mounted == {"alertmanager-config", "alertmanager"}
    assert {tuple(services[name]["group_add"]) for name in mounted} == {("4711",)}


@pytest.mark.parametrize(("name", "folder"), KEPT.items())
def test_what_a_service_must_keep_is_on_a_volume_of_its_own(name: str, folder: str) -> None:
    content = read()
    volumes = [one for one in content["services"][name]["volumes"] if one["type"] == "volume"]
    [volume] = [one for one in volumes if one["target"] == folder]
    assert volume["source"] == name
    assert not volume.get("read_only")
    # A name that Compose gives it: not one that `up` throws away, nor one that must be there before.
    assert not content["volumes"][name].get("external")


def test_the_programs_write_where_the_volumes_are(services: Json) -> None:
    exporter = services["exporter"]["command"]
    assert exporter[exporter.index("--data") + 1] == KEPT["exporter"]
    assert f"--storage.tsdb.path={KEPT['prometheus']}" in services["prometheus"]["command"]
    assert f"--storage.path={KEPT['alertmanager']}" in services["alertmanager"]["command"]


def test_a_service_starts_when_those_that_it_asks_are_healthy(services: Json) -> None:
    order = {
        name: {other: how["condition"] for other, how in service.get("depends_on", {}).items()}
        for name, service in services.items()
    }
    assert order == {
        "exporter": {},
        "alertmanager-config": {"exporter": "service_healthy"},
        "alertmanager": {"alertmanager-config": "service_completed_successfully"},
        "prometheus": {"exporter": "service_healthy", "alertmanager": "service_healthy"},
        "grafana": {"prometheus": "service_healthy"},
    }


def test_grafana_knows_how_often_prometheus_scrapes(services: Json, profile: str) -> None:
    prometheus = YAML(typ="safe").load(ROOT / f"prometheus/prometheus.{profile}.yml")
    known = services["grafana"]["environment"]["SCRAPE_INTERVAL"]
    assert known == prometheus["global"]["scrape_interval"]
    [asked, _] = data_sources()
    assert asked["jsonData"]["timeInterval"] == "$SCRAPE_INTERVAL"


def test_grafanas_data_sources_are_services(services: Json) -> None:
    assert [source["uid"] for source in data_sources()] == ["prometheus", "alertmanager"]
    for source in data_sources():
        ports = services[source["uid"]]["ports"]
        assert source["url"] == f"http://{source['uid']}:{ports[0]['target']}"
        assert source["type"] == source["uid"]


def test_an_exemplar_leads_to_its_event(services: Json) -> None:
    assert "--enable-feature=exemplar-storage" in services["prometheus"]["command"]
    [link] = data_sources()[0]["jsonData"]["exemplarTraceIdDestinations"]
    assert link["name"] == names.EVENT_ID
    # A dollar that Grafana is to see itself is written twice.
    assert link["url"] == "$EXPORTER_URL/api/v1/review/$${__value.raw}"
    assert link["urlDisplayLabel"] == "The event"
    published = services["exporter"]["ports"][0]["published"]
    assert services["grafana"]["environment"]["EXPORTER_URL"] == f"http://127.0.0.1:{published}"


def test_grafana_reads_the_dashboards_where_they_are_mounted(services: Json) -> None:
    [provider] = provisioned("dashboards", "providers")
    folder = mounted_in_grafana(services, provider["options"]["path"])
    assert folder == ROOT / "grafana/dashboards"
    assert provider["type"] == "file"
    assert provider["disableDeletion"]
    assert not provider["allowUiUpdates"]


def test_a_folder_and_a_dashboard_have_different_uids() -> None:
    [provider] = provisioned("dashboards", "providers")
    uids = {json.loads(path.read_text(encoding="utf-8"))["uid"] for path in DASHBOARDS.glob("*.json")}
    assert provider["folderUid"] not in uids


def test_grafana_opens_on_the_health_of_the_pipelines(services: Json) -> None:
    home = PurePosixPath(services["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
    path = mounted_in_grafana(services, str(home.parent)) / home.name
    assert json.loads(path.read_text(encoding="utf-8"))["uid"] == "pipeline-health"


def test_no_dashboard_wants_to_be_fresher_than_grafana_allows(services: Json) -> None:
    shortest = seconds(services["grafana"]["environment"]["GF_DASHBOARDS_MIN_REFRESH_INTERVAL"])
    for path in DASHBOARDS.glob("*.json"):
        board = json.loads(path.read_text(encoding="utf-8"))
        for offered in (board["refresh"], *board["timepicker"]["refresh_intervals"]):
            assert seconds(offered) >= shortest, path.name


def seconds(duration: str) -> int:
    """Of "5s" or "1m"."""
    return int(duration[:-1]) * {"s": 1, "m": 60, "h": 3600}[duration[-1]]


def mounted_in_grafana(services: Json, folder: str) -> Path:
    """What is mounted at the folder, for Grafana only to read."""
    [volume] = [one for one in services["grafana"]["volumes"] if one["target"] == folder]
    assert volume["read_only"]
    return Path(volume["source"])


def data_sources() -> Any:
    """What is provisioned, Prometheus first."""
    return provisioned("datasources", "datasources")


def provisioned(name: str, key: str) -> Any:
    """What the file of this name lists."""
    return YAML(typ="safe").load(ROOT / f"grafana/provisioning/{name}/{name}.yml")[key]
