"""Which receivers an alert is routed to, and what a configuration must not say."""

from pathlib import Path
from typing import Any

import pytest

from exporter.alerting import Alertmanager
from exporter.alerting.routes import Route
from exporter.config import ConfigError
from tests.unit.alerting.configurations import SLACK, WEBHOOK, content, model, written


def found(alertmanager: Alertmanager, **labels: str) -> Route:
    [route] = alertmanager.root.match(labels)
    return route


def test_without_a_matching_route_the_root_is_told() -> None:
    routes = [{"receiver": "few", "matchers": ['team="shop"']}]
    assert model({"routes": routes}).receivers({"team": "other"}) == ["all"]


def test_the_first_matching_route_ends_the_search() -> None:
    routes = [{"receiver": "few", "matchers": ['team="shop"']}, {"receiver": "all"}]
    assert model({"routes": routes}).receivers({"team": "shop"}) == ["few"]


def test_a_route_that_goes_on_leaves_the_alert_to_the_next_ones() -> None:
    routes = [{"receiver": "few", "continue": True}, {"receiver": "all", "matchers": ['team="shop"']}]
    assert model({"routes": routes}).receivers({"team": "shop"}) == ["few", "all"]
    assert model({"routes": routes}).receivers({"team": "other"}) == ["few"]


def test_the_deepest_match_is_told_and_not_those_above_it() -> None:
    below = [{"receiver": "all", "matchers": ['severity="high"']}]
    routes = [{"receiver": "few", "matchers": ['team="shop"'], "routes": below}]
    alertmanager = model({"routes": routes})
    assert alertmanager.receivers({"team": "shop", "severity": "high"}) == ["all"]
    assert alertmanager.receivers({"team": "shop", "severity": "low"}) == ["few"]
    assert alertmanager.receivers({"severity": "high"}) == ["all"]


def test_a_route_inherits_what_it_does_not_say() -> None:
    routes = [{"matchers": ['team="shop"'], "group_by": ["team"], "repeat_interval": "1d"}]
    options = found(model({"routes": routes}), team="shop").options
    assert (options.receiver, options.group_by) == ("all", ("team",))
    assert (options.group_wait, options.group_interval, options.repeat_interval) == (10, 60, 86400)


def test_what_nobody_says_is_alertmanagers_own_choice(tmp_path: Path) -> None:
    bare = {"route": {"receiver": "all"}, "receivers": [{"name": "all"}]}
    options = found(Alertmanager.load(written(bare, tmp_path))).options
    assert (options.group_by, options.group_wait) == ((), 30)
    assert (options.group_interval, options.repeat_interval) == (300, 14400)


def test_a_group_has_the_labels_that_the_alert_has() -> None:
    options = found(model({"group_by": ["team", "pipeline"]})).options
    assert options.group({"team": "shop", "stage": "a"}) == {"team": "shop"}
    assert found(model({"group_by": ["..."]})).options.group({"team": "shop", "stage": "a"}) == {
        "team": "shop",
        "stage": "a",
    }


def test_who_has_more_than_webhooks_is_a_person() -> None:
    receivers = [{"name": "all", **WEBHOOK}, {"name": "few", **WEBHOOK, **SLACK}, {"name": "nobody"}]
    alertmanager = model(receivers=receivers)
    assert [alertmanager.is_human(name) for name in ("all", "few", "nobody")] == [False, True, False]


@pytest.mark.parametrize(
    ("changed", "mistake"),
    [
        ({"route": {"receiver": "none"}}, "route.receiver: expected one of ['all', 'few'], got 'none'"),
        ({"route": {}}, "route.receiver: expected a value, got nothing"),
        (
            {"route": {"receiver": "all", "routes": [{"receiver": "none"}]}},
            "route.routes[0].receiver: expected one of ['all', 'few'], got 'none'",
        ),
        ({"route": {"receiver": "all", "match": {"team": "shop"}}}, "route.match: unknown key"),
        (
            {"route": {"receiver": "all", "matchers": ["team"]}},
            'route.matchers: expected matchers such as team="shop" or stage=~"a|b", got \'team\'',
        ),
        (
            {"route": {"receiver": "all", "group_wait": "soon"}},
            "route.group_wait: expected a duration such as 90s, 10m or 24h, got 'soon'",
        ),
        (
            {"route": {"receiver": "all", "group_interval": "0s"}},
            "route.group_interval: expected > 0, got '0s'",
        ),
        ({"receivers": "all"}, "receivers: expected a list, got 'all'"),
        (
            {"inhibit_rules": [{"target_matchers": []}]},
            "inhibit_rules[0].source_matchers: expected a value, got nothing",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place(changed: dict[str, Any], mistake: str, tmp_path: Path) -> None:
    path = written({**content(), **changed}, tmp_path)
    with pytest.raises(ConfigError) as error:
        Alertmanager.load(path)
    assert str(error.value) == f"{path}: {mistake}"
