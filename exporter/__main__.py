"""`python -m exporter`: the command `pipeline-health`."""

from exporter.cli import main

main()
