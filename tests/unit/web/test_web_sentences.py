"""What is wrong, in a sentence: the stage where it starts, how bad it is, and what users notice."""

from pathlib import Path

import pytest

from tests.unit.web.pipelines import Json, Web, calm, web_of

ENRICH_IS_SLOW = {"at": 60, "for": 100, "stage": "enrich", "kind": "slowdown", "factor": 3}
STORE_STALLS = {"at": 60, "for": 300, "stage": "store", "kind": "stall"}


def sentence_at(tick: int, folder: Path, *faults: Json) -> str:
    return sentence(web_at(tick, folder, *faults))


def web_at(tick: int, folder: Path, *faults: Json) -> Web:
    web = web_of(calm(*faults), folder)
    web.service.advance(tick)
    return web


def sentence(web: Web) -> str:
    return str(web.status()["pipelines"][0]["sentence"])


def lost_events(web: Web, how: str) -> int:
    return sum(signal[how] for signal in web.status()["pipelines"][0]["signals"])


def test_before_the_first_tick_it_is_starting(tmp_path: Path) -> None:
    assert sentence_at(0, tmp_path) == "Starting."


def test_a_healthy_pipeline_says_how_fast_it_delivers(tmp_path: Path) -> None:
    assert sentence_at(60, tmp_path) == "All stages keep up; events arrive within 4 s"


def test_before_the_first_delivery_there_is_no_latency_to_tell(tmp_path: Path) -> None:
    assert sentence_at(3, tmp_path) == "All stages keep up; nothing was delivered lately"


def test_a_slower_stage_is_named_before_its_light_turns(tmp_path: Path) -> None:
    assert sentence_at(61, tmp_path, ENRICH_IS_SLOW) == (
        "enrich still keeps up, capacity down to 17 of 50 per second for 1 s"
    )


def test_a_stage_that_falls_behind_is_named_with_its_backlog(tmp_path: Path) -> None:
    web = web_at(64, tmp_path, ENRICH_IS_SLOW)
    backlog = web.status()["pipelines"][0]["stages"][2]["backlog"]
    assert sentence(web) == (
        f"enrich is falling behind: {backlog} events waiting, capacity down to 17 of 50 per second for 4 s"
    )


def test_a_stage_that_can_not_keep_up_says_what_users_notice(tmp_path: Path) -> None:
    web = web_at(100, tmp_path, ENRICH_IS_SLOW)
    backlog = web.status()["pipelines"][0]["stages"][2]["backlog"]
    assert sentence(web) == (
        f"enrich can't keep up: {backlog} events waiting, "
        "capacity down to 17 of 50 per second for 40 s; deliveries are late"
    )


def test_while_the_backlog_drains_the_capacity_is_no_longer_blamed(tmp_path: Path) -> None:
    web = web_at(85, tmp_path, {**ENRICH_IS_SLOW, "for": 20})
    backlog = web.status()["pipelines"][0]["stages"][2]["backlog"]
    assert sentence(web) == f"enrich can't keep up: {backlog} events waiting; deliveries are late"


def test_when_the_backlog_has_drained_lateness_is_a_thing_of_the_last_minute(tmp_path: Path) -> None:
    web = web_at(115, tmp_path, {**ENRICH_IS_SLOW, "for": 20})
    pipeline = web.status()["pipelines"][0]
    assert (pipeline["health"], pipeline["slos"][0]["passing"]) == ("healthy", False)
    assert sentence(web).startswith("All stages keep up again; events of the last minute took up to ")


def test_a_full_queue_behind_does_not_hide_the_stage_where_it_starts(tmp_path: Path) -> None:
    web = web_at(140, tmp_path, STORE_STALLS)
    stages = {stage["name"]: stage for stage in web.status()["pipelines"][0]["stages"]}
    assert (stages["enrich"]["health"], stages["enrich"]["blocked"]) == ("critical", True)
    assert sentence(web).startswith(
        "store stands still: 300 events waiting, capacity down to 0 of 60 per second"
    )


def test_a_stall_that_lasts_says_that_nothing_is_delivered(tmp_path: Path) -> None:
    assert sentence_at(150, tmp_path, STORE_STALLS).startswith(
        "store stands still: 300 events waiting, capacity down to 0 of 60 per second for 1 min 30 s; "
        "nothing is delivered; "
    )


@pytest.mark.parametrize("tick", [61, 62, 63, 64])
def test_a_stage_at_capacity_zero_is_never_said_to_keep_up(tmp_path: Path, tick: int) -> None:
    assert "keeps up" not in sentence_at(tick, tmp_path, {**STORE_STALLS, "stage": "ingest"})


def test_failed_events_are_counted_for_a_minute(tmp_path: Path) -> None:
    errors = {"at": 60, "for": 30, "stage": "normalize", "kind": "errors", "share": 0.5, "retries": 0}
    web = web_at(100, tmp_path, errors)
    failed = lost_events(web, "failed")
    assert failed > 300
    assert sentence(web).endswith(f"; {failed} events failed in the last minute")
    web.service.advance(60)
    assert "failed" not in sentence(web)


def test_events_turned_away_at_the_door_are_counted_for_a_minute(tmp_path: Path) -> None:
    web = web_at(100, tmp_path, {"at": 60, "for": 30, "stage": "ingest", "kind": "stall"})
    dropped = lost_events(web, "dropped")
    assert dropped > 300
    assert sentence(web).endswith(f"; {dropped} events were turned away in the last minute")
    web.service.advance(60)
    assert "turned away" not in sentence(web)
