"""Checks of the data itself: broken, doubtful, without a verdict, not read, not checked any more."""

from tools.rules.rule import Alert, Group

OF_DATASET = "on (job, instance, dataset)"
DATA_DASHBOARD = "pipeline-data?var-team={{ $labels.team }}&var-dataset={{ $labels.dataset }}"
# A schedule that was missed twice is no delay.
MISSED = 2


def check_groups() -> list[Group]:
    """One group."""
    return [Group("checks", [broken(), doubtful(), undecided(), unreadable(), unchecked()])]


def outcomes(severity: str) -> str:
    """How many checks of each dataset said so."""
    return f'sum without (tier, severity) (pipeline_check_outcomes{{severity="{severity}"}}) > 0'


def which(status: int) -> str:
    """A template: the checks that said so, by name."""
    selector = f"`pipeline_check_status{{job=%q, instance=%q, dataset=%q}} == {status}`"
    query = f"printf {selector} $labels.job $labels.instance $labels.dataset | query | sortByLabel `check`"
    subject = "{{ with .Labels.subject }} of {{ . }}{{ end }}"
    each = f"{{{{ if $i }}}}, {{{{ end }}}}{{{{ .Labels.check }}}}{subject}"
    return f"{{{{ range $i, $_ := {query} }}}}{each}{{{{ end }}}}"


def broken() -> Alert:
    """Not to be used."""
    return Alert(
        "PipelineDataBroken",
        "critical",
        outcomes("critical"),
        "{{ $labels.dataset }} is broken",
        f"""Critical checks of {{{{ $labels.dataset }}}} fail ({{{{ $value }}}}): {which(2)}. Whoever uses its
        newest day works with data that is missing or wrong.""",
        dashboard=DATA_DASHBOARD,
    )


def doubtful() -> Alert:
    """A ticket for who makes the data, and one for whose business it describes.

    Where several report on one dataset (node_exporter reads files of anybody), each side is made unique: what
    can't be matched would be an error, and no ticket for any dataset.
    """
    owners = 'max without (team) (pipeline_check_info{owner!=""})'
    warnings = f"max by (job, instance, dataset) ({outcomes('warn')})"
    return Alert(
        "PipelineDataDoubtful",
        "medium",
        f"""
        ({outcomes("warn")})
        or
        max without (owner) (
          label_replace(
            {owners} * {OF_DATASET} group_left () {warnings},
            "team", "$1", "owner", "(.+)"
          )
        )
        """,
        "{{ $labels.dataset }} is doubtful",
        f"""Checks of {{{{ $labels.dataset }}}} warn ({{{{ $value }}}}): {which(1)}. Its newest day is usable
        with care: part of it is wrong, or the business behaves otherwise than before.""",
        dashboard=DATA_DASHBOARD,
    )


def undecided() -> Alert:
    """For the record."""
    return Alert(
        "PipelineDataUndecided",
        "low",
        outcomes("info"),
        "Checks of {{ $labels.dataset }} have no verdict",
        """Some checks of {{ $labels.dataset }} ({{ $value }}) have no verdict, or speak for the record only:
        mostly there are too few days or rows to compare with. Until there are more, they find nothing.""",
        dashboard=DATA_DASHBOARD,
    )


def unreadable() -> Alert:
    """The exporter could not even look."""
    return Alert(
        "PipelineDataUnreadable",
        "high",
        "pipeline_check_unreadable > 0",
        "{{ $labels.dataset }} can't be checked",
        """The last check of {{ $labels.dataset }} that the exporter made ended without a verdict: its data or
        its checks can't be read. What the dashboard shows is what an earlier check found.""",
        dashboard=DATA_DASHBOARD,
    )


def unchecked() -> Alert:
    """The lights are old."""
    return Alert(
        "PipelineDataUnchecked",
        "medium",
        f"""
        (time() - pipeline_check_last_run_timestamp_seconds)
        > {OF_DATASET} group_left ()
        ({MISSED} * pipeline_check_interval_seconds)
        """,
        "{{ $labels.dataset }} is not checked any more",
        """{{ $labels.dataset }} was last checked {{ $value | humanizeDuration }} ago, more than twice as long
        as its schedule allows. Whether its newest data is right, nobody knows.""",
        dashboard=DATA_DASHBOARD,
    )
