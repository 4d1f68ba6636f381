"""Who waits for a pipeline that fails, over others and as the parts of a whole."""

from exporter.runs.observation import Job
from exporter.state.jobs import JobStates
from exporter.state.waiting import causes_of_waiting, readers_of_wholes, whole_of

Readers = dict[str, set[str]]


def causes(failing: list[str], readers: Readers) -> dict[str, str]:
    return causes_of_waiting(failing, lambda pipeline: readers.get(pipeline, set()))


def known(**wholes: str | None) -> JobStates:
    """Jobs, each with what it is a part of."""
    jobs = JobStates()
    for name, whole in wholes.items():
        jobs.describe(Job(name, "", name, is_part=whole is not None, whole=whole))
    return jobs


def test_who_reads_of_a_reader_waits_too() -> None:
    assert causes(["load"], {"load": {"clean"}, "clean": {"report"}, "other": {"page"}}) == {
        "clean": "load",
        "report": "load",
    }


def test_each_waits_for_the_first_cause_alone_that_may_itself_wait() -> None:
    readers = {"load": {"clean"}, "clean": {"report"}, "prices": {"report", "page"}}
    assert causes(["load", "clean", "prices"], readers) == {
        "clean": "load",
        "report": "load",
        "page": "prices",
    }


def test_a_circle_has_an_end_and_nobody_waits_for_itself() -> None:
    circle = {"a": {"b"}, "b": {"c"}, "c": {"a"}}
    assert causes(["a"], circle) == {"b": "a", "c": "a"}


def test_what_the_parts_read_and_write_connects_the_wholes() -> None:
    jobs = known(dag=None, extract="dag", load="dag", mart=None, model="mart", test="model", page=None)
    edges = {"extract": {"load"}, "load": {"test"}, "model": {"page"}}
    readers = readers_of_wholes(jobs, lambda pipeline: edges.get(pipeline, set()))
    assert [readers(whole) for whole in ("dag", "mart", "page")] == [{"mart"}, {"page"}, set()]
    assert causes_of_waiting(["dag"], readers) == {"mart": "dag", "page": "dag"}


def test_parts_of_each_other_have_no_whole_but_an_end() -> None:
    jobs = known(a="b", b="a")
    assert whole_of(jobs, "a") == "b"
    assert whole_of(jobs, "stranger") == "stranger"
