"""Simulation of the error rates, coverage and power of the comparison."""
