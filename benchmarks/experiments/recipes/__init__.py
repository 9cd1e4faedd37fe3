"""Accuracy and cost of feature-extraction recipes."""
