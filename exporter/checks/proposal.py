"""A commented checks.yml for data that nobody has checked yet; it passes on that data."""

import glob
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from math import ceil
from pathlib import Path

from exporter.checks.checking import Asked, check_all
from exporter.checks.config import Dataset, Limits
from exporter.checks.files import DataError, common_format, find
from exporter.checks.load import checks_of
from exporter.checks.outcome import Outcome
from exporter.checks.profiling import CALENDAR, ColumnProfile, Profile, profile
from exporter.checks.session import opened
from exporter.checks.sources import open_source, prepare

MONEY = re.compile(r"amount|revenue|price|total|sales|value|cost|fare", re.IGNORECASE)
ORIGIN = re.compile(r"refer+er|utm_|source|campaign", re.IGNORECASE)
SALES = ("purchase", "order", "sale", "checkout", "buy", "payment")
PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./*=-]*")
WORDS = ("null", "true", "false", "yes", "no", "on", "off", "y", "n")
ROUNDS = 4
FEW, MOSTLY_THERE = 0.01, 0.15
# A handful of sales a day goes up and down by itself.
ENOUGH_SALES = "volume: purchases, min_volume: 50"
LIMITS = {"purchases": f"40%, {ENOUGH_SALES}", "conversion": f"30%, {ENOUGH_SALES}"}
Eased = Mapping[tuple[str, str], Outcome]


def propose(data: Sequence[str], table: str | None, now: datetime) -> str:
    """The text of a checks.yml. Raises DataError for data that can't be read or has no dates."""
    seen = look(data, table)
    if seen.date() is None:
        raise DataError(
            "expected a column with dates; write checks.yml by hand, with `date` as an expression"
        )
    eased: dict[tuple[str, str], Outcome] = {}
    for _ in range(ROUNDS):
        text = "\n".join(lines(seen, data, table, eased)) + "\n"
        [result] = check_all(checks_of(text, "checks.yml"), Asked(now))
        failed = {
            (one.check, one.subject): one for one in result.outcomes if one.severity in ("WARN", "CRITICAL")
        }
        if not failed:
            break
        eased |= failed
    return text


def look(data: Sequence[str], table: str | None) -> Profile:
    """The data's profile. Raises DataError."""
    dataset = Dataset(name="profiled", team="none", data=list(data), table=table, date="none")
    files = find(data, Path())
    with opened(Limits(), dataset.timezone) as session:
        prepare(session, common_format(dataset, files), files)
        session.lock(files)
        return profile(session, open_source(session, dataset, files))


def lines(seen: Profile, data: Sequence[str], table: str | None, eased: Eased) -> Iterator[str]:
    """The file, line by line."""
    shown = scalar(data[0]) if len(data) == 1 else json.dumps(list(data))
    yield f"# Proposed by `pipeline-health check --init` from {seen.rows} rows. Correct it, then:"
    yield "#   pipeline-health check checks.yml"
    yield "datasets:"
    yield f"  - name: {scalar(dataset_name(data[0]))}"
    yield "    team: data  # who is told when it fails"
    yield "    # owner: sales  # who owns the business side of it"
    yield f"    data: {shown}  # paths and globs, from this file's folder"
    if table is not None:
        yield f"    table: {scalar(table)}"
    yield f"    date: {scalar(seen.date() or '')}  # the day of a row; any SQL expression over its columns"
    if (key := key_of(seen, eased)) is not None:
        yield f"    key: {scalar(key)}  # no two rows have the same"
    else:
        yield "    # key: id  # no column tells rows apart: duplicates aren't looked for"
    found = measures(seen)
    if found:
        yield "    measures:  # numbers of a day: SQL aggregates"
        yield from (f"      {name}: {json.dumps(sql)}" for name, sql in found.items())
    yield "    checks:"
    yield from tier_1(found, eased)
    yield from tier_2(seen, eased)
    yield from tier_3(seen, found, eased)


def key_of(seen: Profile, eased: Eased) -> str | None:
    """The key, unless it repeats so often that it is none."""
    key = seen.key()
    repeats = eased.get(("duplicates", key or ""))
    return None if repeats is not None and share(repeats) > FEW else key


def tier_1(found: Mapping[str, str], eased: Eased) -> Iterator[str]:
    """Did the day arrive?"""
    yield "      # Tier 1, pipeline health: stops the job."
    words = "of the newest day; below: by more than 80% under the week before"
    yield from single("rows", "{at_least: 1, below: 80%}", words, eased)
    gap = eased.get(("freshness", "gaps"))
    note = f"  # {said(gap)}" if gap else "  # lag: 1d would ask the clock, too"
    yield f"      freshness: {{calendar: {'none' if gap else 'daily'}}}{note}"
    if "purchases" in found and ("key_events", "purchases") not in eased:
        yield "      key_events: [{measure: purchases, at_least: 1}]"


def tier_2(seen: Profile, eased: Eased) -> Iterator[str]:
    """Are the rows right in themselves?"""
    yield "      # Tier 2, integrity: warns; `severity: critical` stops the job."
    yield from whole(seen, eased)
    yield from nulls(seen, eased)
    yield from missing(seen, eased)
    yield from listed_checks("taxonomy", [f"{{column: {scalar(c.name)}, allowed: {json.dumps(c.values)}}}"
                                          for c in categories(seen)])  # fmt: skip
    documents = [column for column in seen.columns if column.json > 0.5]
    yield from listed_checks("json", [document(column, eased) for column in documents])
    positive = [c for c in seen.columns if c.number and not c.id_like and c.low is not None and c.low >= 0]
    positive = [column for column in positive if column.name.lower() not in CALENDAR]
    yield from listed_checks("range", [f"{{column: {scalar(c.name)}, low: 0}}" for c in positive
                                       if ("range", c.name) not in eased])  # fmt: skip


def whole(seen: Profile, eased: Eased) -> Iterator[str]:
    """Checks that are on by themselves, where what is usual doesn't fit."""
    for check in ("duplicates", "types", "dates", "schema"):
        failed = [one for (kind, _), one in eased.items() if kind == check]
        if not failed or (check == "duplicates" and key_of(seen, eased) is None):
            continue
        most = limit(max(share(one) for one in failed))
        usual = "severity: info" if check == "schema" else f"at_most: {most}"
        yield f"      {check}: {{{usual}}}  # {said(failed[0])}"


def missing(seen: Profile, eased: Eased) -> Iterator[str]:
    """Where visitors come from is often not known."""
    origins = [column for column in seen.columns if column.kind == "VARCHAR" and ORIGIN.search(column.name)]
    if origins:
        failed = [share(one) for (check, _), one in eased.items() if check == "missing"]
        most = max([0.8, *failed, *(column.blanks + column.nulls + 0.05 for column in origins)])
        yield f"      missing: [{{columns: {listed(origins)}, at_most: {limit(most, 1)}}}]  # null or blank"


def document(column: ColumnProfile, eased: Eased) -> str:
    """A check of JSON."""
    failed = eased.get(("json", column.name))
    most = limit(share(failed)) if failed else "1%"
    return f"{{columns: {scalar(column.name)}, at_most: {most}}}"


def nulls(seen: Profile, eased: Eased) -> Iterator[str]:
    """Columns that are mostly there share a limit; the others have their own."""
    usual = [c for c in seen.columns if c.nulls <= MOSTLY_THERE and ("nulls", c.name) not in eased]
    entries = [f"{{columns: {listed(usual)}, at_most: 20%}}"] if usual else []
    for column in seen.columns:
        if column not in usual:
            failed = eased.get(("nulls", column.name))
            most = limit(share(failed)) if failed else limit(column.nulls + 0.05, 1)
            entries.append(f"{{columns: {scalar(column.name)}, at_most: {most}}}")
    yield from listed_checks("nulls", entries)


def tier_3(seen: Profile, found: Mapping[str, str], eased: Eased) -> Iterator[str]:
    """Does the business behave as it did?"""
    yield "      # Tier 3, business drift: the newest day against the week before; below: by more under it."
    drifts, notes = [], []
    for name in found:
        failed = eased.get(("drift", name))
        if failed:
            notes.append(f"        # {name} is left out: {said(failed)}")
        else:
            drifts.append(f"{{measure: {name}, below: {LIMITS.get(name, '40%')}}}")
    yield from listed_checks("drift", drifts)
    yield from notes
    mixes = [column for column in categories(seen)[:2] if ("mix", column.name) not in eased]
    yield from listed_checks("mix", [f"{{column: {scalar(column.name)}}}" for column in mixes])


def single(check: str, usual: str, words: str, eased: Eased) -> Iterator[str]:
    """A check that there is one of: as usual, or without consequences where it fails already."""
    failed = eased.get((check, ""))
    yield f"      {check}: {'{severity: info}' if failed else usual}  # {said(failed) if failed else words}"


def listed_checks(check: str, entries: Sequence[str]) -> Iterator[str]:
    """A check that there can be many of."""
    if entries:
        yield f"      {check}:"
        yield from (f"        - {entry}" for entry in entries)


def measures(seen: Profile) -> dict[str, str]:
    """Sums of what looks like money, else means of numbers; sales and conversion where there are events."""
    numbers = [c for c in seen.columns if c.number and not c.id_like and c.name.lower() not in CALENDAR]
    money = [column for column in numbers if MONEY.search(column.name)][:3]
    found = {f"{identifier(c.name)}_sum": f"sum({quoted_name(c.name)})" for c in money}
    if not money:
        found = {f"{identifier(c.name)}_mean": f"avg({quoted_name(c.name)})" for c in numbers[:2]}
    for column in categories(seen):
        sale = next((value for value in column.values if value.lower() in SALES), None)
        if sale is not None:
            of_sales = f"count(*) FILTER (WHERE {quoted_name(column.name)} = '{sale}')"
            return found | {"purchases": of_sales, "conversion": f"{of_sales} / count(*)"}
    return found


def categories(seen: Profile) -> list[ColumnProfile]:
    """Columns with few values."""
    return [c for c in seen.columns if c.values and not c.id_like and c.json == 0 and c.blanks == 0]


def share(outcome: Outcome | None) -> float:
    """What was observed, as a share."""
    return outcome.observed if outcome is not None and isinstance(outcome.observed, float) else 1.0


def said(outcome: Outcome) -> str:
    """A message as a comment."""
    return " ".join(outcome.message.split())


def limit(observed: float, room: float = 1.25) -> str:
    """A limit above what was observed, in whole percent."""
    return f"{min(100, ceil(observed * room * 100 + 1e-9))}%"


def listed(columns: Sequence[ColumnProfile]) -> str:
    """Names as a YAML list."""
    return "[" + ", ".join(scalar(column.name) for column in columns) + "]"


def scalar(text: str) -> str:
    """Text as YAML has it."""
    return text if PLAIN.fullmatch(text) and text.lower() not in WORDS else json.dumps(text)


def identifier(name: str) -> str:
    """A name that a measure can have."""
    return re.sub(r"\W", "_", name)[:40].strip("_") or "number"


def quoted_name(name: str) -> str:
    """A column in an expression."""
    return '"' + name.replace('"', '""') + '"'


def dataset_name(path: str) -> str:
    """A dataset's name by its file's."""
    parts = [part.partition(".")[0] for part in reversed(Path(path).parts) if not glob.has_magic(part)]
    stem = next(iter(parts), "")
    return re.sub(r"[^A-Za-z0-9_.:-]", "_", stem).strip("_.:-")[:100] or "dataset"
