"""The report as a web page that needs nothing but itself: no script, no network."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from xml.etree.ElementTree import Element, tostring

from exporter.checks.checking import Result
from exporter.checks.html_chart import chart
from exporter.checks.html_parts import part
from exporter.checks.judging import number, percent
from exporter.checks.outcome import SEVERITIES, TIERS, Outcome, Severity, Status, Tier, Value, status
from exporter.reports.document import NO_REASONS, Reasons

STYLE = Path(__file__).with_name("report.css")
# The browser itself sees to it that nothing is fetched and nothing runs.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
# What these say is no share of rows.
PLAIN = ("rows", "key_events", "total", "freshness", "schema", "drift")
WORDS: dict[Severity | Status, str] = {
    "CRITICAL": "critical", "WARN": "warning", "INFO": "no verdict", "PASS": "pass", "FAIL": "failed",
}  # fmt: skip
PLURALS: dict[Severity, str] = {
    "CRITICAL": "critical", "WARN": "warnings", "INFO": "without a verdict", "PASS": "pass",
}  # fmt: skip
HEADINGS = ("Verdict", "Check", "Observed", "Limit", "Usual", "Rows", "Day")


def html(results: Sequence[Result], now: datetime, reasons: Reasons = NO_REASONS) -> str:
    """All results as a page, with why datasets have none; `now` is when they were judged."""
    title = f"Data checks: {verdict([one for result in results for one in result.outcomes], reasons)}"
    head = part("head", [
        part("meta", charset="utf-8"),
        part("meta", **{"http-equiv": "Content-Security-Policy", "content": POLICY}),
        part("meta", name="viewport", content="width=device-width, initial-scale=1"),
        part("title", title),
        part("style", STYLE.read_text(encoding="utf-8").replace("\n", " ")),
    ])  # fmt: skip
    sections = [section(result, f"dataset-{index}") for index, result in enumerate(results)]
    body = part("body", [header(results, reasons, now), part("main", [*unreadable(reasons), *sections])])
    page = tostring(part("html", [head, body], lang="en"), encoding="unicode", method="html")
    return f"<!doctype html>\n{page}\n"


def verdict(outcomes: Sequence[Outcome], reasons: Reasons) -> str:
    """`1 unreadable, 1 critical, 5 warnings, 12 pass`."""
    counts = {severity: sum(one.severity == severity for one in outcomes) for severity in SEVERITIES}
    said = [f"{len(reasons)} unreadable"] if reasons else []
    said += [
        f"{count} {WORDS[severity] if count == 1 else PLURALS[severity]}"
        for severity, count in counts.items()
        if count
    ]
    return ", ".join(said) or "nothing to check"


def header(results: Sequence[Result], reasons: Reasons, now: datetime) -> Element:
    """What a reader sees first: the worst, how much of it, and where, if there are several datasets."""
    outcomes = [one for result in results for one in result.outcomes]
    judged_at = part("p", f"Judged {now:%Y-%m-%d %H:%M} UTC", **{"class": "quiet"})
    top = [
        light("FAIL" if reasons else status(outcomes)),
        part("h1", "Data checks"),
        part("p", verdict(outcomes, reasons)),
        judged_at,
    ]
    contents = [
        part("li", [unread(), part("a", dataset, href=f"#unreadable-{index}")])
        for index, dataset in enumerate(reasons)
    ]
    contents += [
        part("li", [light(result.status), part("a", result.dataset.name, href=f"#dataset-{index}")])
        for index, result in enumerate(results)
    ]
    listed = [part("nav", [part("ul", contents)])] if len(results) + len(reasons) > 1 else []
    return part("header", [part("div", top, **{"class": "top"}), *listed])


def unreadable(reasons: Reasons) -> Iterator[Element]:
    """Datasets that could not be judged."""
    for index, (dataset, reason) in enumerate(reasons.items()):
        top = [unread(), part("h2", dataset), part("p", reason.removeprefix(f"{dataset}: "))]
        yield part("section", [part("div", top, **{"class": "top"})], id=f"unreadable-{index}")


def unread() -> Element:
    """Instead of a verdict."""
    return part("span", "unreadable", **{"class": "light fail"})


def section(result: Result, anchor: str) -> Element:
    """A dataset: what is wrong, its measures by day, every check."""
    wrong = [one for one in result.outcomes if one.severity != "PASS"]
    charts = [part("li", [chart(result, name)]) for name in result.measures]
    return part("section", [
        heading(result),
        part("ul", [tier_of(result, tier) for tier in TIERS], **{"class": "tiers"}),
        *titled("What it found", part("ul", map(finding, wrong), **{"class": "findings"}), wrong),
        *titled("Measures by day", part("ul", charts, **{"class": "charts"}), charts),
        *titled("Every check", table(result.outcomes), result.outcomes),
    ], id=anchor)  # fmt: skip


def heading(result: Result) -> Element:
    """Whose data it is, and which."""
    dataset = result.dataset
    owner = f", owned by {dataset.owner}" if dataset.owner else ""
    day = "no day" if result.date is None else f"newest day {result.date}"
    words = f"Team {dataset.team}{owner}; {day}; {result.rows:,} rows looked at in {result.seconds:.2f} s"
    return part("div", [light(result.status), part("h2", dataset.name), part("p", words)], **{"class": "top"})


def titled(title: str, content: Element, there: Sequence[object]) -> Iterator[Element]:
    """Content below its title, if there is any."""
    if there:
        yield part("h3", title)
        yield content


def tier_of(result: Result, tier: Tier) -> Element:
    """How much of a tier passed."""
    outcomes = [one for one in result.outcomes if one.tier == tier]
    passed = sum(one.severity == "PASS" for one in outcomes)
    words = f"{passed} of {len(outcomes)} pass" if outcomes else "nothing to check"
    return part(
        "li",
        [part("span", f"Tier {tier}, {TIERS[tier]}"), part("strong", words)],
        **{"class": status(outcomes).lower()},
    )


def light(kind: Severity | Status) -> Element:
    """A verdict in a word and its colour."""
    return part("span", WORDS[kind], **{"class": f"light {kind.lower()}"})


def finding(outcome: Outcome) -> Element:
    """What did not pass, in a sentence, with what it is about."""
    facts = [f"Tier {outcome.tier}, {outcome.check}"]
    facts += [f"limit {value(outcome, outcome.expected)}"] if outcome.expected is not None else []
    facts += [f"usual {value(outcome, outcome.baseline)}"] if outcome.baseline is not None else []
    facts += [f"{outcome.rows_examined:,} rows examined"] if outcome.rows_examined else []
    words = [part("p", outcome.message), part("p", " · ".join(facts), **{"class": "quiet"})]
    return part("li", [light(outcome.severity), part("div", words)])


def table(outcomes: Sequence[Outcome]) -> Element:
    """Every check, worst first."""
    head = part("thead", [part("tr", [part("th", heading, scope="col") for heading in HEADINGS])])
    return part("table", [head, part("tbody", map(row, outcomes))])


def row(outcome: Outcome) -> Element:
    """A check's line; on a narrow screen each cell says what it is."""
    name = f"{outcome.check} {outcome.subject}".strip()
    cells: list[str | list[Element]] = [
        [light(outcome.severity)],
        name,
        value(outcome, outcome.observed),
        value(outcome, outcome.expected),
        value(outcome, outcome.baseline),
        f"{outcome.rows_examined:,}" if outcome.rows_examined else "",
        str(outcome.date or ""),
    ]
    named = zip(cells, HEADINGS, strict=True)
    return part("tr", [part("td", cell, **{"data-of": heading}) for cell, heading in named])


def value(outcome: Outcome, seen: Value | date) -> str:
    """A value in its check's unit."""
    written: Callable[[float], str] = number if outcome.check in PLAIN else percent
    if isinstance(seen, int | float):
        return written(seen)
    return "" if seen is None else str(seen)
