"""Accuracy as a function of the number of labels and objects per image, and what improves it."""

from .interventions import InterventionScores, score_interventions
from .measure import measure_crowding

__all__ = ["InterventionScores", "measure_crowding", "score_interventions"]
