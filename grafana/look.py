"""Colours that mean the same everywhere, each with a word beside it for those who can't tell them apart."""

from collections.abc import Mapping
from typing import NamedTuple

from grafana_foundation_sdk.builders.dashboard import FieldColor
from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig as Thresholds
from grafana_foundation_sdk.models.dashboard import (
    DashboardSpecialValueMapOptions,
    FieldColorModeId,
    SpecialValueMap,
    SpecialValueMatch,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMapping,
    ValueMappingResult,
)

GREEN = "green"
YELLOW = "yellow"
ORANGE = "orange"
RED = "red"
BLUE = "blue"
PURPLE = "purple"
GREY = "#808080"


class Word(NamedTuple):
    """What is shown instead of a value."""

    text: str
    color: str


NO_DATA = Word("no data", GREY)
HEALTH = {
    "0": Word("healthy", GREEN),
    "1": Word("degraded", ORANGE),
    "2": Word("critical", RED),
}
SEVERITY = {
    "critical": Word("critical", RED),
    "high": Word("high", ORANGE),
    "medium": Word("medium", YELLOW),
    "low": Word("low", BLUE),
}
NO_YES = {"0": Word("no", GREEN), "1": Word("yes", ORANGE)}
DOWN_UP = {"0": Word("down", RED), "1": Word("up", GREEN)}
REFUSED_OK = {"0": Word("refused", RED), "1": Word("ok", GREEN)}
# A table's cell as a light.
GROUND = {"type": "color-background", "mode": "basic"}


def words(mapping: Mapping[str, Word], nothing: str = NO_DATA.text) -> list[ValueMapping]:
    """Words for values, and a grey one for none."""
    options = {
        value: ValueMappingResult(text=word.text, color=word.color, index=index)
        for index, (value, word) in enumerate(mapping.items())
    }
    nobody_knows = ValueMappingResult(text=nothing, color=GREY, index=len(options))
    return [
        ValueMap(options=options),
        SpecialValueMap(
            options=DashboardSpecialValueMapOptions(match=SpecialValueMatch.NULL_AND_NAN, result=nobody_knows)
        ),
    ]


def texts(mapping: Mapping[str, str]) -> list[ValueMapping]:
    """Texts for values, in no colour of their own."""
    return [
        ValueMap(
            options={
                value: ValueMappingResult(text=text, index=index)
                for index, (value, text) in enumerate(mapping.items())
            }
        )
    ]


def thresholds(base: str, steps: Mapping[float, str] | None = None) -> Thresholds:
    """A colour, and others from a value on."""
    listed = [Threshold(value=None, color=base)]
    listed += [Threshold(value=value, color=color) for value, color in (steps or {}).items()]
    return Thresholds().mode(ThresholdsMode.ABSOLUTE).steps(listed)


def fixed(color: str) -> FieldColor:
    """One colour, whatever the value."""
    return FieldColor().mode(FieldColorModeId.FIXED).fixed_color(color)


def by_threshold() -> FieldColor:
    """The colour that the thresholds give."""
    return FieldColor().mode(FieldColorModeId.THRESHOLDS)


def by_name() -> FieldColor:
    """A colour for each name, the same in every panel: no light, only a name."""
    return FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC_BY_NAME)
