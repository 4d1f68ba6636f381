"""The same checks by hand in pandas, all columns in memory; JSON by orjson."""

from datetime import timedelta
from importlib import import_module
from typing import Any

from benchmarks.checkers.run import Counts, run

pandas: Any = import_module("pandas")
orjson: Any = import_module("orjson")
EVENTS = ["view", "cart", "purchase"]
WEEK = 7


def is_json(text: str) -> bool:
    """Whether it can be parsed."""
    try:
        orjson.loads(text)
    except ValueError:
        return False
    return True


def flags(data: Any) -> Any:
    """For each row what is wrong with it, and its day."""
    payload = data["payload"]
    return pandas.DataFrame({
        "day": data["ts"].dt.normalize(),
        "rows": 1,
        "nulls": data["client_id"].isna(),
        "missing": data["referrer"].isna() | (data["referrer"].str.strip(" ") == ""),
        "json": [text is not None and not is_json(text) for text in payload],
        "range": data["amount"].notna() & ~data["amount"].between(0, 10000),
        "taxonomy": data["event"].notna() & ~data["event"].isin(EVENTS),
        "duplicates": data["event_id"].duplicated(),
        "revenue": data["amount"],
        "purchases": data["event"] == "purchase",
        "direct": data["referrer"] == "",
    })  # fmt: skip


def mix(devices: Any, day: Any, newest: Any) -> float:
    """How far a device's share of the rows moved most against the week before."""
    before = (day >= newest - timedelta(days=WEEK)) & (day < newest)
    now = devices[day == newest].value_counts(normalize=True)
    then = devices[before].value_counts(normalize=True)
    return float(now.sub(then, fill_value=0).abs().max())


def check(path: str) -> Counts:
    """All the checks."""
    data = pandas.read_parquet(path)
    of_rows = flags(data)
    days = of_rows.groupby("day").sum()
    days["conversion"] = days["purchases"] / days["rows"]
    today, before = days.iloc[-1], days.iloc[-1 - WEEK : -1]
    whole = ("nulls", "missing", "json", "range", "taxonomy", "duplicates", "rows")
    usual = ("rows", "revenue", "conversion")
    return {
        **{name: float(days[name].sum()) for name in whole},
        **{f"usual {name}": float(before[name].mean()) for name in usual},
        **{name: float(today[name]) for name in ("revenue", "conversion", "purchases", "direct")},
        "mix": mix(data["device"], of_rows["day"], days.index[-1]),
    }


if __name__ == "__main__":
    run(check)
