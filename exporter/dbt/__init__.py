"""`pipeline-health dbt`: what dbt wrote about an invocation, told to the exporter as runs and datasets."""
