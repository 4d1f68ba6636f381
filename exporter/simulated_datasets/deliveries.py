"""The simulated datasets on disk: each delivery is a simulated day further, and ends yesterday.

Their days pass faster than real ones, and none may be in the future: with each delivery all files move back
by a date. They are the same for the same seed, whenever they are delivered.
"""

import csv
import shutil
from datetime import date, timedelta
from pathlib import Path

from exporter.config.simulated_datasets import DatasetFaultKind, SimulatedDatasets
from exporter.simulated_datasets.tables import TABLES, Day, Table
from exporter.simulation.chance import Purpose, stream

CHECKS = Path(__file__).with_name("checks.yml")
# Before the newest day the four weeks that it is compared with.
HISTORY_DAYS = 28
ONE_DAY = timedelta(days=1)
OF_ROWS, OF_FAULTS = 0, 1


class Deliveries:
    """Deliveries of all tables; the first one is number 0, and the days before it were well."""

    def __init__(self, config: SimulatedDatasets, seed: int) -> None:
        self.config, self.seed = config, seed
        self.next = 0

    def deliver(self, folder: Path, today: date) -> Path:
        """Write the next day with those before it, and their checks, whose path it returns. Raises OSError.

        After an error the same day is the next one again.
        """
        for table in TABLES:
            self.write(folder / table.name, table, today)
        shutil.copyfile(CHECKS, folder / CHECKS.name)
        self.next += 1
        return folder / CHECKS.name

    def write(self, folder: Path, table: Table, today: date) -> None:
        """All files of a table, and none besides."""
        folder.mkdir(parents=True, exist_ok=True)
        ages = range(1, HISTORY_DAYS + 2)
        days = {today - age * ONE_DAY: self.next + 1 - age for age in ages}
        files = {folder / f"{date}.csv": self.day(table, number, date) for date, number in days.items()}
        for old in set(folder.glob("*.csv")) - files.keys():
            old.unlink()
        for path, day in files.items():
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows([table.columns, *table.rows(day)])

    def day(self, table: Table, number: int, date: date) -> Day:
        """What is drawn of a day."""
        age = number + HISTORY_DAYS
        random = stream(self.seed, Purpose.DATASETS, TABLES.index(table), age, OF_ROWS)
        return Day(age, date, random, self.faults(table, number))

    def faults(self, table: Table, number: int) -> set[DatasetFaultKind]:
        """What is wrong with a day: as configured, and by chance."""
        planned = {fault.kind for fault in self.config.faults if fault.day == number} & set(table.faults)
        if number <= 0:
            return planned
        random = stream(self.seed, Purpose.DATASETS, TABLES.index(table), number, OF_FAULTS)
        if random.random() < self.config.wrong:
            planned.add(table.faults[int(random.integers(len(table.faults)))])
        return planned

    def truth(self) -> dict[tuple[str, str], bool]:
        """Of each dataset and fault that there is, whether the newest day has it."""
        return {
            (table.dataset, fault): fault in self.faults(table, self.next - 1)
            for table in TABLES
            for fault in table.faults
        }
