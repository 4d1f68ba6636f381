"""Prometheus' configuration for other ports: a copy of the folder with other target files."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from tools.loopback import HOST

CONFIGURATION = Path(__file__).resolve().parents[1] / "prometheus"
FILES = {profile: f"prometheus.{profile}.yml" for profile in ("demo", "prod")}


def copy_configuration(folder: Path, ports: Mapping[str, int], profile: str = "demo") -> Path:
    """Replace ``folder`` by a copy with these targets; the path of the profile's file in it.

    ``ports`` by target file: ``exporter``, ``prometheus``, ``alertmanager``. The others keep theirs.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(CONFIGURATION, folder)
    for name, port in ports.items():
        (folder / "targets" / f"{name}.yml").write_text(f'- targets: ["{HOST}:{port}"]\n')
    return folder / FILES[profile]
