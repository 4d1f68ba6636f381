"""The monitoring itself: who watches is watched, by the same means and by one outside (the Watchdog)."""

from tools.rules.profile import Profile
from tools.rules.rule import PLATFORM, Alert, Group

DASHBOARD = "pipeline-exporter"
OURS = {"team": PLATFORM}
JOB = '{job="pipeline-health"}'
REFUSED_FOR = "5m"


def monitoring_groups(profile: Profile) -> list[Group]:
    """The exporter, Prometheus and Alertmanager, and the sign of life."""
    return [
        Group(
            "exporter",
            [down(), absent(), behind(), refusing(), config_not_loaded(), profile_mismatch(profile)],
        ),
        Group("alerting", [rules_failing(), unreachable(), notifications_failing(), watchdog()]),
    ]


def ours(name: str, severity: str, expr: str, summary: str, description: str, wait: str = "") -> Alert:
    """An alert to the team that runs the monitoring."""
    return Alert(name, severity, expr, summary, description, wait, labels=OURS, dashboard=DASHBOARD)


def down() -> Alert:
    """One exporter does not answer."""
    return ours(
        "PipelineExporterDown",
        "critical",
        f"up{JOB} == 0",
        "The pipeline health exporter at {{ $labels.instance }} does not answer",
        """Prometheus has had no answer from the exporter at {{ $labels.instance }} for at least 30 s. Until
        it is back, nobody knows how its pipelines are, and none of their alerts can fire.""",
        wait="30s",
    )


def absent() -> Alert:
    """None of them does."""
    return ours(
        "PipelineExporterAbsent",
        "critical",
        # absent() of a comparison would have no labels.
        f"sum by (job) (up{JOB}) == 0\nor\nabsent(up{JOB})",
        "No pipeline health exporter answers",
        """Prometheus knows no exporter that answers, and has not for at least 30 s. Nobody knows how any
        pipeline is, and no pipeline's alert can fire.""",
        wait="30s",
    )


def behind() -> Alert:
    """It says what was true a while ago."""
    return ours(
        "PipelineExporterBehind",
        "medium",
        "pipeline_exporter_ticks_behind > 30 * pipeline_exporter_speed_ratio",
        "The exporter at {{ $labels.instance }} does not keep up",
        """The exporter at {{ $labels.instance }} is {{ $value }} ticks behind the clock: what it says of
        its pipelines is old. It has too little CPU, too many pipelines, or too high a speed.""",
        wait="1m",
    )


def refusing() -> Alert:
    """Jobs run, and what they tell is not taken."""
    return ours(
        "PipelineIntakeRefusing",
        "high",
        refusals(),
        "The exporter at {{ $labels.instance }} refuses what jobs tell",
        """In the last five minutes the exporter at {{ $labels.instance }} has refused about {{ $value |
        printf "%.0f" }} times what jobs told it, for this reason: {{ $labels.reason }}. Until that is mended,
        jobs that are well look late or silent.""",
        wait="1m",
    )


def refusals() -> str:
    """What was not taken lately, by its reason.

    What an error keeps out is counted before the first scrape where it happens at the start: `increase` is
    blind to that.
    """
    unapplied = 'pipeline_exporter_errors_total{place="journal"}'
    return f"""
        sum by (job, instance, reason) (
          increase(pipeline_exporter_requests_rejected_total{{reason=~"not_kept|too_busy"}}[{REFUSED_FOR}])
        ) > 0
        or
        label_replace(
          sum by (job, instance) (
            increase(pipeline_intake_events_total{{type!="checks", outcome="no_room"}}[{REFUSED_FOR}])
          ),
          "reason", "no room for jobs", "", ""
        ) > 0
        or
        label_replace(
          sum by (job, instance) (
            increase(pipeline_intake_events_total{{type="checks", outcome="no_room"}}[{REFUSED_FOR}])
          ),
          "reason", "no room for reports of checks", "", ""
        ) > 0
        or
        label_replace(
          sum by (job, instance) (
            increase(pipeline_datasets_refused_total{{reason="no_room"}}[{REFUSED_FOR}])
          ),
          "reason", "no room for datasets", "", ""
        ) > 0
        or
        label_replace(
          sum by (job, instance) (
            increase(pipeline_intake_events_total{{outcome="team_share"}}[{REFUSED_FOR}])
            or increase(pipeline_datasets_refused_total{{reason="team_share"}}[{REFUSED_FOR}])
          ),
          "reason", "a team has used up its share", "", ""
        ) > 0
        or
        label_replace(
          sum by (job, instance) (
            {unapplied} - ({unapplied} offset {REFUSED_FOR} or 0 * {unapplied})
          ),
          "reason", "kept, but an error keeps it from being applied", "", ""
        ) > 0
        """


def config_not_loaded() -> Alert:
    """Somebody's change is not in force."""
    return ours(
        "PipelineConfigNotLoaded",
        "medium",
        "pipeline_exporter_config_last_reload_successful == 0",
        "The exporter at {{ $labels.instance }} could not load its configuration",
        """The last attempt to load the configuration of the exporter at {{ $labels.instance }} failed, so
        the one before is still in force. The log says which key is wrong.""",
        wait="1m",
    )


def profile_mismatch(profile: Profile) -> Alert:
    """Rules of one profile, words of the other."""
    return ours(
        "PipelineProfileMismatch",
        "low",
        f'slo_profile_info{{profile!="{profile.name}"}}',
        "The exporter at {{ $labels.instance }} takes these rules for those of {{ $labels.profile }}",
        f"""Prometheus judges by the {profile.name} rules, and the exporter at {{{{ $labels.instance }}}}
        was started for {{{{ $labels.profile }}}}: budgets and banners on its page are wrong. Start it with
        --profile {profile.name}.""",
        wait="1m",
    )


def rules_failing() -> Alert:
    """Prometheus can't evaluate what it was given."""
    return ours(
        "PipelineRulesFailing",
        "high",
        "sum by (job, instance) (rate(prometheus_rule_evaluation_failures_total[5m])) > 0",
        "Prometheus fails to evaluate rules",
        """Prometheus at {{ $labels.instance }} could not evaluate some of its rules in the last five minutes;
        its page of rules says which. Their alerts may be missing or out of date.""",
        wait="1m",
    )


def unreachable() -> Alert:
    """Alerts fire, and nobody is told."""
    return ours(
        "PipelineAlertmanagerUnreachable",
        "critical",
        """
        (prometheus_notifications_alertmanagers_discovered < 1)
        or
        sum by (job, instance) (rate(prometheus_notifications_errors_total[5m])) > 0
        """,
        "Prometheus can't hand its alerts to Alertmanager",
        """Prometheus at {{ $labels.instance }} knows no Alertmanager, or could not reach it in the last
        five minutes. Alerts fire, and nobody is told of them.""",
        wait="1m",
    )


def notifications_failing() -> Alert:
    """Alertmanager knows, and can't tell."""
    return ours(
        "PipelineNotificationsFailing",
        "high",
        "sum by (job, instance, integration) (rate(alertmanager_notifications_failed_total[5m])) > 0",
        "Alertmanager fails to notify by {{ $labels.integration }}",
        """Alertmanager at {{ $labels.instance }} could not deliver notifications by {{ $labels.integration
        }} in the last five minutes. Whoever is told that way has not been told.""",
        wait="2m",
    )


def watchdog() -> Alert:
    """Fires always: when it is not heard any more, the way from here to people is broken."""
    return ours(
        "Watchdog",
        "low",
        "vector(1)",
        "The alerting chain works",
        """This alert always fires. It is told to a service outside that raises the alarm when it is no
        longer heard: then Prometheus, Alertmanager or the way between them has failed.""",
    )
