"""Stages: lights, queues, service."""

from grafana.queries.selectors import PIPELINE, STAGE, WINDOW, or_none, rate

EACH = "pipeline, stage"
POSITION = f'count_values by ({EACH}) ("position", max by ({EACH}) (pipeline_stage_position{{{PIPELINE}}}))'
SERVED = f"pipeline_stage_service_seconds_count{{{STAGE}}}"


def largest(gauge: str, matchers: str = STAGE) -> str:
    """A gauge by stage: of several exporters' lights and limits that of the worst."""
    return f"max by ({EACH}) ({gauge}{{{matchers}}})"


def total(gauge: str, matchers: str = STAGE) -> str:
    """Events by stage: those of several exporters together, as their rates are summed too."""
    return f"sum by ({EACH}) ({gauge}{{{matchers}}})"


def in_order(expr: str) -> str:
    """With the stage's place in its pipeline as the label `position`; a job has no stages."""
    placed = f"{expr}\n* on ({EACH}) group_left (position)\n{POSITION}"
    return or_none(placed, f"pipeline_stage_position{{{PIPELINE}}}", "stage", "no stages")


def lights() -> str:
    """0, 1, 2 by stage of all chosen pipelines, in order."""
    return in_order(largest("pipeline_stage_health", PIPELINE))


def light() -> str:
    """0, 1, 2 of the chosen stages."""
    return in_order(largest("pipeline_stage_health"))


def backlog() -> str:
    """Events waiting."""
    return total("pipeline_stage_queue_events")


def backlog_threshold(level: str) -> str:
    """Where the light changes, or the queue is full."""
    return total("pipeline_stage_queue_threshold_events", f'{STAGE}, level="{level}"')


def backlog_fill() -> str:
    """Backlog as a share of the queue's limit."""
    return f"{backlog()}\n/ {backlog_threshold('limit')}"


def finished() -> str:
    """Events a second that left the stage, handed to the next or given up."""
    return rate("pipeline_stage_events_total", EACH, f'{STAGE}, outcome!="dropped"')


def processed() -> str:
    """Events a second that the stage finished well."""
    return rate("pipeline_stage_events_total", EACH, f'{STAGE}, outcome="processed"')


def capacity() -> str:
    """Events a second that it could finish, faults included."""
    return total("pipeline_stage_capacity_events_per_second")


def nominal_capacity() -> str:
    """Events a second that it could finish if nothing were wrong."""
    return total("pipeline_stage_nominal_capacity_events_per_second")


def arrivals() -> str:
    """Events a second that came: those that left or were refused, and those that made the backlog grow."""
    gone = rate("pipeline_stage_events_total", EACH, STAGE)
    growth = f"sum by ({EACH}) (deriv(pipeline_stage_queue_events{{{STAGE}}}{WINDOW}))"
    return f"clamp_min({gone} + {growth}, 0)"


def attempts() -> str:
    """Attempts a second, repeated ones included."""
    return f"sum by ({EACH}) (rate({SERVED}{WINDOW}))"


def utilisation() -> str:
    """Attempts by capacity, both over the same time; a stage without capacity has none."""
    could = f"avg_over_time(pipeline_stage_capacity_events_per_second{{{STAGE}}}{WINDOW})"
    return f"{attempts()}\n/ (sum by ({EACH}) ({could}) > 0)"


def service_time() -> str:
    """Mean seconds of an attempt."""
    total = f"sum by ({EACH}) (rate(pipeline_stage_service_seconds_sum{{{STAGE}}}{WINDOW}))"
    return f"{total}\n/ ({attempts()} > 0)"


def service_threshold() -> str:
    """Mean seconds above which the stage is too slow."""
    return largest("pipeline_stage_service_threshold_seconds")


def service_times() -> str:
    """Attempts by how long they took."""
    return rate("pipeline_stage_service_seconds_bucket", "le", STAGE)


def waiting_time() -> str:
    """Mean seconds in the queue, by Little's law: backlog by throughput."""
    return f"{backlog()}\n/ ({finished()} > 0)"


def blocked() -> str:
    """1 while the next stage's full queue holds this one back."""
    return in_order(largest("pipeline_stage_blocked"))


def lost(outcome: str) -> str:
    """Events a second: failed after all retries, or dropped at the front door."""
    return rate("pipeline_stage_events_total", EACH, f'{STAGE}, outcome="{outcome}"')


def retries() -> str:
    """Attempts a second that failed and were made again."""
    return rate("pipeline_stage_retries_total", EACH, STAGE)


def error_share() -> str:
    """Attempts that fail, by all attempts."""
    return f"({retries()}\n+ {lost('failed')})\n/ ({attempts()} > 0)"


def error_threshold() -> str:
    """Share of failing attempts above which an alert fires."""
    return largest("pipeline_stage_error_threshold_ratio")
