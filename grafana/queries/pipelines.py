"""Pipelines: one light each, their traffic, what they deliver."""

from grafana.queries.selectors import EXPORTER, PIPELINE, increase, quantile, rate, short

# As many lights as fit.
WORST = 6
SIGNS = f"""
  pipeline_stage_health{{{PIPELINE}}}
  or (pipeline_run_consecutive_failures{{{PIPELINE}}} > bool 0)
  or 2 * ALERTS{{alertstate="firing", severity="critical", {PIPELINE}}}
  or ALERTS{{alertstate="firing", severity=~"high|medium", {PIPELINE}}}
""".rstrip()
# The checks of a dataset say the same by the same numbers.
CHECKED = 'pipeline_check_status{team=~"$team"}'
LATENCY = "pipeline_end_to_end_latency_seconds"
NOT_ALL_KNOWN = -1


def light() -> str:
    """0, 1, 2: the worst that its stages, its last run and its alerts say."""
    return f"max by (pipeline) ({SIGNS}\n)"


def worst_lights() -> str:
    """The lights of the worst pipelines, worst first."""
    return f"sort_desc({short(f'topk({WORST}, {light()})', 17)})"


def overall() -> str:
    """The worst light of all, the data's too; red or not, nobody knows while an exporter doesn't answer."""
    worst, down = f"max ({SIGNS}\n  or {CHECKED}\n)", f"0 * (min (up{EXPORTER}) == 0)"
    return f"{worst} == 2\nor {down} + {NOT_ALL_KNOWN}\nor {worst}"


def how_many(value: int) -> str:
    """Pipelines with this light."""
    return f"count ({light()} == {value}) or vector(0)"


def arrived() -> str:
    """Events a second at the pipeline's door."""
    return rate("pipeline_events_arrived_total", "pipeline", PIPELINE)


def delivered() -> str:
    """Events a second that came out at the other end."""
    return rate(f"{LATENCY}_count", "pipeline", PIPELINE)


def delivered_by_signal() -> str:
    """The same by kind of event."""
    return rate(f"{LATENCY}_count", "signal", PIPELINE)


def lost(outcome: str) -> str:
    """Events a second that are dropped at the door, or given up."""
    return rate("pipeline_stage_events_total", "pipeline", f'{PIPELINE}, outcome="{outcome}"')


def lost_shown() -> str:
    """Events lost in the time that is shown."""
    return increase("pipeline_stage_events_total", "outcome", f'{PIPELINE}, outcome!="processed"')


def latency(share: float) -> str:
    """Seconds from arrival to delivery within which this share was delivered."""
    return quantile(share, LATENCY, "pipeline", PIPELINE)


def latency_objective() -> str:
    """Seconds that the latency SLO allows."""
    return f"max by (pipeline, slo) (pipeline_slo_latency_threshold_seconds{{{PIPELINE}}})"


def regime() -> str:
    """Which traffic there is: 1 for the current regime."""
    return f"max by (pipeline, regime) (pipeline_traffic_regime{{{PIPELINE}}}) == 1"


def burst() -> str:
    """Traffic other than what there is most of the time."""
    usual = f"avg_over_time(pipeline_traffic_regime{{{PIPELINE}}}[30m]) > 0.5"
    return f"{regime()}\nunless on (pipeline, regime) {usual}"


def fault() -> str:
    """What the simulation injects just now."""
    return f"max by (pipeline, stage, fault) (pipeline_fault_active{{{PIPELINE}}}) == 1"


def reviewed() -> str:
    """Events sampled for a human in the time that is shown."""
    return increase("pipeline_review_events_total", "signal", PIPELINE)
