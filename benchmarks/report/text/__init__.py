"""All sentences of the terminal, the page and the Markdown report, written from the results."""

from .answer import answer, details, failure_sentences, further_sentences, summarise
from .backbones import (
    CODE_PHRASES,
    EFFECT_NAMES,
    PURPOSE_NAMES,
    backbone_sentences,
    cost_text,
)
from .crowding import (
    METRICS,
    crowding_findings,
    crowding_summary,
    curve_text,
    not_measured_sentences,
)
from .dataset_ranking import joint_answer, joint_headline
from .notes import cost_sentence, dependence_sentence, format_time, leakage_sentences, notes
from .verdict import (
    caution_sentences,
    headline,
    purpose_sentence,
    recommendation_sentence,
    short_differences,
    verdict_sentences,
    warning_line,
)

__all__ = [
    "CODE_PHRASES",
    "EFFECT_NAMES",
    "METRICS",
    "PURPOSE_NAMES",
    "answer",
    "backbone_sentences",
    "caution_sentences",
    "cost_sentence",
    "cost_text",
    "crowding_findings",
    "crowding_summary",
    "curve_text",
    "dependence_sentence",
    "details",
    "failure_sentences",
    "format_time",
    "further_sentences",
    "headline",
    "joint_answer",
    "joint_headline",
    "leakage_sentences",
    "not_measured_sentences",
    "notes",
    "purpose_sentence",
    "recommendation_sentence",
    "short_differences",
    "summarise",
    "verdict_sentences",
    "warning_line",
]
