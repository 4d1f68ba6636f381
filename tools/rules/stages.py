"""Stages: alerts on causes, so that nobody waits for a budget to burn while events are lost.

Queues fill and drain in the same seconds in both profiles, so these rules are the same in both.
"""

from tools.rules.rule import OWNED, Alert, Group

MINUTE = "[1m]"
# Blocked by the next one's full queue: its backlog, and what is left of it afterwards, is not its own doing.
UNLESS_HELD_BACK = (
    "unless on (job, instance, pipeline, stage) (max_over_time(pipeline_stage_blocked[2m]) == 1)"
)
UNLESS_HELD_BACK_LATELY = UNLESS_HELD_BACK.replace("[2m]", "[5m]")
FAILED = f'sum without (signal, outcome) (rate(pipeline_stage_events_total{{outcome="failed"}}{MINUTE}))'
FINISHED = f'sum without (signal, outcome) (rate(pipeline_stage_events_total{{outcome!="dropped"}}{MINUTE}))'
DROPPED = f'sum without (signal, outcome) (rate(pipeline_stage_events_total{{outcome="dropped"}}{MINUTE}))'
RETRIED = f"sum without (signal) (rate(pipeline_stage_retries_total{MINUTE}))"
ATTEMPTS = f"rate(pipeline_stage_service_seconds_count{MINUTE})"
SERVICE_MEAN = f"rate(pipeline_stage_service_seconds_sum{MINUTE}) / ({ATTEMPTS} > 0)"
WHERE = "{{ $labels.pipeline }}: stage {{ $labels.stage }}"
# What comes and goes is one incident, not many.
HOLD = "1m"


def stage_groups() -> list[Group]:
    """One group: all of it is about one moment."""
    return [Group("stages", [degraded(), critical(), blocked(), stalled(), *losses(), errors(), slow()])]


def degraded() -> Alert:
    """Orange or worse for long, of its own making."""
    return Alert(
        "PipelineStageDegraded",
        "medium",
        f"""
        (
          pipeline_stage_queue_events
          and (quantile_over_time(0.5, pipeline_stage_health[5m]) >= 1)
          and (quantile_over_time(0.5, pipeline_stage_health{MINUTE}) >= 1)
        )
          {OWNED}
        {UNLESS_HELD_BACK_LATELY}
        """,
        f"{WHERE} is degraded",
        """Stage {{ $labels.stage }} of {{ $labels.pipeline }} has been orange or worse for most of the
        last five minutes; {{ $value }} events are waiting in front of it. Deliveries are slower than
        usual; nothing is lost yet.""",
        wait="2m",
        hold=HOLD,
    )


def critical() -> Alert:
    """Red, of its own making."""
    return Alert(
        "PipelineStageCritical",
        "high",
        f"""
        (pipeline_stage_queue_events and (min_over_time(pipeline_stage_health{MINUTE}) == 2))
          {OWNED}
        {UNLESS_HELD_BACK}
        """,
        f"{WHERE} is critical",
        """Stage {{ $labels.stage }} of {{ $labels.pipeline }} has been red throughout the last
        minute: {{ $value }} events are waiting in front of it, and all that is behind it is delivered
        late. When its queue is full, it holds back the stages before it, until events are dropped at the
        front door.""",
        # Bursts turn a stage red for seconds, but never at every scrape of a minute.
        wait="15s",
        hold=HOLD,
    )


def blocked() -> Alert:
    """Held back by the stage after it."""
    return Alert(
        "PipelineStageBlocked",
        "medium",
        f"""
        (pipeline_stage_queue_events and (avg_over_time(pipeline_stage_blocked{MINUTE}) > 0.5))
          {OWNED}
        """,
        f"{WHERE} is held back",
        """The full queue of the stage after it has held back {{ $labels.stage }} of {{ $labels.pipeline
        }} for most of the last minute; {{ $value }} events are waiting in front of it. The cause lies
        further on.""",
        wait="1m",
        hold=HOLD,
    )


def stalled() -> Alert:
    """Work is there, and none is done; three scrapes ago something must have been known already."""
    return Alert(
        "PipelineStageStalled",
        "critical",
        f"""
        (
          (min_over_time(pipeline_stage_queue_events{MINUTE}) > 0)
          and ({FINISHED} == 0)
          and (pipeline_stage_queue_events offset 45s >= 0)
        )
          {OWNED}
        {UNLESS_HELD_BACK}
        """,
        f"{WHERE} has stopped",
        """Stage {{ $labels.stage }} of {{ $labels.pipeline }} has finished nothing for a minute while at
        least {{ $value }} events were waiting. Nothing is delivered until it runs again.""",
        hold=HOLD,
    )


def losses() -> list[Alert]:
    """Events that nobody will get."""
    return [
        Alert(
            "PipelineEventsDropped",
            "critical",
            f"({DROPPED} > 0)\n  {OWNED}",
            "{{ $labels.pipeline }} drops events",
            """{{ $labels.pipeline }} is full up to its front door, stage {{ $labels.stage }}, and drops {{
            $value | printf "%.2f" }} events a second. Dropped events are lost to users unless their sender
            repeats them.""",
            hold=HOLD,
        ),
        Alert(
            "PipelineEventsFailed",
            "critical",
            f"""
            (
              {FAILED}
              / ({FINISHED} > 0)
              > pipeline_stage_error_threshold_ratio
              and {FAILED} * 60 >= pipeline_stage_error_minimum_events
            )
              {OWNED}
            """,
            f"{WHERE} gives up on events",
            """Stage {{ $labels.stage }} of {{ $labels.pipeline }} has given up on {{ $value |
            humanizePercentage }} of the events of the last minute, after all retries. They are lost to
            users.""",
            wait="30s",
            hold=HOLD,
        ),
    ]


def errors() -> Alert:
    """Attempts that fail, whether or not a retry saves the event."""
    return Alert(
        "PipelineStageErrors",
        "high",
        f"""
        (
          ({RETRIED} + {FAILED})
          / ({ATTEMPTS} > 0)
          > pipeline_stage_error_threshold_ratio
          and ({RETRIED} + {FAILED}) * 60 >= pipeline_stage_error_minimum_events
        )
          {OWNED}
        """,
        f"{WHERE} fails often",
        """{{ $value | humanizePercentage }} of the attempts in stage {{ $labels.stage }} of {{
        $labels.pipeline }} have failed in the last minute. Retries hide it from users as long as they
        succeed, and use up the stage's capacity.""",
        wait="30s",
        hold=HOLD,
    )


def slow() -> Alert:
    """What the stage calls or computes takes too long."""
    return Alert(
        "PipelineStageSlow",
        "high",
        f"""
        (
          {SERVICE_MEAN}
          > pipeline_stage_service_threshold_seconds
        )
          {OWNED}
        """,
        f"{WHERE} is slow",
        """An event takes {{ $value | humanizeDuration }} in stage {{ $labels.stage }} of {{
        $labels.pipeline }}, longer than it should. What the stage depends on is slow; if
        traffic grows, a backlog will follow.""",
        wait="1m",
        hold=HOLD,
    )
