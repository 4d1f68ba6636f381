"""Whatever the order of delivery, and however often, the same is known of every alert at the end."""

from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.incidents.webhook import Alert
from tests.unit.incidents.notifications import T0, Book, alert

Known = dict[tuple[str, float], float | None]


@st.composite
def alerts(draw: st.DrawFn) -> Alert:
    """One of few alerts at one of few times, so that they meet."""
    fingerprint = draw(st.sampled_from(["a", "b", "c"]))
    starts = T0 + 100 * draw(st.integers(0, 3))
    ends = draw(st.sampled_from([None, starts + 30, starts + 130, starts + 500]))
    pipeline = {"a": "orders", "b": "orders", "c": ""}[fingerprint]
    return alert(f"Pipeline{fingerprint}", fingerprint, starts, ends, pipeline=pipeline)


notifications = st.lists(st.lists(alerts(), min_size=1, max_size=4), min_size=1, max_size=6)


def outcome(deliveries: list[list[Alert]]) -> tuple[Known, set[tuple[str, str | None]]]:
    """The end of each alert, and the places where something goes on."""
    book = Book()
    for number, delivery in enumerate(deliveries):
        book.now = T0 + number
        book.tell(*delivery)
    incidents = book.all()
    known = {(one.fingerprint, one.starts): one.ends for incident in incidents for one in incident.alerts}
    return known, {(one.team, one.pipeline) for one in incidents if one.ended is None}


def expected(deliveries: list[list[Alert]]) -> Known:
    """The same, said once more: the first end told, or else the next time that the alert fired."""
    told = [one for delivery in deliveries for one in delivery]
    known: Known = {}
    for one in told:
        same = [other for other in told if other.fingerprint == one.fingerprint]
        ends = [other.ends for other in same if other.starts == one.starts and other.ends is not None]
        later = [other.starts for other in same if other.starts > one.starts]
        known[one.fingerprint, one.starts] = min(ends or later, default=None)
    return known


@settings(max_examples=150, deadline=None)
@given(notifications, st.data())
def test_any_order_and_any_repetition_ends_in_the_same(
    deliveries: list[list[Alert]], data: st.DataObject
) -> None:
    repeated = deliveries + data.draw(st.lists(st.sampled_from(deliveries), max_size=4))
    shuffled = data.draw(st.permutations(repeated))
    assert outcome(deliveries) == outcome(shuffled)
    assert outcome(deliveries)[0] == expected(deliveries)


@settings(max_examples=100, deadline=None)
@given(notifications)
def test_an_incident_is_open_while_one_of_its_alerts_fires_and_covers_them_all(
    deliveries: list[list[Alert]],
) -> None:
    book = Book()
    for delivery in deliveries:
        book.tell(*delivery)
        for incident in book.all():
            ends = [one.ends for one in incident.alerts]
            assert (incident.ended is None) == (None in ends)
            assert incident.started == min(one.starts for one in incident.alerts)
            assert incident.ended is None or incident.ended >= max(end for end in ends if end is not None)
    opened = sum(book.state.incidents.opened.values())
    assert opened == len(book.all()) == max(int(one.id) for one in book.all())


@settings(max_examples=100, deadline=None)
@given(notifications)
def test_at_most_one_incident_is_open_in_a_place(deliveries: list[list[Alert]]) -> None:
    book = Book()
    for delivery in deliveries:
        book.tell(*delivery)
        places = [(one.team, one.pipeline) for one in book.incidents.newest(100, "open")]
        assert len(places) == len(set(places))
        assert sum(book.state.incidents.open.values()) == len(places)
