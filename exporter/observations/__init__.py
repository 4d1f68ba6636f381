"""What sources of streams tell state: tallies of ticks, whether the work was simulated or real."""
