"""What a configuration may say of datasets that the exporter itself checks."""

from typing import Annotated

from pydantic import Field, StringConstraints

from exporter.config.durations import Duration
from exporter.config.model import Strict


class CheckedFile(Strict):
    """A file of checks (its path from this configuration's folder), and how often they are made.

    `within`: the seconds that they may take.
    """

    checks: Annotated[str, StringConstraints(min_length=1, max_length=4096)]
    every: Annotated[Duration, Field(ge=1, le=366 * 86400)]
    within: Annotated[Duration, Field(ge=1, le=86400)] = 600
