"""A measure by day, drawn: its line, what is usual, and the newest day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import isfinite
from xml.etree.ElementTree import Element

from exporter.checks.checking import Result
from exporter.checks.config import DriftCheck
from exporter.checks.html_parts import part
from exporter.checks.judging import number
from exporter.checks.outcome import Outcome
from exporter.checks.scan import ONE_DAY

WIDTH, HEIGHT, MARGIN = 320, 96, 6
# More would not be told apart.
MOST_DAYS = 90
# The newest day is seen, the others are only there for the pointer.
RADIUS = {"newest": "4", "day": "6"}
Days = Sequence[tuple[date, float]]


@dataclass(frozen=True, slots=True)
class Band:
    """What is usual: the mean of the days before from `first` on, and the limits around it."""

    first: date
    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Scale:
    """Days and values to places in the picture."""

    first: date
    days: int
    low: float
    high: float

    def x(self, day: date) -> float:
        """From the left."""
        return MARGIN + (day - self.first).days / max(self.days, 1) * (WIDTH - 2 * MARGIN)

    def y(self, value: float) -> float:
        """From the top."""
        unit = max(abs(self.low), abs(self.high)) or 1.0
        share = (value / unit - self.low / unit) / ((self.high / unit - self.low / unit) or 1)
        return HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN)


def chart(result: Result, name: str) -> Element:
    """A measure with its newest value in words and its picture."""
    values = result.measures[name]
    newest = max(values)
    days = [day for day in sorted(values) if newest - day < MOST_DAYS * ONE_DAY]
    known = [(day, value) for day in days if (value := values[day]) is not None and isfinite(value)]
    outcome = worst(result, name)
    band = usual(result, name, newest)
    now = values[newest]
    words = f"{'nothing' if now is None else number(now)} on {newest}"
    words += f", usually {number(band.mean)}" if band is not None else ""
    caption = part("figcaption", [part("strong", name), part("span", words)])
    kind = "" if outcome is None else outcome.severity.lower()
    drawn = (
        [picture(known, newest, band, f"{name} by day: {words}"), ends(known[0][0], newest)] if known else []
    )
    return part("figure", [caption, *drawn], **{"class": kind})


def ends(first: date, last: date) -> Element:
    """The days at the ends of the picture, below it."""
    return part("p", [part("span", str(day)) for day in (first, last)], **{"class": "ends"})


def worst(result: Result, name: str) -> Outcome | None:
    """The first of a measure's outcomes, which are worst first."""
    checks = ("drift", "total", "key_events")
    return next((o for o in result.outcomes if o.check in checks and o.subject.split(" #")[0] == name), None)


def usual(result: Result, name: str, newest: date) -> Band | None:
    """The band of a measure's first drift check that had a baseline."""
    means = [o.baseline for o in result.outcomes if o.check == "drift" and o.subject.split(" #")[0] == name]
    mean = next((one for one in means if isinstance(one, int | float)), None)
    drift = next((one for one in result.dataset.checks.drift if one.measure == name), None)
    return None if mean is None or drift is None else around(drift, mean, newest)


def around(drift: DriftCheck, mean: float, newest: date) -> Band:
    """The limits of a drift check."""
    low = None if drift.below is None else mean - abs(mean) * drift.below
    high = None if drift.above is None else mean + abs(mean) * drift.above
    return Band(newest - drift.days * ONE_DAY, mean, low, high)


def picture(known: Days, newest: date, band: Band | None, words: str) -> Element:
    """The picture; each day says its value to a pointer that rests on it."""
    scale = scaled(known, newest, band)
    shown = [axis(scale), *usual_parts(scale, band), part("path", d=line(scale, known), **{"class": "line"})]
    shown += [dot(scale, "newest", day, value) for day, value in known if day == newest]
    shown += [dot(scale, "day", day, value) for day, value in known]
    box = f"0 0 {WIDTH} {HEIGHT}"
    return part("svg", shown, **{"viewBox": box, "role": "img", "aria-label": words})


def axis(scale: Scale) -> Element:
    """Where nothing is."""
    ground = f"{scale.y(0):.1f}"
    return part("line", **{"class": "axis", "x1": "0", "x2": str(WIDTH), "y1": ground, "y2": ground})


def scaled(known: Days, newest: date, band: Band | None) -> Scale:
    """A scale up to the newest day, and from 0 unless values are below it."""
    values = [value for _, value in known]
    values += [one for one in (band.mean, band.low, band.high) if one is not None] if band is not None else []
    first = known[0][0]
    return Scale(first, (newest - first).days, min(0.0, *values), max(0.0, *values))


def usual_parts(scale: Scale, band: Band | None) -> Iterator[Element]:
    """The band between the limits, open where there is none, and the mean."""
    if band is None:
        return
    left, right = scale.x(max(band.first, scale.first)), WIDTH - MARGIN
    top = scale.y(scale.high if band.high is None else band.high)
    bottom = scale.y(scale.low if band.low is None else band.low)
    size = {"width": f"{right - left:.1f}", "height": f"{max(bottom - top, 1):.1f}"}
    yield part("rect", **{"class": "band", "x": f"{left:.1f}", "y": f"{top:.1f}"}, **size)
    middle = f"{scale.y(band.mean):.1f}"
    yield part(
        "line", **{"class": "mean", "x1": f"{left:.1f}", "x2": f"{right:.1f}", "y1": middle, "y2": middle}
    )


def line(scale: Scale, known: Days) -> str:
    """The line, broken where days are missing."""
    steps = []
    before: date | None = None
    for day, value in known:
        sign = "L" if before is not None and day - before == ONE_DAY else "M"
        steps.append(f"{sign}{scale.x(day):.1f} {scale.y(value):.1f}")
        before = day
    return " ".join(steps)


def dot(scale: Scale, kind: str, day: date, value: float) -> Element:
    """A day's place, with its words."""
    title = part("title", f"{day}: {number(value)}")
    place = {"cx": f"{scale.x(day):.1f}", "cy": f"{scale.y(value):.1f}", "r": RADIUS[kind]}
    return part("circle", [title], **{"class": kind}, **place)
