"""All sentences of the report, written from the results."""

from .answer import answer, failure_sentences, further_sentences
from .backbones import (
    CODE_PHRASES,
    EFFECT_NAMES,
    PURPOSE_NAMES,
    backbone_sentences,
    cost_text,
)
from .cautions import caution_sentences
from .details import details
from .notes import notes
from .verdict import FINDING, headline, task, verdict_sentences

__all__ = [
    "CODE_PHRASES",
    "EFFECT_NAMES",
    "FINDING",
    "PURPOSE_NAMES",
    "answer",
    "backbone_sentences",
    "caution_sentences",
    "cost_text",
    "details",
    "failure_sentences",
    "further_sentences",
    "headline",
    "notes",
    "task",
    "verdict_sentences",
]
