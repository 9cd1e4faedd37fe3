"""Vectors in, label probabilities out."""
