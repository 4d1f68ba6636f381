"""Label values of a group of streams: one tuple a child, in the order of the state's arrays, built once."""

from collections.abc import Sequence
from itertools import product
from typing import Literal

from exporter.config.model import FAULT_KINDS, LatencySlo, Pipeline

OUTCOMES = ("processed", "failed", "dropped")
LEVELS = ("degraded", "critical", "limit")
RESULTS = ("good", "bad")

Labels = tuple[str, ...]
Mode = Literal["simulated", "live"]


class StreamLabels:
    """The children of each family of P pipelines, named by what varies beside the pipeline."""

    def __init__(self, pipelines: Sequence[Pipeline], mode: Mode) -> None:
        stages = [[stage.name for stage in one.stages] for one in pipelines]
        signals = [[signal.name for signal in one.signals] for one in pipelines]
        names = [one.name for one in pipelines]

        def cross(*values: Sequence[Sequence[str]]) -> list[Labels]:
            return [
                (name, *labels)
                for name, *rows in zip(names, *values, strict=True)
                for labels in product(*rows)
            ]

        n = len(names)
        self.info: list[Labels] = [(one.name, one.team, "stream", mode) for one in pipelines]
        self.signal = cross(signals)
        self.stage = cross(stages)
        self.stage_signal = cross(stages, signals)
        self.stage_signal_outcome = cross(stages, signals, [OUTCOMES] * n)
        self.stage_level = cross(stages, [LEVELS] * n)
        self.stage_fault = cross(stages, [FAULT_KINDS] * n)
        self.regime = cross([list(one.traffic.regimes) for one in pipelines])
        self.slo: list[Labels] = [(one.name, one.team, slo.name) for one in pipelines for slo in one.slos]
        self.slo_latency: list[Labels] = [
            (one.name, one.team, slo.name)
            for one in pipelines
            for slo in one.slos
            if isinstance(slo, LatencySlo)
        ]
        self.slo_result: list[Labels] = [(*labels, result) for labels in self.slo for result in RESULTS]
