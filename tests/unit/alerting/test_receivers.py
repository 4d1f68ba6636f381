"""`alertmanager-config`: what is left of a configuration without secrets, and what it says."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from ruamel.yaml import YAML

from exporter.alerting.receivers import render
from exporter.cli import main
from exporter.config import ConfigError
from tests.unit.alerting.configurations import written

PAGER = {"routing_key_file": "secrets/shop.pagerduty", "severity": "critical"}
CHAT = {"api_url_file": "secrets/shop.slack"}
LOG = {"url_file": "targets/log.url"}


def content(**receiver: Any) -> dict[str, Any]:
    return {"route": {"receiver": "shop"}, "receivers": [{"name": "shop", **receiver}]}


def rendered(path: Path, **moved: Path) -> Any:
    """What a reader of YAML makes of the result."""
    return YAML(typ="safe").load(render(path, moved).text)


def give(folder: Path, name: str, text: str = "secret\n") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["alertmanager-config", *map(str, arguments)])


def test_an_integration_whose_secret_is_there_stays_with_an_absolute_path(tmp_path: Path) -> None:
    secret = give(tmp_path, "secrets/shop.pagerduty")
    path = written(content(pagerduty_configs=[PAGER]), tmp_path)
    assert rendered(path)["receivers"] == [
        {"name": "shop", "pagerduty_configs": [{**PAGER, "routing_key_file": str(secret)}]}
    ]


@pytest.mark.parametrize("text", [None, "", " \n"], ids=["missing", "empty", "blank"])
def test_an_integration_without_its_secret_is_left_out(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        give(tmp_path, "secrets/shop.slack", text)
    log = give(tmp_path, "targets/log.url")
    path = written(content(slack_configs=[CHAT], webhook_configs=[LOG, {"url": "http://a"}]), tmp_path)
    assert rendered(path)["receivers"] == [
        {"name": "shop", "webhook_configs": [{"url_file": str(log)}, {"url": "http://a"}]}
    ]


def test_a_receiver_without_any_integration_stays(tmp_path: Path) -> None:
    assert rendered(written(content(slack_configs=[CHAT]), tmp_path))["receivers"] == [{"name": "shop"}]


def test_secrets_may_lie_elsewhere(tmp_path: Path) -> None:
    elsewhere = give(tmp_path, "elsewhere/shop.slack").parent
    path = written(content(slack_configs=[CHAT]), tmp_path)
    [receiver] = rendered(path, secrets=elsewhere)["receivers"]
    assert receiver["slack_configs"] == [{"api_url_file": str(elsewhere / "shop.slack")}]


def test_a_file_deep_in_an_integration_counts_too(tmp_path: Path) -> None:
    hook = {"url": "http://a", "http_config": {"tls_config": {"ca_file": "secrets/ca.pem"}}}
    path = written(content(webhook_configs=[hook]), tmp_path)
    assert rendered(path)["receivers"] == [{"name": "shop"}]
    authority = give(tmp_path, "secrets/ca.pem")
    [receiver] = rendered(path)["receivers"]
    assert receiver["webhook_configs"][0]["http_config"]["tls_config"] == {"ca_file": str(authority)}


def test_templates_and_global_files_become_absolute_and_the_rest_stays(tmp_path: Path) -> None:
    more = {
        "global": {"smtp_from": "a@example.com", "smtp_auth_password_file": "secrets/mail"},
        "templates": ["templates/*.tmpl", "/etc/other.tmpl"],
        "time_intervals": [{"name": "night", "time_intervals": [{"times": [{"start_time": "02:00"}]}]}],
    }
    path = written({**content(), **more}, tmp_path)
    assert rendered(path) == {
        **content(),
        **more,
        "global": {"smtp_from": "a@example.com", "smtp_auth_password_file": f"{tmp_path}/secrets/mail"},
        "templates": [f"{tmp_path}/templates/*.tmpl", "/etc/other.tmpl"],
    }
    assert '"02:00"' in render(path).text


def test_a_relative_path_to_the_file_gives_absolute_paths_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(tmp_path, "secrets/shop.slack")
    monkeypatch.chdir(written(content(slack_configs=[CHAT]), tmp_path).parent)
    [receiver] = rendered(Path("alertmanager.yml"))["receivers"]
    assert receiver["slack_configs"] == [{"api_url_file": f"{tmp_path}/secrets/shop.slack"}]


def test_the_command_prints_the_configuration_and_says_what_is_on(tmp_path: Path) -> None:
    elsewhere = give(tmp_path, "elsewhere/shop.slack").parent
    path = written(content(pagerduty_configs=[PAGER], slack_configs=[CHAT]), tmp_path)
    done = run(path, "--secrets", elsewhere)
    assert done.exit_code == 0
    assert done.stderr == (
        f"off  shop pagerduty: {elsewhere}/shop.pagerduty is missing or empty\non   shop slack\n"
    )
    assert done.stdout == (
        'route:\n  receiver: "shop"\nreceivers:\n- name: "shop"\n  slack_configs:\n'
        f'  - api_url_file: "{elsewhere}/shop.slack"\n'
    )


@pytest.mark.parametrize(
    ("changed", "mistake"),
    [
        ({"receivers": None}, "receivers: expected a list, got nothing"),
        ({"receivers": ["shop"]}, "receivers[0]: expected a mapping with a name, got 'shop'"),
        ({"receivers": [{"slack_configs": []}]}, "receivers[0]: expected a mapping with a name, got {"),
        (
            {"receivers": [{"name": "shop", "slack_configs": {}}]},
            "receivers[0].slack_configs: expected a list, got {}",
        ),
        (
            {"receivers": [{"name": "shop", "slack_configs": ["a"]}]},
            "receivers[0].slack_configs[0]: expected a mapping of keys, got 'a'",
        ),
        (
            {"receivers": [{"name": "shop", "slack_configs": [{"api_url_file": 1}]}]},
            "receivers[0].slack_configs[0].api_url_file: expected a file, got 1",
        ),
        ({"templates": "a.tmpl"}, "templates: expected a list, got 'a.tmpl'"),
        ({"global": []}, "global: expected a mapping of keys, got []"),
    ],
)
def test_a_bad_configuration_is_refused_with_its_place(
    changed: dict[str, Any], mistake: str, tmp_path: Path
) -> None:
    path = written({**content(), **changed}, tmp_path)
    done = run(path)
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"{path}: {mistake}" in done.stderr


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    done = run(tmp_path / "none.yml")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "none.yml: can't be read: No such file or directory" in done.stderr


def test_a_secret_that_cannot_be_read_is_no_missing_secret(tmp_path: Path) -> None:
    (tmp_path / "secrets/shop.slack").mkdir(parents=True)
    path = written(content(slack_configs=[CHAT]), tmp_path)
    with pytest.raises(ConfigError, match=r"secrets/shop\.slack: can't be read: Is a directory"):
        render(path)
