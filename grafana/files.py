"""The files of all dashboards, as text."""

import json
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from grafana.board import Board
from grafana.boards import data, exporter, health, incidents, runs, slo, stage

DASHBOARDS = Path(__file__).resolve().parent / "dashboards"
BOARDS: tuple[Board, ...] = (
    health.BOARD,
    stage.BOARD,
    slo.BOARD,
    incidents.BOARD,
    runs.BOARD,
    data.BOARD,
    exporter.BOARD,
)


def dashboard_files() -> dict[Path, str]:
    """Text by path."""
    return {DASHBOARDS / f"{board.uid}.json": written(board) for board in BOARDS}


def written(board: Board) -> str:
    """A dashboard as Grafana's provisioning reads it."""
    return json.dumps(board.build(), cls=JSONEncoder, indent=2, sort_keys=True) + "\n"
