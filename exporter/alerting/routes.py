"""The routing tree with everything inherited: which of its nodes an alert ends at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace

from exporter.alerting.configuration import RouteConfig
from exporter.alerting.matchers import Matchers

EVERY_LABEL = "..."


@dataclass(frozen=True)
class Options:
    """Whom a node tells, and how; times in seconds. What the file leaves out is Alertmanager's own choice."""

    receiver: str = ""
    group_by: tuple[str, ...] = ()
    group_wait: float = 30.0
    group_interval: float = 300.0
    repeat_interval: float = 14400.0

    def below(self, config: RouteConfig) -> "Options":
        """Those of a node below this one: what it doesn't say it inherits."""
        said = {field.name: getattr(config, field.name) for field in fields(self)}
        return replace(self, **{name: value for name, value in said.items() if value is not None})

    def group(self, labels: Mapping[str, str]) -> dict[str, str]:
        """The labels that the alert is grouped by; one that it doesn't have is left out."""
        every = EVERY_LABEL in self.group_by
        return {name: value for name, value in labels.items() if every or name in self.group_by}


@dataclass(frozen=True, eq=False)
class Route:
    """A node of the tree."""

    options: Options
    matchers: Matchers
    goes_on: bool
    routes: tuple["Route", ...]

    @classmethod
    def of(cls, config: RouteConfig, above: Options) -> "Route":
        """The node and all below it. Mute times are not in the model, and nobody inherits them."""
        options = above.below(config)
        routes = tuple(cls.of(child, options) for child in config.routes)
        return cls(options, config.matchers, config.goes_on, routes)

    def match(self, labels: Mapping[str, str]) -> Iterator["Route"]:
        """The nodes that an alert with these labels ends at; none when this one doesn't take it."""
        if not self.matchers.match(labels):
            return
        nobody_below = True
        for route in self.routes:
            found = list(route.match(labels))
            yield from found
            nobody_below = nobody_below and not found
            if found and not route.goes_on:
                break
        if nobody_below:
            yield self
