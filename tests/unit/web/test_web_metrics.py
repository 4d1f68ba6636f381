"""/metrics: the format that the scraper asks for, whole and well-formed in each of them."""

import gzip
from collections.abc import Callable, Iterable

import pytest
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.parser import text_string_to_metric_families as parse_text

from exporter import names
from tests.unit.web.pipelines import Web

parse_openmetrics: Callable[[str], Iterable[Metric]] = text_string_to_metric_families

OPENMETRICS = "application/openmetrics-text"
TEXT = "text/plain"

PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
TEXT_FIRST = (
    "text/plain;version=0.0.4;q=0.5,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.4,"
    "*/*;q=0.2"
)


@pytest.fixture
def delivering(web: Web) -> Web:
    """A pipeline that has delivered events, with samples of them for review."""
    web.service.advance(300)
    return web


def media_type(web: Web, accept: str) -> str:
    answer = web.get("/metrics", Accept=accept)
    assert answer.status_code == 200
    return str(answer.headers["content-type"].partition(";")[0])


@pytest.mark.parametrize(
    "accept", ["", "*/*", "text/plain", "text/html", "text/plain;version=0.0.4", "nonsense"]
)
def test_whoever_does_not_ask_for_openmetrics_gets_text(web: Web, accept: str) -> None:
    assert media_type(web, accept) == TEXT


@pytest.mark.parametrize(
    "accept",
    [
        PROMETHEUS,
        OPENMETRICS,
        f"{OPENMETRICS};version=1.0.0",
        f"{OPENMETRICS}, */*",
        f"{TEXT};q=0.5, {OPENMETRICS}",
    ],
)
def test_whoever_prefers_openmetrics_gets_it(web: Web, accept: str) -> None:
    assert media_type(web, accept) == OPENMETRICS


@pytest.mark.parametrize(
    "accept",
    [
        f"{OPENMETRICS};q=0, {TEXT}",
        f"{OPENMETRICS};version=1.0.0;q=0.2, {TEXT};version=0.0.4;q=0.9",
        f"{TEXT};version=0.0.4;q=0.9, {OPENMETRICS};version=1.0.0;q=0.2",
        TEXT_FIRST,
    ],
)
def test_whoever_prefers_text_to_openmetrics_gets_text(web: Web, accept: str) -> None:
    assert media_type(web, accept) == TEXT


@pytest.mark.parametrize("version", ["abc", "1", "", "0.0.1", "99.0.0"])
def test_an_odd_version_is_no_error_and_not_claimed_in_the_answer(web: Web, version: str) -> None:
    answer = web.get("/metrics", Accept=f"{OPENMETRICS};version={version}")
    assert answer.status_code == 200
    assert "version=1.0.0" in answer.headers["content-type"] or TEXT in answer.headers["content-type"]


def test_openmetrics_ends_with_one_eof_and_text_has_none(delivering: Web) -> None:
    openmetrics = delivering.get("/metrics", Accept=OPENMETRICS).text
    assert openmetrics.endswith("\n# EOF\n")
    assert openmetrics.count("# EOF") == 1
    assert "# EOF" not in delivering.get("/metrics").text


def test_both_formats_hold_the_same_pipeline_samples(delivering: Web) -> None:
    text, openmetrics = (
        {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in parse(delivering.get("/metrics", Accept=accept).text)
            for sample in family.samples
            if family.name.startswith("pipeline_") and not family.name.startswith("pipeline_exporter_")
        }
        for parse, accept in ((parse_text, TEXT), (parse_openmetrics, OPENMETRICS))
    )
    assert text == openmetrics
    assert len(text) > 200


def test_exemplars_of_sampled_events_are_in_openmetrics_alone(delivering: Web) -> None:
    families = parse_openmetrics(delivering.get("/metrics", Accept=OPENMETRICS).text)
    exemplars = [sample.exemplar for family in families for sample in family.samples if sample.exemplar]
    kept = {event["id"]: event for event in delivering.get("/api/v1/review").json()}
    assert exemplars
    for exemplar in exemplars:
        event = kept[exemplar.labels["event_id"]]
        assert exemplar.value == event["latency_seconds"]
    assert " # {" not in delivering.get("/metrics").text


def test_no_family_is_described_twice(delivering: Web) -> None:
    lines = delivering.get("/metrics", Accept=OPENMETRICS).text.splitlines()
    described = [line.split()[2] for line in lines if line.startswith("# TYPE ")]
    assert len(described) == len(set(described))


@pytest.mark.parametrize(
    "encoding", ["gzip", "deflate, GZIP", "gzip;q=0.5, identity;q=0.1", "br, gzip;q=1.0"]
)
def test_gzip_is_used_for_whoever_takes_it(web: Web, encoding: str) -> None:
    answer = web.get("/metrics", Accept_Encoding=encoding)
    assert answer.headers["content-encoding"] == "gzip"
    assert "# HELP pipeline_info " in answer.text


@pytest.mark.parametrize("encoding", ["", "identity", "gzip;q=0", "gzip; q=0.0, identity", "br", "xgzip"])
def test_gzip_is_not_used_for_whoever_refuses_it(web: Web, encoding: str) -> None:
    answer = web.get("/metrics", Accept_Encoding=encoding)
    assert "content-encoding" not in answer.headers
    assert not answer.content.startswith(gzip.compress(b"")[:2])


def test_caches_are_told_what_the_answer_depends_on(web: Web) -> None:
    assert web.get("/metrics").headers["vary"] == "Accept, Accept-Encoding"


def test_a_scrape_is_measured_in_the_next_one(web: Web) -> None:
    size = len(web.get("/metrics").text)
    assert web.sample("pipeline_exporter_scrape_bytes") == size
    assert web.sample("pipeline_exporter_scrape_duration_seconds_count") == 2


def test_the_exporter_says_what_it_is(web: Web) -> None:
    assert web.sample("pipeline_exporter_build_info", version=web.service.version) == 1


def test_every_reason_for_a_refusal_is_there_from_the_start(web: Web) -> None:
    reasons = {
        sample.labels["reason"]
        for family in parse_text(web.get("/metrics").text)
        for sample in family.samples
        if sample.name == f"{names.EXPORTER_REJECTED}_total"
    }
    assert reasons == {
        *("bad_host", "foreign_origin", "not_json", "invalid", "too_large"),
        *("too_many_jobs", "too_many_of_team", "too_many_faults", "too_many_incidents", "too_many_listeners"),
        *("too_many_checks", "not_found", "bad_method", "not_kept", "not_read", "too_busy"),
        *("no_credentials", "bad_credentials", "forbidden", "bad_certificate"),
        *("too_many_attempts", "too_many_requests", "too_many_writes"),
        *("too_many_connections", "header_too_large", "too_slow"),
    }
