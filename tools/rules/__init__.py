"""Prometheus' rules: one source here, two profiles of files in prometheus/rules."""
