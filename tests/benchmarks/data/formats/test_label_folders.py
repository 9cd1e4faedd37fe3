import pytest

from catnocat.benchmarks.data.formats import FORMATS, read_dataset


def recognised(path):
    return [one.name for one in FORMATS if one.recognises(path)]


@pytest.fixture
def pets(tmp_path, picture):
    """Two images of cats, and one dog that is also in the folder of cats under another name."""
    root = tmp_path / "pets"
    picture("a", root / "cat" / "a.png")
    picture("b", root / "cat" / "b.png")
    picture("c", root / "cat" / "c.png")
    picture("c", root / "dog" / "other.png")
    return root


def test_repeated_pictures_are_merged_by_content(pets):
    assert recognised(pets) == ["label-folders"]
    table = read_dataset(pets)
    assert table.images == ("cat/a.png", "cat/b.png", "cat/c.png")
    assert table.labels == ("cat", "dog")
    assert table.Y.tolist() == [[1, 0], [1, 0], [1, 1]]
    assert table.split is None


def test_taken_as_an_image_folder_each_file_is_a_picture(pets):
    table = read_dataset(pets, "image-folder")
    assert table.Y.tolist() == [[1, 0], [1, 0], [1, 0], [0, 1]]


def test_the_same_picture_twice_under_one_label_has_still_one(pets, picture):
    (pets / "dog" / "other.png").unlink()
    picture("d", pets / "dog" / "d.png")
    picture("d", pets / "dog" / "copy.png")
    assert recognised(pets) == ["image-folder"]
    assert read_dataset(pets).n_images == 5


@pytest.mark.parametrize("parts", [("train", "val"), ("train", "test"), ("train", "val", "test")])
def test_parts(tmp_path, picture, parts):
    for number, part in enumerate(parts):
        for label in ("cat", "dog"):
            picture(f"{label}{number}", tmp_path / part / label / "1.png")
    table = read_dataset(tmp_path)
    assert recognised(tmp_path) == ["image-folder"]
    sides = {"train": "train", "val": "train" if "test" in parts else "test", "test": "test"}
    of_images = [image.split("/")[0] for image in table.images]
    assert table.split.tolist() == [sides[part] for part in of_images]


def test_a_picture_on_both_sides_stays_there_to_be_found(tmp_path, picture):
    for part in ("train", "test"):
        for label in ("cat", "dog"):
            picture(label, tmp_path / part / label / "1.png")
    assert read_dataset(tmp_path).n_images == 4


def test_broken_twins(pets, refused, tmp_path):
    (pets / "fox").mkdir()
    assert refused(pets).startswith(f"{pets}: no data set known here")
    assert "fox: contains no image; remove the folder or add some" in refused(pets, "label-folders")
    assert "of at least two labels" in refused(pets / "cat", "image-folder")


def test_hidden_folders_and_files_do_not_count(pets):
    (pets / ".cache").mkdir()
    (pets / "cat" / "._a.png").touch()
    (pets / "cat" / "Thumbs.db").touch()
    assert read_dataset(pets).n_images == 3
