"""Alertmanager's configuration as it can be used here: what has its secret, and the exporter's port."""

from pathlib import Path

from exporter.alerting.receivers import Integration, render
from tools.loopback import HOST

ALERTMANAGER = Path(__file__).resolve().parents[1] / "alertmanager/alertmanager.yml"


def write_alertmanager(
    folder: Path, exporter: int | None, secrets: Path | None = None, source: Path = ALERTMANAGER
) -> tuple[Path, list[Integration]]:
    """Write ``folder/alertmanager.yml`` for the exporter at a port; its path, and what is on and off.

    Without a port nobody keeps incidents. ``secrets``: another folder than the repository's.
    """
    targets = folder / "targets"
    targets.mkdir(parents=True, exist_ok=True)
    url = "" if exporter is None else f"http://{HOST}:{exporter}/api/v1/alerts\n"
    (targets / "incidents.url").write_text(url)
    moved = {"targets": targets} if secrets is None else {"targets": targets, "secrets": secrets}
    rendered = render(source, moved)
    path = folder / "alertmanager.yml"
    path.write_text(rendered.text, encoding="utf-8")
    return path.absolute(), rendered.integrations
