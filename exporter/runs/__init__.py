"""Real runs as a source: events that orchestrators send come in, observations of runs go out to state."""
