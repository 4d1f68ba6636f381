"""What is chosen at the top of a dashboard, as PromQL's matchers."""

PIPELINE = 'pipeline=~"$pipeline"'
STAGE = f'{PIPELINE}, stage=~"$stage"'
SLO = f'team=~"$team", {PIPELINE}, slo=~"$slo"'
# The monitoring's own alerts have no pipeline.
ALERT = 'team=~"$team", pipeline=~"$pipeline|"'
EXPORTER = '{job="pipeline-health"}'
# Stands for nothing where Grafana would not say why.
NONE = -9
WINDOW = "[$__rate_interval]"
SHOWN = "[$__range]"


def rate(counter: str, by: str, matchers: str) -> str:
    """A counter's increase a second, summed by labels."""
    return f"sum by ({by}) (rate({counter}{{{matchers}}}{WINDOW}))"


def increase(counter: str, by: str, matchers: str) -> str:
    """A counter's increase in the time that is shown, summed by labels."""
    return f"sum by ({by}) (increase({counter}{{{matchers}}}{SHOWN}))"


def counted(counter: str, by: str, matchers: str, window: str = SHOWN, born: str = "") -> str:
    """The same of counters that are not there before they count: what one was born with counts too.

    `born` narrows down which of those that were not there before the window are newly born.
    """
    each = f"{counter}{{{matchers}}}"
    first = f"min_over_time({each}{window}) unless {each} offset {window[1:-1]}{born}"
    grown = f"increase({each}{window})"
    return f'sum by ({by}) ({grown}\nor label_replace({first}, "part", "first", "", ""))'


def quantile(share: float, histogram: str, by: str, matchers: str) -> str:
    """The value below which this share lies; nothing where nothing was observed."""
    return f"histogram_quantile({share}, {rate(f'{histogram}_bucket', f'{by}, le', matchers)}) >= 0"


def quantile_shown(share: float, histogram: str, matchers: str) -> str:
    """The same over all that is shown."""
    return f"histogram_quantile({share}, {increase(f'{histogram}_bucket', 'le', matchers)}) >= 0"


def or_none(expr: str, known: str, label: str, text: str) -> str:
    """With one series more, called so by a label, where what is shown has none of what a metric knows."""
    none = f"vector({NONE}) unless on () count(last_over_time({known}{SHOWN} @ end()))"
    return f'{expr}\nor label_replace({none}, "{label}", "{text}", "", "")'


def or_sentence(expr: str, known: str, label: str, sentence: str, value: int = NONE) -> str:
    """With one row where nothing is known: a table of several queries has no other place to say so."""
    nothing = f"vector({value}) unless on () ({known})"
    return f'{expr}\nor label_replace({nothing}, "{label}", "{sentence}", "", "")'


def short(expr: str, characters: int) -> str:
    """With the label `short`: the pipeline's name, its beginning left out where it is longer than this."""
    named = f'label_replace({expr}, "short", "$1", "pipeline", "(.*)")'
    return f'label_replace({named}, "short", "…$1", "pipeline", ".{{2,}}(.{{{characters - 1}}})")'
