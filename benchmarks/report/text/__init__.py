"""All sentences of the report, written from the results."""

from .answer import answer, failure_sentences, further_sentences
from .cautions import caution_sentences
from .details import details
from .notes import notes
from .verdict import FINDING, headline, task, verdict_sentences

__all__ = [
    "FINDING",
    "answer",
    "caution_sentences",
    "details",
    "failure_sentences",
    "further_sentences",
    "headline",
    "notes",
    "task",
    "verdict_sentences",
]
