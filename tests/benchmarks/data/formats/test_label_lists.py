"""Open Images and NUS-WIDE."""

import pytest

from catnocat.benchmarks.data.formats import read_dataset

HEADER = "ImageID,Source,LabelName,Confidence"


@pytest.fixture
def verified(tmp_path, text, picture):
    """Return a function that writes an Open Images folder of two images from its rows."""
    for name in ("aa", "bb"):
        picture(name, tmp_path / "images" / f"{name}.jpg")

    def write(*rows):
        text(tmp_path / "class-descriptions.csv", "/m/1,Cat", "/m/2,Dog", "/m/3,Dog")
        return text(tmp_path / "train-annotations-human-imagelabels.csv", HEADER, *rows)

    return write


def test_verified_absent_is_known_and_missing_is_unknown(verified, tmp_path):
    file = verified("aa,verification,/m/1,1", "aa,verification,/m/2,0", "bb,verification,/m/2,1")
    for path in (file, tmp_path):
        table = read_dataset(path)
        assert table.labels == ("Cat", "Dog (/m/2)")
        assert table.images == ("images/aa.jpg", "images/bb.jpg")
        assert table.Y.tolist() == [[1, 0], [0, 1]]
        assert table.known.tolist() == [[True, True], [False, True]]


def test_contradicting_answers_are_unknown(verified):
    table = read_dataset(verified("aa,a,/m/1,1", "aa,b,/m/1,0", "bb,a,/m/1,1", "bb,b,/m/1,1"))
    assert table.known.tolist() == [[False], [True]]


def test_pictures_that_are_not_there_are_passed_over(verified):
    table = read_dataset(verified("zz,a,/m/3,1", "aa,a,/m/1,1"))
    assert table.labels == ("Cat",)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["aa,machine,/m/1,0.7"], "row 2: confidence '0.7' is neither 0 nor 1; take the file"),
        (["aa,a,/m/1,1", "aa,a,/m/1"], "row 3: 3 cells, not 4"),
        (["zz,a,/m/1,1"], "row 2: no image of that name, nor of any other, below"),
        ([], "no image of that name, nor of any other, below"),
    ],
)
def test_broken_open_images(verified, refused, rows, told):
    assert told in refused(verified(*rows))


def test_nus_wide_without_a_split(write_nus_wide, tmp_path, text):
    root = write_nus_wide(tmp_path)
    (root / "ImageList" / "TestImagelist.txt").unlink()
    (root / "ImageList" / "TrainImagelist.txt").rename(root / "ImageList" / "Imagelist.txt")
    for label, flags in (("cat", (1, 0, 0, 1)), ("dog", (0, 0, 1, 1))):
        text(root / "Groundtruth" / "AllLabels" / f"Labels_{label}.txt", *flags)
    table = read_dataset(root)
    assert table.images[0] == "Flickr/animals/001.jpg"
    assert table.Y.tolist() == [[1, 0], [0, 0], [0, 1], [1, 1]]
    assert table.split is None


@pytest.mark.parametrize(
    ("file", "lines", "told"),
    [
        ("Groundtruth/TrainTestLabels/Labels_cat_Test.txt", "102", "row 3: '2' is neither"),
        ("Groundtruth/TrainTestLabels/Labels_cat_Test.txt", "10", "2 values for the 3 images of"),
        ("Groundtruth/TrainTestLabels/Labels_cat_Test.txt", None, "Labels_cat_Test.txt: no such"),
        ("ImageList/TestImagelist.txt", "aab", "'a' is repeated in the lists"),
    ],
)
def test_broken_nus_wide(write_nus_wide, tmp_path, text, refused, file, lines, told):
    root = write_nus_wide(tmp_path)
    if lines is None:
        (root / file).unlink()
    else:
        text(root / file, *lines)
    assert told in refused(root)
