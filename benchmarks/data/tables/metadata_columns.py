"""0/1 columns that are about the image or the table, and not labels."""

from collections.abc import Sequence

from ...utils import UnclearInputError
from .label_cells import FLAGS, label_columns_option
from .records import Records, quoted, shown
from .split import TRUE_IS_TEST, TRUE_IS_TRAIN

_METADATA = frozenset(
    (
        *(TRUE_IS_TEST + TRUE_IS_TRAIN),
        *("fold", "kfold", "folds", "cv_fold", "partition", "subset", "usage", "split_id"),
        *("verified", "is_verified", "checked", "reviewed", "is_reviewed", "approved", "annotated"),
        *("annotator", "annotator_id", "labeler", "labeller", "rater", "worker", "worker_id"),
        *("user", "user_id", "index", "idx", "id", "row", "row_id", "image_id", "unnamed: 0"),
        *("n_labels", "num_labels", "label_count", "n_objects", "num_objects", "count"),
        *("width", "height", "confidence", "score", "weight", "sample_weight", "timestamp"),
        *("difficult", "truncated", "occluded", "iscrowd", "is_crowd", "duplicate", "is_duplicate"),
        *("skip", "ignore", "excluded", "flagged", "page", "session", "batch"),
    )
)
_OFTEN_LABELS = ("train",)
"""Names of objects as well: metadata only where many rows hold 1, as of a split."""

_MOST = 0.4


def check_label_columns(records: Records, names: Sequence[str], split: str | None) -> None:
    """Refuse 0/1 columns whose names say that they are no labels.

    Raises
    ------
    UnclearInputError
        With the options that name the columns of labels.
    """
    odd = [name for name in names if _is_metadata(records, name)]
    for name in names:
        if name.strip().lower() in _OFTEN_LABELS and name not in odd:
            records.note(f"column {shown(name)} is read as a label, and not as the split")
    labels = [name for name in names if name not in odd]
    if not odd:
        return
    noun, verb = ("column", "looks") if len(odd) == 1 else ("columns", "look")
    problem = (
        f"{records.header}: {noun} {quoted(odd)} {verb} like data about the images, and not like a "
        "label"
    )
    choices = []
    if labels:
        choices.append(
            (label_columns_option(labels), f"to leave {'it' if len(odd) == 1 else 'them'} out")
        )
    parts = [name for name in odd if name.strip().lower() in TRUE_IS_TEST + TRUE_IS_TRAIN]
    if split is None and labels and len(parts) == 1:
        options = f"{label_columns_option(labels)} --split-column {parts[0]}"
        choices.append((options, f"to read {shown(parts[0])} as the split"))
    choices.append((label_columns_option(names), "if these are labels all the same"))
    raise UnclearInputError(problem, choices)


def _is_metadata(records: Records, name: str) -> bool:
    plain = name.strip().lower()
    if plain in _OFTEN_LABELS:
        cells = [str(cell).strip().lower() for cell in records.columns[name]]
        return sum(FLAGS.get(cell) == 1 for cell in cells) > _MOST * len(cells)
    return plain in _METADATA
