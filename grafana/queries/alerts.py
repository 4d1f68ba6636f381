"""Alerts and incidents."""

from grafana.queries.selectors import ALERT, SHOWN, increase, quantile_shown, short

TEAM = 'team=~"$team"'
SEVERITIES = ("critical", "high", "medium", "low")
# Always fires: it is no trouble.
REAL = f'alertname!="Watchdog", {ALERT}'
FIRING = f'ALERTS{{alertstate="firing", {REAL}}}'
TOLD = f'ALERTS{{alertstate="firing", severity!="low", {REAL}}}'
COLUMNS = "rank, alertname, about, team, pipeline, stage, slo"
# By name, the gravest first.
RANKS = {severity: f"{place} {severity}" for place, severity in enumerate(SEVERITIES, start=1)}
# Of an escalation what it is about, of a way to people which, of data the dataset; of whom no pipeline is
# named, the instance.
ABOUT = "escalated_alert, integration, dataset, pipeline, instance"
SAID = "([^;]+);.*|;([^;]+);.*|;;([^;]+);.*|;;;;(.*)|;;;.*"


def since(firing: str = TOLD) -> str:
    """When each alert that fires became true, in milliseconds since 1970."""
    became = f"ALERTS_FOR_STATE and ignoring (alertstate) {firing}"
    return f"1000 * min by ({COLUMNS}) ({ranked(about(became))})"


def ranked(expr: str) -> str:
    """With the label `rank`, which sorts severities."""
    for severity, rank in RANKS.items():
        expr = f'label_replace({expr}, "rank", "{rank}", "severity", "{severity}")'
    return expr


def about(expr: str) -> str:
    """With the label `about`: what an alert is about where its other columns don't say it."""
    labels = ", ".join(f'"{label}"' for label in ABOUT.split(", "))
    joined = f'label_join({expr}, "about", ";", {labels})'
    return f'label_replace({joined}, "about", "$1$2$3$4", "about", "{SAID}")'


def oldest() -> str:
    """When the alert that has fired longest became true, in milliseconds since 1970."""
    return f"1000 * min (ALERTS_FOR_STATE and ignoring (alertstate) {TOLD})"


def teams() -> str:
    """Alerts that fire, by team."""
    return f"sort_desc(count by (team) ({TOLD}))"


def firing(severity: str) -> str:
    """How many alerts of this severity fire."""
    return f'count (ALERTS{{alertstate="firing", severity="{severity}", {REAL}}}) or vector(0)'


def firing_by_team(severity: str) -> str:
    """How many alerts of this severity fire, by team."""
    return f'count by (team) (ALERTS{{alertstate="firing", severity="{severity}", {REAL}}})'


def course() -> str:
    """0 while an alert waits, 1 while it fires; -1 in a lane of its own while there is none."""
    firing, pending = f"0 * {FIRING} + 1", f'0 * ALERTS{{alertstate="pending", {REAL}}}'
    lanes = f"max by (alertname, pipeline, stage, slo) ({firing} or {pending})"
    return f'{short(lanes, 24)}\nor on () label_replace(vector(-1), "alertname", "no alert", "", "")'


def open_incidents() -> str:
    """Incidents that go on."""
    return f"sum (pipeline_incidents_open{{{TEAM}}})"


def open_by_severity() -> str:
    """The same by the worst severity so far."""
    return f"sum by (severity) (pipeline_incidents_open{{{TEAM}}}) > 0"


def opened() -> str:
    """Incidents opened in the time that is shown, by the severity that they opened with."""
    return increase("pipeline_incidents_total", "severity", TEAM)


def time_to(what: str, share: float) -> str:
    """Seconds within which this share of the incidents was detected, acknowledged, resolved."""
    return quantile_shown(share, f"pipeline_incident_time_to_{what}_seconds", TEAM)


def times_fired() -> str:
    """How often each alert became true in the time that is shown, with the first time."""
    times = f"changes(ALERTS_FOR_STATE{{{REAL}}}{SHOWN}) + 1"
    return f"sum by (alertname) ({times})\nand on (alertname) {firing_time()}"


def firing_time() -> str:
    """Seconds for which each alert fired in the time that is shown."""
    seconds = f"sum by (alertname) (count_over_time({FIRING}[$__range:15s])) * 15"
    return f"topk(10, {seconds})"


def notifications() -> str:
    """Notifications in a day, by the way that they take."""
    return "sum by (integration) (increase(alertmanager_notifications_total[1d])) > 0"


def notifications_failed() -> str:
    """Notifications a day that did not get through."""
    return "sum by (integration) (increase(alertmanager_notifications_failed_total[1d])) > 0"


def in_alertmanager() -> str:
    """Alerts that Alertmanager knows: active, or suppressed by a silence or another alert."""
    return "max by (state) (alertmanager_alerts)"


def silences() -> str:
    """Silences in force."""
    return 'max(alertmanager_silences{state="active"})'
