import csv

import numpy as np
import pytest
from safetensors.numpy import save_file

from catnocat.features import FeatureError, extract_features, import_vectors, list_recipes
from catnocat.features.utils.digests import file_digest


@pytest.fixture
def store(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def give(tmp_path, photographs):
    """Return a function that writes vectors and their table and returns the path of the vectors."""

    def write(vectors, rows=None, name="V.npy", columns=("image",)):
        path = tmp_path / name
        if path.suffix == ".npy":
            np.save(path, vectors)
        else:
            save_file({"x": vectors}, path)
        if rows is None:
            rows = [[photograph] for photograph in photographs[: len(vectors)]]
        with path.with_suffix(".csv").open("w", newline="") as file:
            csv.writer(file).writerows([columns, *rows])
        return path

    return write


def random(rows, columns=6, dtype=np.float32):
    return np.random.default_rng(0).normal(size=(rows, columns)).astype(dtype)


@pytest.mark.parametrize("name", ["V.npy", "V.safetensors"])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_imported_vectors_are_used_by_name(give, photographs, broken, store, name, dtype):
    vectors = random(5, dtype=dtype)
    done = import_vectors(give(vectors, name=name), "clip", store)
    assert (done.rows, done.new, done.recipe.backbone) == (5, 5, "imported:clip")
    missing = next(iter(broken))
    images = [photographs[3], photographs[9], missing, photographs[0]]
    extraction = extract_features(images, backbone="imported:clip", store=store)
    assert np.array_equal(extraction.X, vectors[[3, 0]].astype(np.float32))
    assert extraction.computed == 0
    assert dict(extraction.skipped)[str(photographs[9])] == (
        "nothing was imported for it as imported:clip"
    )


def test_images_can_be_identified_by_digest_without_a_file(give, photographs, store):
    rows = [["elsewhere.jpg", file_digest(path)] for path in photographs[:5]]
    vectors = random(5)
    import_vectors(give(vectors, rows, columns=("image", "sha256")), "clip", store)
    extraction = extract_features(photographs[:5], backbone="imported:clip", store=store)
    assert np.array_equal(extraction.X, vectors)


def test_rows_imported_before_are_not_stored_again(give, store, photographs):
    vectors = random(5)
    import_vectors(give(vectors[:3]), "clip", store)
    done = import_vectors(give(vectors), "clip", store)
    assert (done.rows, done.new) == (5, 2)
    assert len(list_recipes(store)[0].open()) == 5
    twice = [[photographs[0]], [photographs[0]]]
    again = import_vectors(give(np.repeat(vectors[:1], 2, axis=0), twice), "other", store)
    assert (again.rows, again.new) == (2, 1)


NAN, HUGE = random(5), random(5, dtype=np.float64)
NAN[3, 1] = np.nan
HUGE[4, 0] = 1e300


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        (NAN, r"row 3 \(from 0\) holds a NaN"),
        (HUGE, r"row 4 \(from 0\) holds a NaN, infinite or too large value"),
        (random(5).ravel(), r"has the shape \(30,\)"),
        (random(0), r"has the shape \(0, 6\)"),
        (np.ones((5, 6), int), "holds int64: it must be floating"),
        (np.array([[None]]), "not an array of numbers"),
    ],
)
def test_unusable_vectors_are_reported(give, store, vectors, message):
    with pytest.raises(FeatureError, match=message) as error:
        import_vectors(give(vectors), "clip", store)
    assert "\n" not in str(error.value)
    assert not store.exists()


@pytest.mark.parametrize(
    ("columns", "rows", "message"),
    [
        (("image",), [["nowhere.jpg"]] * 2, r"line 2: nowhere\.jpg: No such file"),
        (("sha256",), [["0" * 64], ["0" * 63]], "line 3: '0+' is not a sha256"),
        (("sha256",), [["0" * 64]], r"has 2 rows and .*V\.csv has 1"),
        (("sha256",), [["0" * 64]] * 2, r"rows 0 and 1 \(from 0\) are the same image, but"),
        (("name",), [["a"], ["b"]], "needs a column sha256 or image"),
    ],
)
def test_tables_that_do_not_match_are_reported(give, store, columns, rows, message):
    with pytest.raises(FeatureError, match=message) as error:
        import_vectors(give(random(2), rows, columns=columns), "clip", store)
    assert "\n" not in str(error.value)
    assert not store.exists()


def test_vectors_of_another_length_need_another_name(give, store):
    import_vectors(give(random(2)), "clip", store)
    with pytest.raises(FeatureError, match="of 7 numbers, but what was imported as imported:clip"):
        import_vectors(give(random(2, 7)), "clip", store)
    import_vectors(give(random(2, 7)), "clip7", store)
    with pytest.raises(FeatureError, match="available: imported:clip, imported:clip7"):
        extract_features([], backbone="imported:clap", store=store)


def test_files_without_vectors_are_reported(tmp_path, store):
    for name, content, message in (
        ("V.npy", b"no array", "not an array of numbers"),
        ("V.safetensors", b"no tensors", "cannot be read"),
        ("V.txt", b"1 2 3", r"must be \.npy or \.safetensors"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(FeatureError, match=message):
            import_vectors(tmp_path / name, "clip", store)
    with pytest.raises(FeatureError, match=r"cannot import .*No such file"):
        import_vectors(tmp_path / "nowhere.npy", "clip", store)
    with pytest.raises(FeatureError, match="not a valid name for vectors"):
        import_vectors(tmp_path / "V.npy", " ", store)
