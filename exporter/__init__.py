"""Pipeline health: a Prometheus exporter for simulated and real data pipelines."""
