"""What the notification model reads of alertmanager.yml: routes, inhibition and who can be told.

What it doesn't know in a route it refuses: a route that is half understood would make the model lie.
"""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from exporter.alerting.matchers import MatcherList, Matchers
from exporter.config import ConfigError
from exporter.config.durations import Duration
from exporter.config.load import read_yaml, validate

KIND = "_configs"
# These don't tell the end of an alert unless they are asked to; the others do.
SILENT_AT_THE_END = ("email", "slack", "rocketchat", "wechat")

Wait = Annotated[Duration, Field(ge=0)]
Interval = Annotated[Duration, Field(gt=0)]


class RouteConfig(BaseModel):
    """A node of the routing tree; None is inherited from the node above."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    receiver: str | None = None
    matchers: MatcherList = Matchers()
    goes_on: bool = Field(default=False, alias="continue")
    group_by: tuple[str, ...] | None = None
    group_wait: Wait | None = None
    group_interval: Interval | None = None
    repeat_interval: Interval | None = None
    mute_time_intervals: list[str] = Field(default_factory=list)
    active_time_intervals: list[str] = Field(default_factory=list)
    routes: list["RouteConfig"] = Field(default_factory=list)


class InhibitRule(BaseModel):
    """Alerts on the source side mute those on the target side that have the same `equal` labels."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    name: str = ""
    source_matchers: MatcherList
    target_matchers: MatcherList
    equal: list[str] = Field(default_factory=list)


class Receiver(BaseModel):
    """Somebody to tell, with lists of integrations under `<kind>_configs`."""

    model_config = ConfigDict(extra="allow", frozen=True)

    name: str

    @property
    def integrations(self) -> list[tuple[str, dict[str, Any]]]:
        """Each integration's kind and settings."""
        lists = (self.model_extra or {}).items()
        return [(kind.removesuffix(KIND), one) for kind, many in lists if kind.endswith(KIND) for one in many]

    @property
    def tells_the_end(self) -> set[bool]:
        """For its integrations, whether they tell that an alert is over; empty when it has none."""
        return {
            bool(one.get("send_resolved", kind not in SILENT_AT_THE_END)) for kind, one in self.integrations
        }

    @property
    def is_human(self) -> bool:
        """Whether a person hears of it: webhooks speak to programs."""
        return any(kind != "webhook" for kind, _ in self.integrations)


class AlertmanagerConfig(BaseModel):
    """The parts of alertmanager.yml that decide who is told and when."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    route: RouteConfig
    receivers: list[Receiver]
    inhibit_rules: list[InhibitRule] = Field(default_factory=list)


def read(path: Path) -> AlertmanagerConfig:
    """The configuration in a file; ConfigError names each mistake and its place."""
    config = validate(AlertmanagerConfig, read_yaml(path), str(path))
    if config.route.receiver is None:
        raise ConfigError(f"{path}: route.receiver: expected a value, got nothing")
    known = {receiver.name for receiver in config.receivers}
    for place, name in named_receivers("route", config.route):
        if name not in known:
            raise ConfigError(f"{path}: {place}.receiver: expected one of {sorted(known)}, got {name!r}")
    return config


def named_receivers(place: str, route: RouteConfig) -> list[tuple[str, str]]:
    """Each receiver that the tree names, and where."""
    own = [(place, route.receiver)] if route.receiver is not None else []
    below = [named_receivers(f"{place}.routes[{index}]", child) for index, child in enumerate(route.routes)]
    return own + [found for many in below for found in many]
