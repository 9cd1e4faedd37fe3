"""Developers' studies: speed, simulation, recipes, load test."""
