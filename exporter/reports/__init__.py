"""A source: reports of what dataset checks found, as jobs send them and as the exporter's own checks do."""
