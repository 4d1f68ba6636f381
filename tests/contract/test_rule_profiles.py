"""Both profiles of rules and of Prometheus' configuration say the same at another time scale."""

import re
from typing import Any

import pytest

from exporter.config import load_config
from exporter.config.model import FASTEST_BURN
from tests.rules import RULES, load, ranges_of, rules_of, scaled
from tools.rules.profile import PROFILES
from tools.rules.slo import PAGE_FAST, SLOW_TIERS
from tools.targets import CONFIGURATION, FILES

CONFIGURATIONS = {profile: CONFIGURATION / name for profile, name in FILES.items()}
TIME_SCALE = 60
TIERS = (PAGE_FAST, *SLOW_TIERS)
# How long a budget lasts is said in round numbers.
LASTS = re.compile(r"all of it lasts (\d+) (days|hours|minutes|seconds)")
PEOPLES_UNITS = {"days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}
# Bad events a second in a window, times its seconds.
EVENTS = re.compile(r"\* (\d+) >= slo:minimum_bad:events")


def in_prods_time(text: str, scale: int) -> str:
    """`text` with all times in seconds of production."""
    text = LASTS.sub("all of it lasts a while", text)
    text = EVENTS.sub(lambda found: f"* {int(found[1]) * scale} >= slo:minimum_bad:events", text)
    return scaled(text, scale)


def everywhere(content: Any, scale: int) -> Any:
    """The same content with `in_prods_time` in every text."""
    if isinstance(content, dict):
        return {key: everywhere(value, scale) for key, value in content.items()}
    if isinstance(content, list):
        return [everywhere(value, scale) for value in content]
    return in_prods_time(content, scale) if isinstance(content, str) else content


def interval(profile: str) -> int:
    return int(load(CONFIGURATIONS[profile])["global"]["scrape_interval"].removesuffix("s"))


def test_sixty_times_the_slo_rules_of_the_demonstration_are_those_of_production() -> None:
    demo, prod = (load(RULES / profile / "slo.yml") for profile in ("demo", "prod"))
    assert demo != prod
    assert everywhere(demo, TIME_SCALE) == everywhere(prod, 1)


@pytest.mark.parametrize(("profile", "scale"), [("demo", TIME_SCALE), ("prod", 1)])
def test_how_long_a_budget_lasts_is_what_the_tier_allows(profile: str, scale: int) -> None:
    said = [LASTS.search(rule["annotations"]["description"]) for rule in rules_of(profile) if "alert" in rule]
    found = [(int(one[1]), PEOPLES_UNITS[one[2]]) for one in said if one]
    assert len(found) == len(TIERS)
    for (number, unit), tier in zip(found, TIERS, strict=True):
        assert number <= 30 * 86400 / tier.factor / scale / unit < number + 1


def test_the_other_rules_are_the_same_in_both() -> None:
    """Queues, jobs and people take the same seconds in both; only the SLOs' time is another."""
    files = {path.name for path in (RULES / "prod").iterdir()} - {"slo.yml"}
    assert {path.name for path in (RULES / "demo").iterdir()} - {"slo.yml"} == files
    for name in files:
        demo, prod = ((RULES / profile / name).read_text() for profile in ("demo", "prod"))
        assert re.sub(r"\bdemo\b", "prod", demo) == prod


def test_the_configurations_differ_in_how_often_prometheus_looks_and_in_the_rules_alone() -> None:
    demo, prod = (load(CONFIGURATIONS[profile]) for profile in ("demo", "prod"))
    assert [demo.pop("rule_files"), prod.pop("rule_files")] == [["rules/demo/*.yml"], ["rules/prod/*.yml"]]
    settings = [one.pop("global") for one in (demo, prod)]
    assert {frozenset(one) for one in settings} == {
        frozenset({"scrape_interval", "scrape_timeout", "evaluation_interval"})
    }
    assert demo == prod


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_the_configuration_looks_as_often_as_the_rules_were_written_for(profile: Any) -> None:
    settings = load(CONFIGURATIONS[profile.name])["global"]
    assert settings["scrape_interval"] == settings["evaluation_interval"] == f"{profile.interval}s"


@pytest.mark.parametrize("profile", CONFIGURATIONS)
def test_every_range_is_at_least_four_scrapes_long(profile: str) -> None:
    for rule in rules_of(profile):
        assert all(found >= 4 * interval(profile) for found in ranges_of(rule["expr"])), rule["expr"]


def test_the_configuration_refuses_what_the_fastest_tier_can_never_reach() -> None:
    assert PAGE_FAST.factor == FASTEST_BURN == max(tier.factor for tier in TIERS)


@pytest.mark.parametrize("tier", TIERS, ids=lambda tier: tier.label)
def test_every_tier_can_be_reached_by_every_configured_objective(tier: Any) -> None:
    for pipeline in load_config(None).pipelines:
        assert all(tier.factor * (1 - slo.objective) < 1 for slo in pipeline.slos)
