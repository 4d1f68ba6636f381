"""Schema drift: each file's columns against those of the file before, and the data's against the declared."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from exporter.checks.binder import Binder
from exporter.checks.config import Dataset
from exporter.checks.expressions import quoted
from exporter.checks.judging import severity_of
from exporter.checks.outcome import Outcome
from exporter.checks.plan import Plan
from exporter.checks.scan import Facts
from exporter.checks.session import Session
from exporter.checks.sources import FILE, Source

ALIKE = 0.6
SHOWN = 3
Columns = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to the columns from one file to the next."""

    added: tuple[str, ...]
    gone: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    retyped: tuple[tuple[str, str, str], ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.gone or self.renamed or self.retyped)

    def words(self) -> str:
        """`renamed user_id to userId; added currency`."""
        parts = [f"renamed {old} to {new}" for old, new in self.renamed]
        parts += [f"added {', '.join(self.added)}"] if self.added else []
        parts += [f"gone {', '.join(self.gone)}"] if self.gone else []
        parts += [f"retyped {name} from {old} to {new}" for name, old, new in self.retyped]
        return "; ".join(parts)


def judge_schema(
    session: Session, dataset: Dataset, source: Source, binder: Binder, plan: Plan, facts: Facts
) -> Iterator[Outcome]:
    """An outcome for files whose columns aren't those of the file before, one for the declared columns."""
    check = dataset.checks.schema_
    if check.severity == "off":
        return
    ignored = {column.lower() for column in check.ignore}
    severity, rows = severity_of(check.severity), sum(facts.rows(day) for day in facts.judged)
    found, count = [], len(source.columns)
    if drifts := list(transitions(session, source, plan, facts, ignored)):
        words = "; ".join(f"{file}: {change.words()}" for _, file, change in reversed(drifts[-SHOWN:]))
        more = f"; and {len(drifts) - SHOWN} before" if len(drifts) > SHOWN else ""
        message, day = f"Schema drift in {words}{more}", drifts[-1][0]
        found.append(
            Outcome("schema", "files", 2, severity, message, words, None, None, facts.rows(day), day)
        )
    declared = against_declared(session, dataset, source, binder, ignored) if dataset.columns else None
    if declared:
        message, words = f"Schema is not as declared: {declared.words()}", declared.words()
        found.append(
            Outcome("schema", "declared", 2, severity, message, words, None, None, rows, facts.anchor)
        )
    yield from found or [
        Outcome("schema", "", 2, "PASS", f"{count} columns", count, None, None, rows, facts.anchor)
    ]


def transitions(
    session: Session, source: Source, plan: Plan, facts: Facts, ignored: set[str]
) -> Iterator[tuple[date, str, Change]]:
    """The files whose columns differ from those of the file before them, by day."""
    schemas = {file: kept(columns, ignored) for file, columns in source.schemas.items()}
    if len({tuple(sorted(columns.items())) for columns in schemas.values()}) < 2 or not facts.judged:
        return
    dated = session.run(
        f"SELECT {FILE}, min({plan.day}) AS first FROM {quoted(source.name)} GROUP BY {FILE} "
        f"HAVING first IS NOT NULL AND first <= DATE '{facts.judged[-1]}' ORDER BY first, {FILE}"
    )
    before: Columns | None = None
    for file, day in dated:
        now = schemas.get(file)
        if now is None:
            continue
        if before is not None and day >= facts.judged[0] and (change := compare(before, now)):
            yield day, file.rpartition("/")[2], change
        before = now


def kept(columns: Columns, ignored: set[str]) -> dict[str, str]:
    """Columns that are looked at."""
    return {name: kind for name, kind in columns.items() if name.lower() not in ignored}


def against_declared(
    session: Session, dataset: Dataset, source: Source, binder: Binder, ignored: set[str]
) -> Change | None:
    """The data's columns against the declared ones; columns that aren't declared are nobody's business."""
    types = session.run(
        "SELECT " + ", ".join(f"typeof(CAST(NULL AS {kind}))" for kind in dataset.columns.values())
    )[0]
    declared = kept(dict(zip(dataset.columns, types, strict=True)), ignored)
    lacking = {name for name in dataset.columns if name not in source.columns or name in source.lacking}
    there = {name: source.columns[binder.known[name.lower()]] for name in declared if name not in lacking}
    change = compare(declared, there)
    return change or None


def compare(before: Columns, now: Columns) -> Change:
    """What changed. One that is gone and one that was added were renamed, where they are alike."""
    gone = [name for name in before if name not in now]
    added = [name for name in now if name not in before]
    renamed = []
    for old in list(gone):
        new = likeliest(old, gone, added, before, now)
        if new is not None:
            renamed.append((old, new))
            gone.remove(old)
            added.remove(new)
    retyped = [
        (name, before[name], now[name]) for name in before if name in now and before[name] != now[name]
    ]
    return Change(tuple(added), tuple(gone), tuple(renamed), tuple(retyped))


def likeliest(
    old: str, gone: Sequence[str], added: Sequence[str], before: Columns, now: Columns
) -> str | None:
    """The added column that `old` has become: alike in name, or in its place with no other choice."""
    fitting = [new for new in added if before[old] == now[new]]
    best = max(fitting, key=lambda new: alike(old, new), default=None)
    if best is not None and alike(old, best) >= ALIKE:
        return best
    in_place = [new for new in fitting if list(now).index(new) == list(before).index(old)]
    return in_place[0] if in_place and len(gone) == len(added) == 1 and len(before) == len(now) else None


def alike(old: str, new: str) -> float:
    """How alike two names are, 1 for the same but for case and signs."""
    return SequenceMatcher(None, plain(old), plain(new)).ratio()


def plain(name: str) -> str:
    """`user_id` and `userId` are `userid`."""
    return "".join(sign for sign in name.lower() if sign.isalnum())
