"""The real rules on recorded samples: promtool evaluates them, and says which alerts fired when."""

import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from ruamel.yaml import YAML

from exporter.config.durations import parse_duration
from exporter.score.recording import Recording

FIRING = 'ALERTS{alertstate="firing"}'
TIME = re.compile(r'^\s+expr: "ALERTS\{alertstate=\\"firing\\"\}", time: (\w+),$')
NOTHING_EXPECTED = re.compile(r"^\s+exp: nil$")
GOT = re.compile(r"^\s+got: (\{.*\} \S+)$")
SERIES = re.compile(r"\{(.*?)\} 1E\+00(?:, (?=\{)|$)")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
FRAME = re.compile(r"^(\s*|\s*(FAILED|SUCCESS):?\s*|Unit Testing: .*)$")

Labels = tuple[tuple[str, str], ...]
Firing = dict[int, list[Labels]]


class PromtoolError(Exception):
    """promtool is missing, or said something else than what fires."""


def firing(promtool: Path, rules: Sequence[Path], recording: Recording, every: int) -> Firing:
    """The alerts that fire at each evaluation, `every` so many seconds, by seconds from the start."""
    with TemporaryDirectory() as folder:
        test = Path(folder) / "scenario.test.yml"
        test.write_text(json.dumps(test_file(rules, recording, every)), encoding="utf-8")
        try:
            command = [str(promtool), "test", "rules", str(test)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError as error:
            raise PromtoolError(f"{promtool}: {error.strerror}") from error
    return dict(read(done.stdout + done.stderr))


def test_file(rules: Sequence[Path], recording: Recording, every: int) -> dict[str, object]:
    """A test of rules that expects nothing to fire at any evaluation: so promtool says what does."""
    until = (recording.scrapes - 1) * recording.interval
    questions = [{"expr": FIRING, "eval_time": f"{time}s"} for time in range(0, until + 1, every)]
    # Without an order promtool takes any, and what one group reads of another is sometimes an evaluation old.
    order = [group["name"] for path in rules for group in YAML(typ="safe").load(path)["groups"]]
    series = {"interval": f"{recording.interval}s", "input_series": list(input_series(recording))}
    return {
        "rule_files": [str(path.resolve()) for path in rules],
        "evaluation_interval": f"{every}s",
        "group_eval_order": order,
        "tests": [{**series, "promql_expr_test": questions}],
    }


def input_series(recording: Recording) -> Iterator[dict[str, str]]:
    """Every series in promtool's notation."""
    for name in recording.parts:
        for labels, values in recording.series(name):
            pairs = ",".join(f"{key}={json.dumps(value)}" for key, value in labels.items())
            yield {"series": f"{name}{{{pairs}}}", "values": " ".join(notation(values))}


def notation(values: np.ndarray) -> Iterator[str]:
    """`5x3` for four fives; where the series was not there (NaN), `_`, and `stale` where that begins."""
    missing = np.isnan(values)
    texts = np.where(missing, "_", [f"{value:.15g}" for value in values])
    starts = np.flatnonzero(np.r_[True, texts[1:] != texts[:-1]])
    for start, end in zip(starts, [*starts[1:], len(texts)], strict=True):
        length = end - start
        if not missing[start]:
            yield f"{texts[start]}x{length - 1}"
        elif start == 0:
            yield f"_x{length}"
        elif length > 1:
            yield f"stale _x{length - 1}"
        else:
            yield "stale"


def read(output: str) -> Iterator[tuple[int, list[Labels]]]:
    """What promtool got at each time; PromtoolError for anything else that it says."""
    time = None
    for line in output.splitlines():
        if found := TIME.match(line):
            time = int(parse_duration(found[1]))
        elif (found := GOT.match(line)) and time is not None:
            yield time, [labels(one) for one in SERIES.findall(found[1])]
        elif not NOTHING_EXPECTED.match(line) and not FRAME.match(line):
            raise PromtoolError(f"promtool: {line.strip()}")


def labels(text: str) -> Labels:
    """The alert's name and labels."""
    pairs = ((key, json.loads(f'"{value}"')) for key, value in LABEL.findall(text))
    return tuple((key, value) for key, value in pairs if key not in ("__name__", "alertstate"))
