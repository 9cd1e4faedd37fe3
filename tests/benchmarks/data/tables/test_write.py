import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catnocat.benchmarks.data.tables import LabelTable, read_label_table, write_label_table
from catnocat.benchmarks.utils.errors import InputError

SUFFIXES = [".csv", ".jsonl", ".ndjson", ".parquet"]


def make(folder, images=("a.jpg", "b.jpg"), labels=("cat", "dog"), **parts):
    Y = np.eye(len(images), len(labels), dtype=np.uint8)
    return LabelTable(
        name="pets",
        source=str(folder / "pets.csv"),
        paths=tuple(str(folder / image) for image in images),
        images=tuple(images),
        labels=tuple(labels),
        **{"Y": Y, "known": np.ones_like(Y, dtype=bool)} | parts,
    )


def assert_same(one, other):
    assert one.paths == other.paths
    assert one.labels == other.labels
    np.testing.assert_array_equal(one.Y, other.Y)
    np.testing.assert_array_equal(one.known, other.known)
    for name in ("split", "group"):
        assert (getattr(one, name) is None) == (getattr(other, name) is None)
        if getattr(one, name) is not None:
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"split": ["test", "train"], "group": ["7", "x"]},
        {"known": np.array([[True, False], [False, True]])},
        {"Y": np.array([[1, 0], [0, 0]])},  # nobody carries dog
        {"labels": ("dog", "cat")},  # out of order
    ],
    ids=["plain", "all columns", "unknown", "absent", "unsorted"],
)
def test_what_is_written_reads_back(write, tmp_path, suffix, parts):
    write("")  # and the images next to it
    table = make(tmp_path, **parts)
    target = tmp_path / f"again{suffix}"
    write_label_table(table, target)
    again = read_label_table(target)
    assert_same(again, table)
    assert again.images == table.images


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_paths_follow_the_table_to_another_folder(write, tmp_path, suffix):
    write("")
    (tmp_path / "sub").mkdir()
    table = make(tmp_path)
    write_label_table(table, tmp_path / "sub" / f"pets{suffix}")
    again = read_label_table(tmp_path / "sub" / f"pets{suffix}")
    assert again.images == ("../a.jpg", "../b.jpg")
    absolute = make(tmp_path, images=[str(tmp_path / "a.jpg"), "b.jpg"])
    write_label_table(absolute, tmp_path / "sub" / f"pets{suffix}")
    assert read_label_table(tmp_path / "sub" / f"pets{suffix}").images[0] == str(tmp_path / "a.jpg")


def test_csv_is_as_a_person_would_write_it(tmp_path):
    write_label_table(make(tmp_path, Y=np.array([[1, 1], [0, 0]])), tmp_path / "pets.csv")
    assert (tmp_path / "pets.csv").read_text() == "image,labels\na.jpg,cat|dog\nb.jpg,\n"


def test_what_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"suffix must be one of \.csv, \.jsonl"):
        write_label_table(make(tmp_path), tmp_path / "pets.xlsx")
    table = make(tmp_path, labels=("Split", "cat"), known=np.eye(2, dtype=bool))
    with pytest.raises(InputError, match="a column cannot be called 'Split'; rename the label"):
        write_label_table(table, tmp_path / "pets.csv")


names = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0/|"), min_size=1, max_size=8
).filter(lambda name: name.strip() and name not in (".", ".."))
labels = names.map(str.strip).filter(bool)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(names, min_size=1, max_size=5, unique=True),
    st.lists(labels, min_size=1, max_size=4, unique=True).map(sorted),
    st.randoms(use_true_random=False),
    st.sampled_from(SUFFIXES),
)
def test_any_name_reads_back(tmp_path, images, labels, random, suffix):
    Y = np.array([[random.random() < 0.5 for _ in labels] for _ in images])
    keep = Y.any(axis=0)
    if not keep.any():
        Y, keep = Y | True, keep | True
    (tmp_path / "exists.jpg").touch()
    table = make(
        tmp_path,
        images=["exists.jpg", *(f"x/{image}" for image in images)],
        labels=[label for label, kept in zip(labels, keep, strict=True) if kept],
        Y=np.vstack([Y[:1], Y])[:, keep].astype(np.uint8),
        known=np.ones((len(images) + 1, keep.sum()), dtype=bool),
    )
    target = tmp_path / f"again{suffix}"
    write_label_table(table, target)
    assert_same(read_label_table(target), table)
