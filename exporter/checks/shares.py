"""Shares as people write them: `20%`, `0.1%`, or a plain number from 0 to 1."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

PERCENT = re.compile(r"(\d+(?:\.\d+)?) ?%")


def parse_share(text: object) -> float:
    """The share in `text`, 1 for all; ValueError says what was expected."""
    if isinstance(text, int | float) and not isinstance(text, bool):
        return float(text)
    found = PERCENT.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError("expected a share such as 20% or 0.2")
    return float(found[1]) / 100


Share = Annotated[float, BeforeValidator(parse_share), Field(ge=0, le=1, allow_inf_nan=False)]
# More than all of it is a sensible limit of a rise.
Change = Annotated[float, BeforeValidator(parse_share), Field(gt=0, le=1000, allow_inf_nan=False)]
