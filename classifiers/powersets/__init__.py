"""Label powersets: each label set is a class."""

from .label_powerset import LabelPowerset, LogisticPowerset
from .pruned_sets import EnsemblePrunedSets, PrunedSets
from .rakel import RAkEL

__all__ = ["EnsemblePrunedSets", "LabelPowerset", "LogisticPowerset", "PrunedSets", "RAkEL"]
