"""Any label sets, with any joiner and in any form: read exactly or refused, and nothing else."""

import csv
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from catnocat.benchmarks import load_dataset
from catnocat.benchmarks.utils.errors import InputError, UnclearInputError

LETTERS = "abcdefgABCDE\u00e9\u00f1\u0436\u0438\u6d77\u72ac\u0e44\u0e1f\u0627\u0628"
words = st.text(st.sampled_from(LETTERS), min_size=1, max_size=5)
glues = st.sampled_from([" ", " & ", "&", "-", "_", " and "])
names = st.builds(
    lambda parts, glue: glue.join(parts), st.lists(words, min_size=1, max_size=3), glues
)
known_names = st.sampled_from(
    ["traffic light", "hot dog", "dog", "salt & pepper", "R&B", "T-shirt", "C++", "train", "A/C"]
)
labels = st.lists(st.one_of(names, known_names), min_size=2, max_size=5, unique=True)
JOINERS = ["|", " ", ", ", ",", ";", "; ", "#", "/", " + ", "+"]
anything = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)


@st.composite
def label_sets(draw):
    pool = draw(labels)
    sets = draw(
        st.lists(st.lists(st.sampled_from(pool), max_size=3, unique=True), min_size=2, max_size=9)
    )
    assume(any(sets))
    return sets


def write_lists(path, cells):
    images = [f"{i}.jpg" for i in range(len(cells))]
    for image in images:
        (path.parent / image).touch()
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("image", "labels"), *zip(images, cells, strict=True)])
    elif path.suffix == ".parquet":
        pq.write_table(pa.table({"image": images, "labels": cells}), path)
    else:
        rows = zip(images, cells, strict=True)
        lines = (json.dumps({"image": image, "labels": cell}) for image, cell in rows)
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def read(path, **options):
    """Return the label set of each image, and the table; None where the table is refused."""
    try:
        table = load_dataset(path, **options)
    except InputError as error:
        event("unclear" if isinstance(error, UnclearInputError) else "refused")
        return None, None
    sets = [{table.labels[j] for j in np.flatnonzero(row)} for row in table.Y]
    return dict(zip(table.images, sets, strict=True)), table


def expected_of(sets):
    return {f"{i}.jpg": set(one) for i, one in enumerate(sets)}


def composed(sets):
    """Return whether a label is a join of words that are labels: then one text means two things."""
    held = {label for one in sets for label in one}
    return any(
        len(label.replace("&", " & ").split()) > 1 and held.issuperset(label.split())
        for label in held
    )


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
@pytest.mark.parametrize("joiner", JOINERS)
@anything
@given(sets=label_sets())
def test_sets_as_joined_texts(tmp_path, suffix, joiner, sets):
    assume(not any(joiner.strip() and joiner.strip() in name for one in sets for name in one))
    assume(not composed(sets))
    path = tmp_path / f"sets{suffix}"
    write_lists(path, [joiner.join(one) for one in sets])
    found, table = read(path)
    if found is None:
        return
    if found == expected_of(sets):
        event("exact")
        return
    # Only a space also stands inside names; then a notice says that names were left whole.
    assert joiner == " "
    assert found == {f"{i}.jpg": {" ".join(one)} - {""} for i, one in enumerate(sets)}
    assert any("--separator ' ' splits" in note for note in table.notes)
    event("whole, with a notice")


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
@pytest.mark.parametrize("joiner", JOINERS)
@anything
@given(sets=label_sets())
def test_sets_with_the_joiner_said(tmp_path, suffix, joiner, sets):
    assume(
        not any(
            joiner.strip() in name if joiner.strip() else " " in name
            for one in sets
            for name in one
        )
    )
    path = tmp_path / f"sets{suffix}"
    write_lists(path, [joiner.join(one) for one in sets])
    found, _ = read(path, separator=joiner.strip() or joiner, similar_labels="keep")
    assert found in (None, expected_of(sets))


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
@anything
@given(sets=label_sets())
def test_sets_as_lists(tmp_path, suffix, sets):
    path = tmp_path / f"sets{suffix}"
    cells = [json.dumps(one) for one in sets] if suffix == ".csv" else sets
    write_lists(path, cells)
    found, _ = read(path)
    assert found in (None, expected_of(sets))


@anything
@given(sets=label_sets())
def test_sets_as_python_writes_lists(tmp_path, sets):
    write_lists(tmp_path / "sets.csv", [str(one) for one in sets])
    found, _ = read(tmp_path / "sets.csv")
    assert found in (None, expected_of(sets))


@anything
@given(sets=label_sets())
def test_sets_as_a_column_per_label(tmp_path, sets):
    names = sorted({label for one in sets for label in one})
    for i in range(len(sets)):
        (tmp_path / f"{i}.jpg").touch()
    rows = [[f"{i}.jpg", *(int(name in one) for name in names)] for i, one in enumerate(sets)]
    with (tmp_path / "sets.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("image", *names), *rows])
    found, _ = read(tmp_path / "sets.csv")
    assert found in (None, expected_of(sets))


@anything
@given(sets=label_sets())
def test_sets_in_the_long_form(tmp_path, sets):
    assume(any(len(one) > 1 for one in sets))
    for i in range(len(sets)):
        (tmp_path / f"{i}.jpg").touch()
    rows = [(f"{i}.jpg", label) for i, one in enumerate(sets) for label in one or [""]]
    with (tmp_path / "sets.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("image", "label"), *rows])
    found, _ = read(tmp_path / "sets.csv")
    assert found in (None, expected_of(sets))
