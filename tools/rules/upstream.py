"""Who waits for a job that fails: its own team is told once, and those that wait are not told at all."""

from tools.rules.rule import OWNED, Alert, Recording, answer

PIPELINES, TEAMS = "pipeline:waiting_pipelines:count", "pipeline:waiting_teams:count"
# Once the cause is gone, what waited for it needs some time to run again.
GRACE = "30m"


def counted(noun: str) -> str:
    """A template: 1 team, 2 teams."""
    return f"{{{{ .Value }}}} {noun}{{{{ if ne .Value 1.0 }}}}s{{{{ end }}}}"


# The words after which nobody has to ask how bad it is.
WAITING = answer(PIPELINES, f" Waiting for it: {counted('pipeline')}") + answer(
    TEAMS, f" in {counted('team')}."
)


def waiting() -> list[Recording]:
    """How many pipelines of how many teams wait for one that fails, by its name."""
    teams = f"group by (job, instance, upstream, team) (pipeline_upstream_failing_runs {OWNED})"
    return [
        Recording(PIPELINES, by_cause("pipeline_upstream_failing_runs")),
        Recording(TEAMS, by_cause(teams)),
    ]


def by_cause(waits: str) -> str:
    """How many there are for each upstream, which becomes the pipeline that is spoken of."""
    count = f"count by (job, instance, upstream) (\n  {waits}\n)"
    return f'sum without (upstream) (\nlabel_replace(\n{count},\n"pipeline", "$1", "upstream", "(.+)"\n)\n)'


def upstream() -> Alert:
    """For the record, and for Alertmanager: it mutes what would say the same of those that wait."""
    return Alert(
        "PipelineUpstreamFailing",
        "low",
        f"pipeline_upstream_failing_runs\n  {OWNED}",
        "{{ $labels.pipeline }} waits for {{ $labels.upstream }}",
        """{{ $labels.upstream }} has failed {{ $value }} times in a row, and {{ $labels.pipeline }} reads
        what it writes, itself or through others. Until that one is well, nobody is told that {{
        $labels.pipeline }} is late, slow or has too little to read; its own failures still are.""",
        hold=GRACE,
        dashboard="pipeline-runs?var-team={{ $labels.team }}&var-pipeline={{ $labels.pipeline }}",
    )
