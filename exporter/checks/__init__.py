"""Dataset checks: is the data itself right? Files and tables in, outcomes with tier and severity out."""
