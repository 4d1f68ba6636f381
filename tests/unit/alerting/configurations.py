"""Alertmanager configurations for tests."""

import json
from pathlib import Path
from typing import Any

from exporter.alerting.alertmanager import Alertmanager
from exporter.alerting.configuration import AlertmanagerConfig

WEBHOOK = {"webhook_configs": [{"url": "http://127.0.0.1:1"}]}
SLACK = {"slack_configs": [{"api_url": "http://127.0.0.1:1"}]}


def content(route: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Two receivers; groups wait 10 s, are looked at once a minute and told again after an hour."""
    waits = {"group_wait": "10s", "group_interval": "1m", "repeat_interval": "1h"}
    root = {"receiver": "all", "group_by": ["pipeline"], **waits, **(route or {})}
    receivers = [{"name": "all", **WEBHOOK}, {"name": "few", **WEBHOOK}]
    return {"route": root, "receivers": receivers, **more}


def model(route: dict[str, Any] | None = None, **more: Any) -> Alertmanager:
    """The model of such a configuration."""
    return Alertmanager(AlertmanagerConfig.model_validate(content(route, **more)))


def written(configuration: object, folder: Path) -> Path:
    """A configuration file: JSON is YAML."""
    path = folder / "alertmanager.yml"
    path.write_text(json.dumps(configuration))
    return path
