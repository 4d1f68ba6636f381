"""The queries in the runbooks are PromQL, and name only what there is."""

import json
from pathlib import Path

import pytest

from tests.conftest import StartAlertmanager, StartPrometheus
from tests.contract.test_rule_metrics import OF_SERVERS, PROMETHEUS_OWN, exported, recorded, scraped
from tests.contract.test_rules import accepts
from tests.rules import metrics_of
from tests.servers import wait_until
from tools.rules.profile import PROFILES, Profile
from tools.runbooks import SOURCE, sections

QUERIES = [
    token.content
    for section in sections(SOURCE.read_text(encoding="utf-8"))
    for token in section.body
    if token.info == "promql"
]
NAMED = {name for query in QUERIES for name in metrics_of(query)}


def test_promtool_understands_every_query(promtool: Path, tmp_path: Path) -> None:
    rules = [{"record": f"runbook:query:n{number}", "expr": query} for number, query in enumerate(QUERIES)]
    path = tmp_path / "queries.yml"
    path.write_text(json.dumps({"groups": [{"name": "runbooks", "rules": rules}]}))
    accepts(promtool, "check", "rules", path)


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_every_metric_in_them_is_exported_or_recorded_in_both_profiles(profile: Profile) -> None:
    known = exported().keys() | recorded(profile.name) | PROMETHEUS_OWN
    assert {name for name in NAMED - known if not name.startswith(OF_SERVERS)} == set()


def test_the_servers_export_what_they_ask_of_them(
    prometheus: StartPrometheus, alertmanager: StartAlertmanager
) -> None:
    receiving = alertmanager(exporter=9)
    servers = (receiving, prometheus(alertmanager=receiving.port))
    wanted = {name for name in NAMED if name.startswith(OF_SERVERS)}
    assert wanted
    wait_until(lambda: wanted <= scraped(servers[0]) | scraped(servers[1]))
