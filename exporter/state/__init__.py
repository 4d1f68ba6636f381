"""State: observations from every source become counters, histograms and last values."""
