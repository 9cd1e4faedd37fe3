"""Error rates, coverage and power of the comparison, by simulation."""
