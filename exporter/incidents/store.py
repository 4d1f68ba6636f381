"""The incidents' database."""

from pathlib import Path

from exporter.storage import Database

FILE = "incidents.sqlite"
TABLES = """
CREATE TABLE incident (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    team TEXT NOT NULL,
    pipeline TEXT,
    rank INTEGER NOT NULL,
    started REAL NOT NULL,
    ended REAL,
    resolution TEXT,
    stage TEXT,
    summary TEXT NOT NULL,
    facts TEXT NOT NULL,
    escalated INTEGER NOT NULL DEFAULT 0,
    acknowledged REAL,
    acknowledged_by TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX one_open_incident ON incident (team, ifnull(pipeline, '')) WHERE ended IS NULL;
CREATE INDEX incidents_of_a_place ON incident (team, pipeline, started);
CREATE INDEX resolved_incidents ON incident (ended, id) WHERE ended IS NOT NULL;
CREATE INDEX newest_incidents ON incident (ended IS NULL, started, id);
CREATE TABLE alert (
    fingerprint TEXT NOT NULL,
    starts REAL NOT NULL,
    incident INTEGER NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    rank INTEGER NOT NULL,
    labels TEXT NOT NULL,
    annotations TEXT NOT NULL,
    ends REAL,
    state TEXT NOT NULL,
    heard REAL NOT NULL,
    PRIMARY KEY (fingerprint, starts)
);
CREATE INDEX alerts_of_an_incident ON alert (incident, starts);
CREATE INDEX firing_alerts ON alert (heard) WHERE state = 'firing';
CREATE TABLE total (
    name TEXT NOT NULL,
    team TEXT NOT NULL,
    part TEXT NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (name, team, part)
);
"""
# An incident may be about a dataset.
DATASETS = """
ALTER TABLE incident ADD COLUMN dataset TEXT;
DROP INDEX one_open_incident;
DROP INDEX incidents_of_a_place;
CREATE UNIQUE INDEX one_open_incident
    ON incident (team, ifnull(pipeline, ''), ifnull(dataset, '')) WHERE ended IS NULL;
CREATE INDEX incidents_of_a_place ON incident (team, pipeline, dataset, started)
"""
SCHEMA = (TABLES, DATASETS)


class Store(Database):
    """The incidents' database below `folder`, or one in memory that ends with the process."""

    def __init__(self, folder: Path | None) -> None:
        super().__init__(folder, FILE, "incidents", SCHEMA)
