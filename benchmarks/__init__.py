"""Data sets, the comparison, its report, the command line."""
