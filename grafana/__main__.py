"""Writes grafana/dashboards/*.json: ``python -m grafana`` (``make dashboards``)."""

from grafana.files import DASHBOARDS, dashboard_files


def main() -> None:
    """Replace what is there."""
    files = dashboard_files()
    DASHBOARDS.mkdir(exist_ok=True)
    for old in DASHBOARDS.glob("*.json"):
        old.unlink()
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(DASHBOARDS.parents[1]))


if __name__ == "__main__":
    main()
