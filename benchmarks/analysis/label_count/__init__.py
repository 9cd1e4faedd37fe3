"""Accuracy as a function of the number of labels and objects per image, and what improves it."""

from .interventions import InterventionScores, score_interventions
from .measure import THIS_RECIPE, measure_crowding

__all__ = ["THIS_RECIPE", "InterventionScores", "measure_crowding", "score_interventions"]
