"""SLOs: error ratios over windows, the budget of the period, and burn alerts in four tiers.

Burn rate is the error ratio over the error budget: at 1 the budget lasts exactly the period. The factors come
from the chapter "Alerting on SLOs" of Google's Site Reliability Workbook.
"""

from collections.abc import Iterator
from typing import NamedTuple

from tools.rules.profile import Profile, seconds
from tools.rules.rule import Alert, Group, Recording

PERIOD = "30d"
STEP = "5m"
# The period's interval: the tiers read its coverage, and Prometheus forgets a sample after five minutes.
OFTEN = "2m"
HOLD = "2m"
BY = "team, pipeline, slo"
# Longer windows are summed from rates of one step: a counter's samples over days would be too many to read.
DIRECT = ("5m", "30m", "1h", "2h", "6h")
SUMMED = ("1d", "3d")
SLO_DASHBOARD = (
    "pipeline-slo?var-team={{ $labels.team }}&var-pipeline={{ $labels.pipeline }}&var-slo={{ $labels.slo }}"
)


class Tier(NamedTuple):
    """A burn alert: both windows must burn `factor` times too fast."""

    alert: str
    label: str
    severity: str
    long: str
    short: str
    factor: float
    wait: str


PAGE_FAST = Tier("PipelineSloPageFast", "page_fast", "critical", "1h", "5m", 14.4, "2m")
SLOW_TIERS = (
    Tier("PipelineSloPageSlow", "page_slow", "high", "6h", "30m", 6, "15m"),
    Tier("PipelineSloTicketFast", "ticket_fast", "medium", "1d", "2h", 3, "1h"),
    Tier("PipelineSloTicketSlow", "ticket_slow", "low", "3d", "6h", 1, "3h"),
)


def slo_groups(profile: Profile) -> list[Group]:
    """Fast windows at every evaluation, slow ones less often, the period least."""
    fast = [
        *objectives(),
        *errors(profile, "5m"),
        *errors(profile, "1h"),
        coverage(profile),
        burn_rate(profile),
    ]
    slow = [rule for window in ("30m", "2h", "6h", *SUMMED) for rule in errors(profile, window)]
    return [
        Group("slo-fast", [*fast, burn_alert(profile, PAGE_FAST)]),
        Group("slo-slow", [*slow, *(burn_alert(profile, tier) for tier in SLOW_TIERS)], profile.time("1m")),
        Group("slo-period", [*period(profile), spent(), no_data(profile)], profile.time(OFTEN)),
    ]


def objectives() -> list[Recording]:
    """What was promised, without the exporter that says so."""
    return [
        Recording("slo:objective:ratio", f"max by ({BY}) (pipeline_slo_objective_ratio)"),
        Recording("slo:error_budget:ratio", "1 - slo:objective:ratio"),
        Recording("slo:minimum_bad:events", f"max by ({BY}) (pipeline_slo_minimum_bad_events)"),
    ]


def errors(profile: Profile, window: str) -> Iterator[Recording]:
    """Bad events, all events, and the share of bad ones in a window; no events, no share."""
    name = profile.time(window)
    for kind, matcher in (("bad", '{result="bad"}'), ("total", "")):
        if window in DIRECT:
            expr = f"sum by ({BY}) (rate(pipeline_slo_events_total{matcher}[{name}]))"
        else:
            expr = f"{summed(profile, kind, window)} / {seconds(window) // seconds(STEP)}"
        yield Recording(f"slo:sli_{kind}:rate{name}", expr)
    yield Recording(
        f"slo:sli_error:ratio_rate{name}", f"slo:sli_bad:rate{name} / (slo:sli_total:rate{name} > 0)"
    )


def summed(profile: Profile, kind: str, window: str) -> str:
    """The sum of one step's rates, every step of a window."""
    step = profile.time(STEP)
    return f"sum_over_time(slo:sli_{kind}:rate{step}[{profile.time(window)}:{step}])"


def coverage(profile: Profile) -> Recording:
    """The share of the fastest tier's long window of which anything is known."""
    window, step = profile.time(PAGE_FAST.long), profile.time("1m")
    steps = seconds(window) // seconds(step)
    return Recording(
        f"slo:sli_coverage:ratio_{window}",
        f"count_over_time(slo:sli_total:rate{profile.time(STEP)}[{window}:{step}]) / {steps}",
    )


def burn_rate(profile: Profile) -> Recording:
    """How many times too fast the budget is spent just now."""
    return Recording(
        "slo:current_burn_rate:ratio",
        f"slo:sli_error:ratio_rate{profile.time('5m')} / slo:error_budget:ratio",
    )


def burn_alert(profile: Profile, tier: Tier) -> Alert:
    """A tier: both windows burn, enough events were bad, and a slow tier's window is covered.

    The fast tier does not wait for its window: what is not covered yet is taken to have gone well.
    """
    long, short = profile.time(tier.long), profile.time(tier.short)
    weight = f" * slo:sli_coverage:ratio_{long}" if tier is PAGE_FAST else ""
    parts = [
        f"(slo:sli_error:ratio_rate{long}{weight} / slo:error_budget:ratio > {tier.factor:g})",
        f"(slo:sli_error:ratio_rate{short} / slo:error_budget:ratio > {tier.factor:g})",
        f"(slo:sli_bad:rate{long} * {seconds(long)} >= slo:minimum_bad:events)",
    ]
    if tier is not PAGE_FAST:
        parts.append(f"(slo:period_coverage:ratio >= {seconds(tier.long) / seconds(PERIOD):.6g})")
    lasts = round(seconds(profile.time(PERIOD)) / tier.factor)
    return Alert(
        tier.alert,
        tier.severity,
        "\nand\n".join(parts),
        "{{ $labels.pipeline }}: {{ $labels.slo }} burns its budget {{ $value | humanize }} times too fast",
        f"""The {{{{ $labels.slo }}}} objective of {{{{ $labels.pipeline }}}} has been missed so often in
        the last {long}, and still is in the last {short}, that its budget is spent {{{{ $value | humanize
        }}}} times as fast as it may be; at {tier.factor:g} times, all of it lasts {duration(lasts)}. Users
        get late, failed or missing events.""",
        wait=profile.time(tier.wait),
        hold=profile.time(HOLD),
        labels={"burn_tier": tier.label, "long_window": long, "short_window": short},
        dashboard=SLO_DASHBOARD,
    )


def duration(lasts: int) -> str:
    """Seconds as people say them, rounded down to the largest unit."""
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if lasts >= 2 * size:
            return f"{lasts // size} {unit}"
    return f"{lasts} seconds"


def period(profile: Profile) -> list[Recording]:
    """The budget: each event weighs the same, and what is not covered yet is taken to have gone well."""
    steps = seconds(PERIOD) // seconds(STEP)
    step = profile.time(STEP)
    bad, total = summed(profile, "bad", PERIOD), summed(profile, "total", PERIOD)
    return [
        Recording(
            "slo:period_coverage:ratio",
            f"count_over_time(slo:sli_total:rate{step}[{profile.time(PERIOD)}:{step}]) / {steps}",
        ),
        Recording("slo:period_error:ratio", f"{bad}\n/\n({total} > 0)\nor\n0 * {total}"),
        Recording(
            "slo:period_error_budget_remaining:ratio",
            "1 - slo:period_coverage:ratio * slo:period_error:ratio / slo:error_budget:ratio",
        ),
    ]


def spent() -> Alert:
    """Nothing is left."""
    return Alert(
        "PipelineSloBudgetSpent",
        "medium",
        "slo:period_error_budget_remaining:ratio <= 0",
        "{{ $labels.pipeline }}: the error budget of {{ $labels.slo }} is spent",
        """{{ $labels.pipeline }} has used up the error budget of {{ $labels.slo }}: {{ $value |
        humanizePercentage }} of it is left. Until the period has moved on, every further bad event breaks
        the promise made to users: put reliability before change.""",
        dashboard=SLO_DASHBOARD,
    )


def no_data(profile: Profile) -> Alert:
    """An objective of which nobody knows whether it is met."""
    hour = profile.time("1h")
    return Alert(
        "PipelineSloNoData",
        "medium",
        f"""
        (slo:objective:ratio unless on ({BY}) slo:sli_total:rate{hour})
        or
        (
          slo:objective:ratio
          and on (pipeline)
          (sum by (pipeline) (rate(pipeline_events_arrived_total[{hour}])) == 0)
        )
        """,
        "{{ $labels.pipeline }}: nothing to judge {{ $labels.slo }} by",
        f"""Nothing has come to {{{{ $labels.pipeline }}}} for {hour}, or its counters are gone, so nobody
        knows whether {{{{ $labels.slo }}}} is met. Either what feeds it has stopped, and users get no
        events at all, or monitoring is broken.""",
        wait=profile.time("15m"),
        dashboard=SLO_DASHBOARD,
    )
