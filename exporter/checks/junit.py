"""The report as JUnit XML, which CI servers show as tests: a suite a dataset, a case a check."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from exporter.checks.checking import Result
from exporter.checks.outcome import TIERS, Outcome, Severity
from exporter.reports.document import Reasons


def junit(results: Sequence[Result], reasons: Reasons, fail_on: str) -> str:
    """All results; a dataset without one is an error. A case fails as the command does: when critical, or a
    warning with `fail_on` "warn".
    """
    failing: set[Severity] = {"CRITICAL", "WARN"} if fail_on == "warn" else {"CRITICAL"}
    root = Element("testsuites", name="pipeline-health check")
    for result in results:
        suite(root, result, failing)
    for dataset, reason in reasons.items():
        unread(root, dataset, readable(reason))
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=True)


def suite(root: Element, result: Result, failing: set[Severity]) -> None:
    """A dataset."""
    severities = [outcome.severity for outcome in result.outcomes]
    counts = {
        "tests": len(severities),
        "failures": sum(severity in failing for severity in severities),
        "skipped": severities.count("INFO"),
        "errors": 0,
    }
    numbers = {key: str(count) for key, count in counts.items()}
    found = SubElement(root, "testsuite", numbers, name=result.dataset.name, time=f"{result.seconds:.3f}")
    for outcome in result.outcomes:
        case(found, result, outcome, failing)


def unread(root: Element, dataset: str, reason: str) -> None:
    """A dataset that could not be judged."""
    found = SubElement(root, "testsuite", name=dataset, tests="1", failures="0", skipped="0", errors="1")
    only = SubElement(found, "testcase", name="readable", classname=dataset)
    SubElement(only, "error", message=reason).text = reason


def case(parent: Element, result: Result, outcome: Outcome, failing: set[Severity]) -> None:
    """A check: failed, without a verdict (skipped), or passed, perhaps with a warning as its output."""
    name = readable(f"{outcome.check} {outcome.subject}".strip())
    message = readable(outcome.message)
    place = f"{result.dataset.name}.{TIERS[outcome.tier].replace(' ', '_')}"
    found = SubElement(parent, "testcase", name=name, classname=place)
    if outcome.severity in failing:
        SubElement(found, "failure", type=outcome.severity, message=message).text = message
    elif outcome.severity == "INFO":
        SubElement(found, "skipped", message=message)
    elif outcome.severity == "WARN":
        SubElement(found, "system-out").text = f"WARN: {message}"


def readable(text: str) -> str:
    """Without the signs that XML can't have, which data may."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
