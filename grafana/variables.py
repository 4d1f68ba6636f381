"""What can be chosen at the top of a dashboard; each choice narrows those after it."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders.dashboard import DatasourceVariable, QueryVariable
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    VariableHide,
    VariableModel,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

DATASOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
ALL = VariableOption(selected=True, text="All", value="$__all")

# A job that has never reported has no pipeline_info, only what the configuration says of it.
OWNERS = '__name__=~"pipeline_info|pipeline_run_stale_after_seconds|pipeline_check_info"'
CHECKED = "pipeline_check_last_run_timestamp_seconds"
LABEL_VALUES = {
    "team": ("Team", f"label_values({{{OWNERS}}}, team)"),
    "pipeline": ("Pipeline", f'label_values({{{OWNERS}, team=~"$team"}}, pipeline)'),
    # Those that have stages or SLOs: the name of the only one needs no saying in a legend.
    "stream": ("Stream", 'label_values(pipeline_stage_position{pipeline=~"$pipeline"}, pipeline)'),
    "dataset": ("Dataset", f'label_values({CHECKED}{{team=~"$team"}}, dataset)'),
    "measure": (
        "Measure",
        'label_values(pipeline_check_observed_value{check="drift", dataset=~"$dataset"}, subject)',
    ),
    "slo": ("SLO", 'label_values(pipeline_slo_objective_ratio{pipeline=~"$pipeline"}, slo)'),
}
# In the order in which events pass through them.
STAGES = 'query_result(sort(max by (stage) (pipeline_stage_position{pipeline=~"$pipeline"})))'


def variables(names: Sequence[str]) -> list[Builder[VariableModel]]:
    """The data source and these."""
    return [datasource(), *(choice(name) for name in names)]


def datasource() -> Builder[VariableModel]:
    """Which Prometheus."""
    chosen = VariableOption(selected=True, text="Prometheus", value="prometheus")
    return DatasourceVariable("datasource").label("Data source").type("prometheus").current(chosen)


def choice(name: str) -> Builder[VariableModel]:
    """One, several or all of what Prometheus knows."""
    label, query = LABEL_VALUES.get(name, ("Stage", STAGES))
    variable = (
        QueryVariable(name)
        .label(label)
        .datasource(DATASOURCE)
        .query({"query": query, "refId": name})
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .multi(True)
        .include_all(True)
        .current(ALL)
    )
    if name == "team":
        # The monitoring's own alerts belong to a team that has no pipeline.
        variable.all_value(".*")
    if name == "stream":
        variable.hide(VariableHide.HIDE_VARIABLE)
    if name == "stage":
        return variable.regex('/stage="([^"]+)"/').sort(VariableSort.DISABLED)
    return variable.sort(VariableSort.ALPHABETICAL_ASC)
