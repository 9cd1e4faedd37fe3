"""Choose the columns of a table: the image, the labels, the split, the group."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ...utils import UnclearInputError
from .find_images import has_image_suffix
from .label_cells import FLAGS, MISSING, flag_share, label_columns_option
from .reading_options import TableOptions
from .records import Records, quoted, shown, suggestion
from .split import TRUE_IS_TEST, TRUE_IS_TRAIN, is_split_column

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
    """Refuse 0/1 columns whose names are those of metadata.

    Raises
    ------
    UnclearInputError
        With the options that name the columns of labels.
    """
    odd = [name for name in names if _is_metadata(records, name)]
    excluded = set(odd)
    labels = [name for name in names if name not in excluded]
    for name in labels:
        if name.strip().lower() in _OFTEN_LABELS:
            records.note(f"column {shown(name)} is read as a label, and not as the split")
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
    choices.append((label_columns_option(names), "if these are labels nevertheless"))
    raise UnclearInputError(problem, choices)


def _is_metadata(records: Records, name: str) -> bool:
    plain = name.strip().lower()
    if plain in _OFTEN_LABELS:
        cells = [str(cell).strip().lower() for cell in records.columns[name]]
        return sum(FLAGS.get(cell) == 1 for cell in cells) > _MOST * len(cells)
    return plain in _METADATA


RESERVED = ("image", "labels", "split", "group")
"""Columns that are not labels."""

_LIKE_IMAGE = (
    *("file", "filename", "file_name", "fname", "filepath", "file_path", "filenames", "files"),
    *("images", "image_name", "image_path", "image_id", "img", "img_path", "path", "paths"),
    *("picture", "photo", "id", "name", "imageid", "image id", "image index", "external id"),
)
_LIKE_LABELS = (
    *("label", "tag", "tags", "class", "classes", "category", "categories", "target"),
    *("class_name", "label_name", "labelname", "category_name", "choices", "keywords"),
    *("finding labels",),
)
_CONFIDENCE = ("confidence", "conf", "score", "probability", "prob")
_SHOWN = 8
_TYPING_ERROR = 0.8  # minimum similarity of a mistyped name


@dataclass(frozen=True)
class Columns:
    """Names of the columns that are read.

    Attributes
    ----------
    image : str
    labels : str or None
        The column of label lists; None where each label has a column.
    flags : list of str
        The 0/1 columns.
    split, group, confidence : str or None
    """

    image: str
    labels: str | None
    flags: list[str]
    split: str | None
    group: str | None
    confidence: str | None


def choose_columns(records: Records, options: TableOptions) -> Columns:
    """Choose the columns by the options, else by their names and contents.

    Raises
    ------
    InputError
        If a column is missing, or several columns match.
    """
    names = list(records.columns)
    if not options.names_columns:
        _check_case(records, names)
    image = image_column(records, options)
    split = _named(records, options.split_column, "--split-column")
    if split is None and "split" in names:
        split = "split"
    group = "group" if "group" in names else None
    taken = {image, split, group}
    others = [name for name in names if name not in taken]
    flags = _matching(records, options.label_columns, others)
    labels = None if flags else _label_column(records, options, others)
    if labels is None and not flags:
        return _flag_columns(records, options, others, Columns(image, None, [], split, group, None))
    used = {labels, *flags}
    rest = [name for name in others if name not in used]
    confidence = next((name for name in rest if name.strip().lower() in _CONFIDENCE), None)
    if not options.names_columns:
        split = _check_rest(records, labels or "", rest, split)
    ignored = [name for name in rest if name not in (confidence, split)]
    if ignored:
        records.note(f"columns that are ignored: {quoted(ignored)}")
    return Columns(image, labels, flags, split, group, confidence)


def image_column(records: Records, options: TableOptions) -> str:
    """Choose the column that names the images.

    Raises
    ------
    InputError
        If no column or several columns match.
    """
    names = list(records.columns)
    named = _named(records, options.image_column, "--image-column")
    if named is not None:
        return named
    if "image" in names:
        return "image"
    likely = [name for name in names if name.strip().lower() in _LIKE_IMAGE]
    by_content = [
        name
        for name in (likely or names)
        if (filled := [cell for cell in records.columns[name][:100] if cell])
        and all(map(has_image_suffix, filled))
    ]
    candidates = by_content or likely
    if not candidates:
        found = f"{quoted(names[:_SHOWN])}{' ...' if len(names) > _SHOWN else ''}"
        records.refuse_header(
            f"no column 'image'; it names the image of each row; found {found}"
            "; rename it, or add --image-column NAME"
        )
    if len(candidates) > 1:
        raise UnclearInputError(
            f"{records.header}: no column 'image', and {quoted(candidates)} could name the images",
            [(f"--image-column {quote(name)}", f"to read {name}") for name in candidates[:3]],
        )
    records.note(f"the images are read from column {shown(candidates[0])}")
    return candidates[0]


def quote(name: str) -> str:
    """Quote a name for a shell."""
    import shlex

    return shlex.quote(name)


def _named(records: Records, name: str | None, option: str) -> str | None:
    """Return the column that an option names."""
    if name is None or name in records.columns:
        return name
    plain = [column for column in records.columns if column.strip().lower() == name.strip().lower()]
    if len(plain) != 1:
        hint = suggestion(name, list(records.columns)) or f"; found {quoted(list(records.columns))}"
        records.refuse_header(f"{option} {name}: no such column{hint}")
    return plain[0]


def _matching(records: Records, patterns: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return the columns that match names or patterns, in the order of the table."""
    chosen = set()
    for pattern in patterns:
        found = [name for name in names if name == pattern] or [
            name for name in names if fnmatchcase(name, pattern)
        ]
        if not found:
            hint = suggestion(pattern, list(names))
            records.refuse_header(f"--label-columns {pattern}: no such column{hint}")
        chosen |= set(found)
    return [name for name in names if name in chosen]


def _check_case(records: Records, names: Sequence[str]) -> None:
    for name in names:
        plain = name.strip().lower()
        if plain in RESERVED and plain != name:
            records.refuse_header(
                f"column {shown(name)}: write it {plain!r}; no label column can be called so"
            )


def _label_column(records: Records, options: TableOptions, others: Sequence[str]) -> str | None:
    named = _named(records, options.label_column, "--label-column")
    if named is not None or "labels" in others:
        return named or "labels"
    likely = [
        name
        for name in others
        if name.strip().lower() in _LIKE_LABELS and flag_share(records.columns[name]) < 1
    ]
    if len(likely) > 1:
        raise _several_label_columns(records, likely)
    if likely:
        records.note(f"the labels are read from column {shown(likely[0])}")
    return likely[0] if likely else None


def _several_label_columns(records: Records, names: Sequence[str]) -> UnclearInputError:
    return UnclearInputError(
        f"{records.header}: the labels may be in {quoted(names)}",
        [(f"--label-column {quote(name)}", f"to read {name}") for name in names[:3]],
    )


def _check_rest(
    records: Records, labels: str, rest: Sequence[str], split: str | None
) -> str | None:
    """Refuse columns that must not be ignored; return the split, which may be one of them."""
    for name in rest:
        cells = records.columns[name]
        plain = name.strip().lower()
        if split is None and (plain in TRUE_IS_TEST + TRUE_IS_TRAIN) and len(set(cells)) == 2:
            if flag_share(cells, None) == 1:
                records.note(f"column {shown(name)} is read as the split")
                return name
        elif split is None and is_split_column(cells):
            records.note(f"column {shown(name)} is read as the split")
            return name
        if suggestion(name, RESERVED, _TYPING_ERROR):
            records.refuse_header(_unknown(name))
        if plain in _LIKE_LABELS and flag_share(cells) < 1 and not _all_numbers(cells):
            raise _several_label_columns(records, [labels, name])
        if flag_share(cells) == 1 and plain not in _CONFIDENCE:
            raise UnclearInputError(
                f"{records.header}: both a column {labels!r} and the 0/1 column {shown(name)}; "
                "keep one of the forms",
                [(f"--label-column {quote(labels)}", f"to read {labels!r} only")],
            )
    return split


def _all_numbers(cells: Sequence[object]) -> bool:
    return all(str(cell).strip().lstrip("-").replace(".", "", 1).isdigit() for cell in cells[:100])


def _unknown(name: str) -> str:
    known = ", ".join(RESERVED)
    return f"unknown column {shown(name)}; known are {known}{suggestion(name, RESERVED)}"


def _flag_columns(
    records: Records, options: TableOptions, others: Sequence[str], columns: Columns
) -> Columns:
    """Choose the other columns as labels, except those without any 0/1."""
    if not others:
        records.refuse_header(
            "no labels; add a column 'labels' (cat|dog), or one 0/1 column per label"
        )
    shares = {name: flag_share(records.columns[name]) for name in others}
    for name in others:
        if not shares[name] and suggestion(name, RESERVED, _TYPING_ERROR):
            records.refuse_header(_unknown(name))
    some = any(share == 1 for share in shares.values())
    flags = [name for name in others if shares[name] or not some or _is_empty(records, name)]
    kept = set(flags)
    ignored = [name for name in others if name not in kept]
    if ignored:
        records.note(f"columns that hold no 0/1 and are ignored: {quoted(ignored)}")
    for name in flags:
        if name != name.strip() or not name or "|" in name:
            records.refuse_header(
                f"column {shown(name)} cannot name a label; avoid '|' and end spaces"
            )
    if some:
        check_label_columns(records, flags, columns.split)
    return Columns(columns.image, None, flags, columns.split, columns.group, None)


def _is_empty(records: Records, name: str) -> bool:
    return all(str(cell)[:50].strip().lower() in MISSING for cell in records.columns[name])
