"""Programs that check the same clickstream: ours, a bare decode, Soda Core, polars and pandas."""
