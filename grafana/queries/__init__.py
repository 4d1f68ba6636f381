"""PromQL, a function each; a module for each subject. Grafana fills in the variables."""
