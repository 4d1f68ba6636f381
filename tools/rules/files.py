"""The files of both profiles, as text."""

from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from tools.rules.checks import check_groups
from tools.rules.datasets import dataset_groups
from tools.rules.escalation import escalation_groups
from tools.rules.monitoring import monitoring_groups
from tools.rules.peers import peer_groups
from tools.rules.profile import PROFILES, Profile
from tools.rules.rule import Group
from tools.rules.runs import run_groups
from tools.rules.silence import silence_groups
from tools.rules.slo import slo_groups
from tools.rules.stages import stage_groups
from tools.rules.volume import volume_groups

RULES = Path(__file__).resolve().parents[2] / "prometheus/rules"
HEAD = (
    "# Written by make rules from tools/rules; the other profile has the same rules at another time scale.\n"
)
# Nothing is folded: a line a text.
LINE = 1000


def rule_files() -> dict[Path, str]:
    """Text by path."""
    return {
        RULES / profile.name / f"{name}.yml": written(groups)
        for profile in PROFILES
        for name, groups in files_of(profile).items()
    }


def files_of(profile: Profile) -> dict[str, list[Group]]:
    """Groups by the name of their file."""
    return {
        "slo": slo_groups(profile),
        "stages": stage_groups(),
        "runs": [*run_groups(), *silence_groups()],
        "peers": [*peer_groups(), *volume_groups()],
        "datasets": dataset_groups(),
        "checks": check_groups(),
        "monitoring": monitoring_groups(profile),
        "escalation": escalation_groups(),
    }


def written(groups: Sequence[Group]) -> str:
    """Groups as YAML."""
    yaml = YAML()
    yaml.width = LINE
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = StringIO()
    yaml.dump({"groups": [readable(group.content()) for group in groups]}, text)
    return HEAD + text.getvalue()


def readable(content: Any) -> Any:
    """The same content, with texts of several lines as such."""
    if isinstance(content, dict):
        return {key: readable(value) for key, value in content.items()}
    if isinstance(content, list):
        return [readable(value) for value in content]
    if isinstance(content, str) and "\n" in content:
        return LiteralScalarString(content)
    return content
