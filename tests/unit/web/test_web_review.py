"""The review list: newest first, bounded, and a human's verdict stays with its event."""

from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.unit.web.pipelines import EPOCH, Web, calm, error_of, web_of

EVENT_KEYS = {
    *("id", "pipeline", "signal", "delivered", "latency_seconds", "path", "verdict", "note", "reviewed"),
}


@pytest.fixture
def reviewed(web: Web) -> Web:
    """A pipeline with some hundred events sampled for review."""
    web.service.advance(1500)
    return web


def test_before_anything_was_sampled_the_list_is_empty(web: Web) -> None:
    assert web.get("/api/v1/review").json() == []


def test_events_are_listed_newest_first_up_to_the_limit(reviewed: Web) -> None:
    everything = reviewed.get("/api/v1/review").json()
    assert len(everything) == 200
    times = [event["delivered"] for event in everything]
    assert times == sorted(times, reverse=True)
    assert reviewed.get("/api/v1/review?limit=3").json() == everything[:3]


def test_an_event_tells_its_path_through_all_stages(reviewed: Web) -> None:
    for event in reviewed.get("/api/v1/review?limit=50").json():
        assert event.keys() == EVENT_KEYS
        assert [step["stage"] for step in event["path"]] == ["ingest", "normalize", "enrich", "store"]
        assert all(step["waited_seconds"] >= 1 for step in event["path"])
        assert sum(step["waited_seconds"] for step in event["path"]) == event["latency_seconds"]
        assert event["path"][-1]["left"] == event["delivered"]


def test_an_event_is_found_by_its_id_as_it_stands_in_the_list(reviewed: Web) -> None:
    for event in reviewed.get("/api/v1/review?limit=50").json():
        answer = reviewed.get(f"/api/v1/review/{event['id']}")
        assert (answer.status_code, answer.json()) == (200, event)


def test_an_event_of_any_pipeline_is_found_whatever_its_shape(tmp_path: Path) -> None:
    [first] = calm()["pipelines"]
    short = {**first, "name": "orders", "stages": first["stages"][:2]}
    web = web_of({**calm(), "pipelines": [first, short]}, tmp_path)
    web.service.advance(300)
    events = web.get("/api/v1/review").json()
    shapes = {(event["pipeline"], len(event["path"])) for event in events}
    assert shapes == {(first["name"], 4), ("orders", 2)}
    assert [web.get(f"/api/v1/review/{event['id']}").json() for event in events] == events


def test_about_one_delivered_event_in_a_hundred_is_sampled(reviewed: Web) -> None:
    signals = [signal["name"] for signal in reviewed.status()["pipelines"][0]["signals"]]
    sampled = sum(reviewed.sample("pipeline_review_events_total", signal=signal) for signal in signals)
    delivered = sum(signal["delivered"] for signal in reviewed.status()["pipelines"][0]["signals"])
    assert 0.007 < sampled / delivered < 0.013


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "", "1.5", "²", "9" * 5000])
def test_a_limit_out_of_bounds_is_400_naming_it(web: Web, limit: str) -> None:
    message = error_of(web.request("GET", "/api/v1/review", params={"limit": limit}), 400)
    assert message.startswith("limit: expected 1 to 200, got ")


@pytest.mark.parametrize("verdict", ["correct", "wrong", "unsure"])
def test_a_verdict_is_kept_with_its_note_and_time(reviewed: Web, verdict: str) -> None:
    [first, second] = reviewed.get("/api/v1/review?limit=2").json()
    reviewed.clock.seconds = EPOCH + 1600
    answer = reviewed.post(f"/api/v1/review/{first['id']}", {"verdict": verdict, "note": "looked twice"})
    judged = {**first, "verdict": verdict, "note": "looked twice", "reviewed": "2027-01-15T08:26:40.000Z"}
    assert (answer.status_code, answer.json()) == (200, judged)
    assert reviewed.get("/api/v1/review?limit=2").json() == [judged, second]
    assert reviewed.get(f"/api/v1/review/{first['id']}").json() == judged
    assert reviewed.status()["review"][0] == judged


def test_a_later_verdict_replaces_the_first_one(reviewed: Web) -> None:
    [event] = reviewed.get("/api/v1/review?limit=1").json()
    reviewed.post(f"/api/v1/review/{event['id']}", {"verdict": "wrong", "note": "a slip"})
    reviewed.post(f"/api/v1/review/{event['id']}", {"verdict": "correct"})
    [event] = reviewed.get("/api/v1/review?limit=1").json()
    assert (event["verdict"], event["note"]) == ("correct", "")


def test_a_verdict_goes_with_its_event_when_newer_ones_push_it_out(reviewed: Web) -> None:
    oldest = reviewed.get("/api/v1/review").json()[-1]
    reviewed.post(f"/api/v1/review/{oldest['id']}", {"verdict": "wrong"})
    reviewed.service.advance(1500)
    assert not [event for event in reviewed.get("/api/v1/review").json() if event["verdict"]]
    error_of(reviewed.get(f"/api/v1/review/{oldest['id']}"), 404)
    error_of(reviewed.post(f"/api/v1/review/{oldest['id']}", {"verdict": "wrong"}), 404)


@pytest.mark.parametrize("name", ["business-signals-0", "business-signals", "orders-1", "%00"])
def test_an_event_that_is_not_kept_is_404(reviewed: Web, name: str) -> None:
    asked = error_of(reviewed.get(f"/api/v1/review/{name}"), 404)
    assert asked == f"no event {unquote(name)!r} is kept for review"
    assert error_of(reviewed.post(f"/api/v1/review/{name}", {"verdict": "wrong"}), 404) == asked
    assert reviewed.refusals("not_found") == 2


def test_each_pipeline_keeps_as_many_events_as_it_was_told_to(tmp_path: Path) -> None:
    [first] = calm()["pipelines"]
    forgetful = {**first, "name": "orders", "review": {"keep": 5}}
    web = web_of({**calm(), "pipelines": [first, forgetful]}, tmp_path)

    def names() -> list[str]:
        events = web.get("/api/v1/review").json()
        return [event["id"] for event in events if event["pipeline"] == "orders"]

    web.service.advance(300)
    oldest = names()[-1]
    web.service.advance(300)
    assert len(names()) == 5
    assert oldest not in names()
    error_of(web.post(f"/api/v1/review/{oldest}", {"verdict": "wrong"}), 404)


def test_an_event_has_one_name(reviewed: Web) -> None:
    [event] = reviewed.get("/api/v1/review?limit=1").json()
    pipeline, _, sequence = event["id"].rpartition("-")
    error_of(reviewed.get(f"/api/v1/review/{pipeline}-0{sequence}"), 404)
    error_of(reviewed.post(f"/api/v1/review/{pipeline}-0{sequence}", {"verdict": "wrong"}), 404)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"verdict": "maybe"}, "body: verdict: expected 'correct', 'wrong' or 'unsure', got 'maybe'"),
        ({}, "body: verdict: expected a value, got nothing"),
        ({"verdict": "wrong", "note": 3}, "body: note: expected text, got 3"),
        ({"verdict": "wrong", "by": "me"}, "body: by: unknown key"),
    ],
)
def test_what_is_no_verdict_is_400_naming_the_key(reviewed: Web, content: object, message: str) -> None:
    [event] = reviewed.get("/api/v1/review?limit=1").json()
    assert error_of(reviewed.post(f"/api/v1/review/{event['id']}", content), 400) == message


def test_a_note_has_a_limit(reviewed: Web) -> None:
    [event] = reviewed.get("/api/v1/review?limit=1").json()
    judged = {"verdict": "wrong", "note": "x" * 1000}
    assert reviewed.post(f"/api/v1/review/{event['id']}", judged).status_code == 200
    judged["note"] += "x"
    assert error_of(reviewed.post(f"/api/v1/review/{event['id']}", judged), 400).startswith("body: note: ")
