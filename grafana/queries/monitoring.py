"""Who watches: the exporter, Prometheus, Alertmanager."""

from grafana.queries.selectors import EXPORTER, WINDOW

PROMETHEUS = '{job="prometheus"}'
ALERTMANAGER = '{job="alertmanager"}'


def up(job: str) -> str:
    """1 while all of a job's targets answer."""
    return f"min(up{job})"


def watchdog_age() -> str:
    """Seconds since the alert that always fires last came through Alertmanager."""
    return "time() - max(pipeline_alerting_last_heard_timestamp_seconds)"


def config_loaded() -> str:
    """1 when the configuration in force is the last one that somebody wanted."""
    return "min(pipeline_exporter_config_last_reload_successful)"


def ticks_behind() -> str:
    """Ticks that are due and not simulated yet."""
    return "max by (instance) (pipeline_exporter_ticks_behind)"


def scrape_time(share: float) -> str:
    """Seconds that the exporter takes to answer a scrape."""
    buckets = f"sum by (le) (rate(pipeline_exporter_scrape_duration_seconds_bucket{WINDOW}))"
    return f"histogram_quantile({share}, {buckets}) >= 0"


def scrape_time_seen() -> str:
    """Seconds that Prometheus waits for the exporter's answer."""
    return f"max by (instance) (scrape_duration_seconds{EXPORTER})"


def series() -> str:
    """Samples in a scrape."""
    return f"sum by (instance) (scrape_samples_scraped{EXPORTER})"


def rejected() -> str:
    """Requests refused a second, by reason."""
    return f"sum by (reason) (rate(pipeline_exporter_requests_rejected_total{WINDOW})) > 0"


def errors() -> str:
    """Errors that nobody foresaw in the time that is shown, by place."""
    return "sum by (place) (increase(pipeline_exporter_errors_total[$__range]))"


def memory(job: str) -> str:
    """Bytes in memory."""
    return f"max by (job) (process_resident_memory_bytes{job})"


def cpu(job: str) -> str:
    """Cores in use."""
    return f"sum by (job) (rate(process_cpu_seconds_total{job}{WINDOW}))"


def rule_load() -> str:
    """Share of a group's interval that its evaluation takes."""
    share = "prometheus_rule_group_last_duration_seconds / prometheus_rule_group_interval_seconds"
    return f'max by (group) (label_replace({share}, "group", "$1", "rule_group", ".*;(.*)"))'


def rule_failures() -> str:
    """Evaluations that failed in the time that is shown."""
    return "sum(increase(prometheus_rule_evaluation_failures_total[$__range]))"


def missed_evaluations() -> str:
    """Evaluations left out because the one before had not ended."""
    return "sum(increase(prometheus_rule_group_iterations_missed_total[$__range]))"


def head_series() -> str:
    """Series in Prometheus' memory."""
    return "max(prometheus_tsdb_head_series)"


def ingested() -> str:
    """Samples that Prometheus takes in a second."""
    return f"sum(rate(prometheus_tsdb_head_samples_appended_total{WINDOW}))"


def alerts_queued() -> str:
    """Alerts that Prometheus has not handed over yet."""
    return "max(prometheus_notifications_queue_length)"


def alerts_dropped() -> str:
    """Alerts that Prometheus could not hand over, in the time that is shown."""
    return "sum(increase(prometheus_notifications_dropped_total[$__range]))"
