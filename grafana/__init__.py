"""Grafana's dashboards as Python: queries, panels, boards."""
