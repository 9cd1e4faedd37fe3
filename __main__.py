"""`python -m catnocat` is the command line."""

from catnocat.benchmarks.cli import main

main()
