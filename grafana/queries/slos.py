"""SLOs: burn rates, budgets, and what is known of them.

Recorded series bear their windows in their names, and the demo profile has shorter ones: queries ask for
both.
"""

from grafana.queries.selectors import SLO, WINDOW, or_none
from tools.rules.profile import PROFILES, seconds
from tools.rules.slo import PAGE_FAST, PERIOD, Tier

EACH = "team, pipeline, slo"
NOT_JUDGED, NOT_COVERED = -2, -1
# What an SLO's verdict says.
MET, MISSED, SPENT = range(3)


def of_slo(series: str) -> str:
    """A recorded series without its name, to be joined with others."""
    return f"max by ({EACH}) ({series}{{{SLO}}})"


BUDGET = of_slo("slo:error_budget:ratio")
OBJECTIVE = of_slo("slo:objective:ratio")
REMAINING = of_slo("slo:period_error_budget_remaining:ratio")
COVERAGE = of_slo("slo:period_coverage:ratio")
BURNING = of_slo("slo:current_burn_rate:ratio")


def either(name: str, window: str) -> str:
    """A recorded series of a window of production, in whichever profile it is there."""
    return " or ".join(f"{name}{profile.time(window)}{{{SLO}}}" for profile in PROFILES)


def error_share(window: str) -> str:
    """Bad events by all in a window."""
    return f"({either('slo:sli_error:ratio_rate', window)})"


def burn(window: str) -> str:
    """How many times too fast the budget was spent in a window."""
    return f"{error_share(window)} / {BUDGET}"


def or_no_slo(expr: str) -> str:
    """A job has no SLOs."""
    return or_none(expr, f"slo:objective:ratio{{{SLO}}}", "slo", "no SLOs")


def burning() -> str:
    """How many times too fast the budget is being spent."""
    return BURNING


def long_burn(tier: Tier) -> str:
    """The same in a tier's long window; the fastest takes what it does not know yet to have gone well."""
    if tier is not PAGE_FAST:
        return burn(tier.long)
    return f"{error_share(tier.long)} * ({either('slo:sli_coverage:ratio_', tier.long)}) / {BUDGET}"


def tier_burn(tier: Tier) -> str:
    """What a tier judges: the slower of its two windows, or why it does not judge."""
    both = f"({long_burn(tier)} < {burn(tier.short)})\nor ({burn(tier.short)} and {long_burn(tier)})"
    known = f"{COVERAGE} >= {0 if tier is PAGE_FAST else seconds(tier.long) / seconds(PERIOD):.6g}"
    each = f"0 * {OBJECTIVE}"
    judged = f"({both})\nand {known}"
    return or_no_slo(f"({judged})\nor ({each} + {NOT_JUDGED} and {known})\nor {each} + {NOT_COVERED}")


def from_factor(tier: Tier) -> str:
    """The factor from which on a tier tells somebody, where there is an SLO."""
    return f"{tier.factor:g} * max({OBJECTIVE}) ^ 0"


def objective() -> str:
    """What was promised."""
    return OBJECTIVE


def achieved() -> str:
    """Good events by all, over what is known of the period."""
    return f"1 - {of_slo('slo:period_error:ratio')}"


def remaining() -> str:
    """Share of the period's budget that is left; below 0 the promise is broken."""
    return REMAINING


def coverage() -> str:
    """Share of the period of which anything is known."""
    return COVERAGE


def verdict() -> str:
    """Spent; missed, when the budget burns too fast just now; met, when anything was valid in the hour."""
    listed = (
        f"0 * ({REMAINING} <= 0) + {SPENT}",
        f"0 * ({BURNING} > 1) + {MISSED}",
        f"0 * {error_share(PAGE_FAST.long)} + {MET}",
        f"0 * {OBJECTIVE} + {NOT_JUDGED}",
    )
    return or_no_slo("\nor ".join(listed))


def period() -> str:
    """The period's length in seconds."""
    return " or ".join(
        f'(max(slo_profile_info{{profile="{profile.name}"}}) * {seconds(profile.time(PERIOD))})'
        for profile in PROFILES
    )


def spent_in() -> str:
    """Seconds until nothing is left, if it goes on as in the fastest tier's long window."""
    pace = f"({burn(PAGE_FAST.long)} > 0)"
    return f"clamp_min({REMAINING}, 0) / {pace} * on () group_left () ({period()})"


def events(result: str) -> str:
    """Valid events a second, good or bad."""
    return f'sum by (pipeline, slo) (rate(pipeline_slo_events_total{{{SLO}, result="{result}"}}{WINDOW}))'


def time_scale() -> str:
    """How many times shorter the SLOs' windows are than in production."""
    scaled = (f'{profile.time_scale} * slo_profile_info{{profile="{profile.name}"}}' for profile in PROFILES)
    return f"max({' or '.join(scaled)})"
