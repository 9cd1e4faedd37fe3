"""Tables that `catnocat predict` wrote, read back as label tables."""

from .records import Records

_ERROR, _FLAG, _PROBABILITIES, _PREFIX = "error", "unlike_training", "probabilities", "p:"


def from_predictions(records: Records) -> tuple[Records, list[str]]:
    """Leave out the probabilities, and the images that could not be read.

    Returns
    -------
    records : Records
        Unchanged where they are no predictions.
    labels : list of str
        The label names that the columns of probabilities declare, if there are any.
    """
    names = list(records.columns)
    declared = [name.removeprefix(_PREFIX) for name in names if name.startswith(_PREFIX)]
    is_text = "labels" in names and _ERROR in names and bool(declared)
    is_json = "labels" in names and _PROBABILITIES in names
    if not is_text and not is_json:
        return records, []
    kept = [name for name in names if name not in (_ERROR, _FLAG, _PROBABILITIES)]
    kept = [name for name in kept if not name.startswith(_PREFIX)]
    errors = records.columns.get(_ERROR, [None] * len(records.rows))
    rows = [i for i, error in enumerate(errors) if not error]
    if not rows:
        records.refuse_header("no image of these predictions could be read; predict them again")
    note = "read as predictions: the probabilities are ignored"
    if lost := len(errors) - len(rows):
        note += f", and {lost:,} {'image' if lost == 1 else 'images'} with an error left out"
    records.note(note)
    plain = {name: records.columns[name] for name in kept}
    return Records(records.source, plain, records.rows, records.header_row, records.notes).take(
        rows
    ), declared
