import pytest

from catnocat.benchmarks.data.formats import read_dataset, read_voc

DIFFICULT = [
    ("001", "train", {"cat": 1, "dog": 1}),
    ("002", "train", {"dog": 2}),
    ("003", "test", {"cat": 1, "fox": 1}),
    ("004", "test", {"dog": 1}),
]


@pytest.mark.parametrize("lists", [True, False], ids=["lists", "annotations only"])
def test_difficult_objects_are_unknown(write_voc, tmp_path, lists):
    table = read_dataset(write_voc(tmp_path / "VOC2007", DIFFICULT, difficult=["dog"], lists=lists))
    assert table.name == "VOC2007"
    assert table.labels == ("cat", "dog", "fox")
    assert table.Y.tolist() == [[1, 0, 0], [0, 0, 0], [1, 0, 1], [0, 0, 0]]
    assert table.known[:, 1].tolist() == [False, False, True, False]
    assert table.known[:, [0, 2]].all()
    assert table.counts.tolist() == [[1, 1, 0], [0, 2, 0], [1, 0, 1], [0, 1, 0]]
    assert table.split.tolist() == ["train", "train", "test", "test"]


def test_an_object_of_a_class_that_is_also_there_without_difficulty(tmp_path, text, picture):
    picture("1", tmp_path / "JPEGImages" / "1.jpg")
    hard = "<object><name>dog</name><difficult>1</difficult></object>"
    easy = "<object><name>dog</name></object>"
    text(tmp_path / "Annotations" / "1.xml", f"<annotation>{hard}{easy}</annotation>")
    table = read_voc(tmp_path)
    assert table.Y.all()
    assert table.known.all()
    assert table.counts.tolist() == [[2]]
    assert table.split is None


@pytest.mark.parametrize("place", [".", "VOC2007", "VOCdevkit/VOC2007"])
def test_the_folder_may_be_any_above(write_voc, tmp_path, place):
    write_voc(tmp_path / place)
    assert read_dataset(tmp_path).n_images == 7


def test_without_test_lists_val_is_judged(write_voc, tmp_path):
    root = write_voc(tmp_path)
    for file in sorted((root / "ImageSets" / "Main").iterdir()):
        to = file.name.replace("trainval", "train").replace("test", "val")
        file.rename(file.with_name(to))
    assert read_dataset(root).split.tolist() == ["train"] * 4 + ["test"] * 3


def test_several_years_are_refused(write_voc, tmp_path, refused):
    for year in ("VOC2007", "VOC2012"):
        write_voc(tmp_path / year)
    assert "several VOC data sets; name one of" in refused(tmp_path)


@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("ImageSets/Main/cat_test.txt", "005 2\n", "cat_test.txt row 1: '005 2' is not an image"),
        ("ImageSets/Main/cat_test.txt", "005 1\n005 1\n", "row 2: '005' is repeated"),
        ("ImageSets/Main/dog_test.txt", "005 1\n", "not the images of cat_test.txt; see '006'"),
        ("ImageSets/Main/fox_test.txt", None, "fox_test.txt: missing; every class needs a list"),
        ("Annotations/002.xml", "<annotation>", "002.xml row 1: not XML (no element found)"),
        ("Annotations/002.xml", "<html/>", "002.xml: a <html>, not a VOC <annotation>"),
        (
            "Annotations/002.xml",
            '<!DOCTYPE a [<!ENTITY b "ha">]><annotation>&b;</annotation>',
            "002.xml: has a document type",
        ),
        (
            "Annotations/002.xml",
            "<annotation><object><difficult>0</difficult></object></annotation>",
            "002.xml: object 1 has no <name>",
        ),
        (
            "Annotations/002.xml",
            "<annotation><object><name>a</name><difficult>x</difficult></object></annotation>",
            "object 1 has <difficult> 'x', which is neither 0 nor 1",
        ),
    ],
)
def test_broken_twins(write_voc, tmp_path, refused, file, content, told):
    root = write_voc(tmp_path)
    if content is None:
        (root / file).unlink()
    else:
        (root / file).write_text(content)
    assert told in refused(root)


def test_an_image_in_two_parts_is_refused(write_voc, tmp_path, refused):
    root = write_voc(tmp_path)
    for label in ("cat", "dog", "fox"):
        (root / "ImageSets" / "Main" / f"{label}_test.txt").write_text("001 -1\n")
    assert "'001' is in another part too" in refused(root)
