"""The same checks by hand in polars, as lazy queries over the file; every count by day as ours."""

from datetime import date, timedelta
from importlib import import_module
from typing import Any

from benchmarks.checkers.run import Counts, run

pl: Any = import_module("polars")
EVENTS = ["view", "cart", "purchase"]
WEEK = 7


def daily(data: Any) -> Any:
    """Counts and measures of each day."""
    col = pl.col
    purchase = (col("event") == "purchase").sum()
    return data.group_by(day=col("ts").dt.date()).agg(
        rows=pl.len(),
        nulls=col("client_id").null_count(),
        missing=(col("referrer").is_null() | (col("referrer").str.strip_chars(" ") == "")).sum(),
        json=(col("payload").is_not_null() & col("payload").str.json_path_match("$").is_null()).sum(),
        range=(~col("amount").is_between(0, 10000)).sum(),
        taxonomy=(~col("event").is_in(EVENTS)).sum(),
        revenue=col("amount").sum(),
        purchases=purchase,
        conversion=purchase / pl.len(),
        direct=(col("referrer") == "").sum(),
    )


def repeated(data: Any) -> Any:
    """Repetitions of the key by the day of its newest row."""
    keys = data.group_by("event_id").agg(n=pl.len(), day=pl.col("ts").max().dt.date())
    return keys.filter(pl.col("n") > 1).group_by("day").agg(repeated=(pl.col("n") - 1).sum())


def mix(data: Any, newest: date) -> float:
    """How far a device's share of the rows moved most against the week before."""
    near = data.filter(pl.col("ts") >= newest - timedelta(days=WEEK))
    grouped = near.group_by(pl.col("ts").dt.date() == newest, "device").len().collect(engine="streaming")
    shares: dict[bool, dict[str, float]] = {}
    for is_newest, device, count in grouped.iter_rows():
        shares.setdefault(is_newest, {})[device] = count
    then, now = ({k: v / sum(s.values()) for k, v in s.items()} for s in (shares[False], shares[True]))
    return max(abs(now.get(name, 0) - then.get(name, 0)) for name in then | now)


def check(path: str) -> Counts:
    """All the checks."""
    data = pl.scan_parquet(path)
    days, keys = pl.collect_all([daily(data), repeated(data)], engine="streaming")
    newest = days["day"].max()
    days = days.sort("day")
    today, before = days.row(-1, named=True), days[-1 - WEEK : -1]
    sums = {name: days[name].sum() for name in ("nulls", "missing", "json", "range", "taxonomy", "rows")}
    return sums | {
        "duplicates": keys["repeated"].sum(),
        "usual rows": before["rows"].mean(),
        "usual revenue": before["revenue"].mean(),
        "usual conversion": before["conversion"].mean(),
        "mix": mix(data, newest),
        **{name: today[name] for name in ("revenue", "conversion", "purchases", "direct")},
    }


if __name__ == "__main__":
    run(check)
