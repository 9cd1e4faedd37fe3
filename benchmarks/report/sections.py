"""The sections of a data set's report, in the order in which they are read."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes
    ----------
    name : str
        Its template is ``{name}.html.j2``, its anchor ends in it.
    title : str
        Its heading, and its entry in the list of contents.
    needs : str
        The key of `results.json` without which there is nothing to show; empty if always shown.
    """

    name: str
    title: str
    needs: str = ""


SECTIONS = (
    Section("differences", "Differences from cat/no-cat", "methods"),
    Section("methods", "All methods, all metrics", "methods"),
    Section("labels", "Label by label", "methods"),
    Section(
        "label_counts", "Whole label sets, by number of labels", "subset_accuracy_by_label_count"
    ),
    Section("mistakes", "Most confident errors", "mistakes"),
    Section("crowding", "Effect of crowding", "crowding"),
    Section("dependence", "Is there anything for a joint method to gain?", "dependence"),
    Section("cost", "What it costs", "cost"),
    Section("measured", "How it was measured"),
)


def sections_of(results: dict[str, Any]) -> list[Section]:
    """Give the sections for which there is something to show."""
    return [s for s in SECTIONS if not s.needs or results.get(s.needs)]
