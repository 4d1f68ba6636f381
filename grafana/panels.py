"""Panels as all boards have them; what is particular to one is said where it stands."""

from collections.abc import Mapping, Sequence
from typing import Any

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    heatmap,
    prometheus,
    stat,
    statetimeline,
    table,
    timeseries,
)
from grafana_foundation_sdk.builders.dashboard import DashboardLink, Row
from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig as Thresholds
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard
from grafana_foundation_sdk.models.common import (
    AxisPlacement,
    BarGaugeDisplayMode,
    BarGaugeNamePlacement,
    BigValueColorMode,
    BigValueGraphMode,
    BigValueJustifyMode,
    BigValueTextMode,
    HeatmapCellLayout,
    LegendDisplayMode,
    LegendPlacement,
    ScaleDistribution,
    SortOrder,
    TimelineValueAlignment,
    TooltipDisplayMode,
    VisibilityMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig, DynamicConfigValue
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from grafana.look import GREY, GROUND, by_name, by_threshold, fixed, thresholds
from grafana.variables import DATASOURCE

LAST = "lastNotNull"


def renamed(regex: str) -> DataTransformerConfig:
    """Series by the part of their name that the first group matches."""
    return DataTransformerConfig(id_val="renameByRegex", options={"regex": regex, "renamePattern": "$1"})


# Matches as long as there is only one: of several, each series keeps its pipeline's name.
WITHOUT_PIPELINE = renamed("^${stream:csv} (.+)$")


# The same of jobs.
WITHOUT_JOB = renamed("^${pipeline:csv} (.+)$")


def row(title: str) -> Row:
    """A heading over the panels that follow."""
    return Row(title)


def over_time(expr: str, legend: str, ref: str = "A") -> prometheus.Dataquery:
    """A query for every moment that is shown."""
    return prometheus.Dataquery().range().expr(expr).legend_format(legend).ref_id(ref).datasource(DATASOURCE)


def now(expr: str, legend: str = "", ref: str = "A") -> prometheus.Dataquery:
    """A query for the end of the time that is shown."""
    return (
        prometheus.Dataquery().instant().expr(expr).legend_format(legend).ref_id(ref).datasource(DATASOURCE)
    )


def rows(expr: str, ref: str = "A") -> prometheus.Dataquery:
    """A query for the end of the time that is shown, its labels as columns."""
    return now(expr, ref=ref).format(PromQueryFormat.TABLE)


def cells(expr: str, ref: str = "A") -> prometheus.Dataquery:
    """A query for every moment, by bucket of a histogram."""
    return over_time(expr, "{{le}}", ref).format(PromQueryFormat.HEATMAP)


def tiles(title: str, description: str) -> stat.Panel:
    """Values, each on a ground in the colour of what it means."""
    return (
        stat.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .reduce_options(common.ReduceDataOptions().calcs([LAST]).values(False).fields(""))
        .color_mode(BigValueColorMode.BACKGROUND_SOLID)
        .graph_mode(BigValueGraphMode.NONE)
        .justify_mode(BigValueJustifyMode.CENTER)
        .text_mode(BigValueTextMode.AUTO)
        .orientation(VizOrientation.AUTO)
        .color_scheme(by_threshold())
        .thresholds(thresholds("text"))
    )


def named_tiles(title: str, description: str, size: int = 18) -> stat.Panel:
    """The same for several things, each with its name; all values in one size, in pixels."""
    return (
        tiles(title, description)
        .text_mode(BigValueTextMode.VALUE_AND_NAME)
        .text(common.VizTextDisplayOptions().title_size(12).value_size(size))
    )


def figures(title: str, description: str) -> stat.Panel:
    """Values that are no light: on the panel's own ground."""
    return tiles(title, description).color_mode(BigValueColorMode.VALUE)


def lines(title: str, description: str) -> timeseries.Panel:
    """Values over time."""
    return (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .line_width(1.5)
        .fill_opacity(8)
        .show_points(VisibilityMode.NEVER)
        .axis_soft_min(0)
        .color_scheme(by_name())
        .legend(quiet_legend())
        .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING))
    )


def logarithmic(linear_below: float) -> common.ScaleDistributionConfig:
    """A scale of powers of ten, linear around zero."""
    return (
        common.ScaleDistributionConfig().type(ScaleDistribution.SYMLOG).log(10).linear_threshold(linear_below)
    )


def quiet_legend() -> common.VizLegendOptions:
    """Names below, and nothing else."""
    return (
        common.VizLegendOptions()
        .show_legend(True)
        .display_mode(LegendDisplayMode.LIST)
        .placement(LegendPlacement.BOTTOM)
        .calcs([])
    )


def states(title: str, description: str) -> statetimeline.Panel:
    """A lane for each thing, in the colours of its states."""
    return (
        statetimeline.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .merge_values(True)
        .show_value(VisibilityMode.AUTO)
        .align_value(TimelineValueAlignment.LEFT)
        .row_height(0.8)
        .fill_opacity(80)
        .line_width(0)
        # By threshold, merged values would be shown as ranges and not as words.
        .color_scheme(fixed(GREY))
        .legend(quiet_legend().show_legend(False))
        .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.SINGLE))
    )


def listing(title: str, description: str) -> table.Panel:
    """A row for each thing, columns as the board names them."""
    return (
        table.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .color_scheme(by_threshold())
        .thresholds(thresholds("text"))
    )


def paged(panel: table.Panel) -> table.Panel:
    """The same, as many rows at once as there is room for."""
    return panel.footer(common.TableFooterOptions().show(False).enable_pagination(True))


def bars(title: str, description: str) -> bargauge.Panel:
    """A bar for each value of now."""
    return (
        bargauge.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .reduce_options(common.ReduceDataOptions().calcs([LAST]).values(False).fields(""))
        .display_mode(BarGaugeDisplayMode.BASIC)
        .name_placement(BarGaugeNamePlacement.LEFT)
        .orientation(VizOrientation.HORIZONTAL)
        .text(common.VizTextDisplayOptions().title_size(12).value_size(18))
        .min(0)
        .color_scheme(by_threshold())
    )


def density(title: str, description: str, unit: str, decimals: int) -> heatmap.Panel:
    """How often each bucket of a histogram was met, over time."""
    return (
        heatmap.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .calculate(False)
        .color(heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME).scheme("Blues").steps(32))
        .y_axis(heatmap.YAxisConfig().unit(unit).decimals(decimals).axis_placement(AxisPlacement.LEFT))
        .rows_frame(heatmap.RowsHeatmapOptions().layout(HeatmapCellLayout.AUTO))
        .cell_gap(1)
        .filter_values(heatmap.FilterValueRange().le(1e-9))
        .hide_legend()
        .mode(TooltipDisplayMode.SINGLE)
    )


def properties(**values: Any) -> list[DynamicConfigValue]:
    """Settings of a field: ``unit="s"``; a dot in a setting's name is written as two underscores."""
    return [DynamicConfigValue(id_val=name.replace("__", "."), value=value) for name, value in values.items()]


def dashed(color: str) -> list[DynamicConfigValue]:
    """A limit: a dashed line in this colour, never an area."""
    return broken(color, fill="dash", dash=[6, 6])


def dotted(color: str) -> list[DynamicConfigValue]:
    """Where a limit would usually be."""
    return broken(color, fill="dot", dash=[0, 4])


def broken(color: str, **style: Any) -> list[DynamicConfigValue]:
    """A thin line with gaps."""
    return properties(
        color={"mode": "fixed", "fixedColor": color},
        custom__lineStyle=style,
        custom__lineWidth=1,
        custom__fillOpacity=0,
    )


def limit(color: str) -> list[DynamicConfigValue]:
    """A limit without a place in the legend."""
    return unlisted(dashed(color))


def unlisted(settings: list[DynamicConfigValue]) -> list[DynamicConfigValue]:
    """The same without a place in the legend."""
    return [*settings, *properties(custom__hideFrom={"legend": True, "tooltip": False, "viz": False})]


def filled_to(lower: str) -> list[DynamicConfigValue]:
    """A band down to the series of this name, where there is one."""
    return properties(custom__fillBelowTo=lower, custom__fillOpacity=10)


def coloured(steps: Thresholds) -> list[DynamicConfigValue]:
    """The colour that these thresholds give."""
    return properties(thresholds=steps.build(), color={"mode": "thresholds"})


def solid(color: str) -> list[DynamicConfigValue]:
    """A line in this colour."""
    return properties(color={"mode": "fixed", "fixedColor": color})


def link(title: str, url: str, new_tab: bool = False) -> dict[str, Any]:
    """A link on a value, as a field's setting has it."""
    return {"title": title, "url": url, "targetBlank": new_tab}


def data_links(*links: dict[str, Any]) -> list[Builder[dashboard.DashboardLink]]:
    """The same, on all values of a panel."""
    return [DashboardLink(one["title"]).url(one["url"]).target_blank(one["targetBlank"]) for one in links]


def columns(panel: table.Panel, settings: Mapping[str, Mapping[str, Any]]) -> table.Panel:
    """The settings of columns by their names; a cell without a value is empty."""
    for name, values in settings.items():
        panel.override_by_name(name, properties(**{"noValue": " ", **values}))
    return panel


def tally(width: int, color: str) -> dict[str, Any]:
    """A column of numbers: any but zero is coloured."""
    return {
        "custom__width": width,
        "custom__cellOptions": GROUND,
        "unit": "short",
        "decimals": 0,
        "thresholds": thresholds("transparent", {1: color}).build(),
    }


def sorted_by(column: str, descending: bool = False) -> common.TableSortByFieldState:
    """The order of a table's rows."""
    return common.TableSortByFieldState().display_name(column).desc(descending)


def joined(
    columns: Sequence[str], names: dict[str, str], hidden: Sequence[str] = ()
) -> list[DataTransformerConfig]:
    """Several instant queries as one table: columns in this order, renamed, the rest hidden.

    Values of query B are the column `Value #B`; with a single query it is `Value`.
    """
    return [
        DataTransformerConfig(id_val="merge", options={}),
        DataTransformerConfig(
            id_val="organize",
            options={
                "indexByName": {column: index for index, column in enumerate(columns)},
                "renameByName": names,
                "excludeByName": dict.fromkeys(("Time", *hidden), True),
            },
        ),
    ]
