import pytest

from catnocat.benchmarks.data.inspection.version_names import frame_sequences, version_groups


@pytest.mark.parametrize(
    "names",
    [
        [f"X_jpg.rf.{start}2c3d4e5f60718293a4b5c6d7e8f9.jpg" for start in ("0a1b", "ffff")],
        ["cat_original_a.png_0a1b2c3d-1111-2222-3333-0a1b2c3d4e5f.png", "a.png"],
        ["a.jpg", "a_aug1.jpg"],
        ["a_aug_1.jpg", "a_aug_2.jpg"],
        ["aug_0_a.jpg", "aug_1_a.jpg"],
        ["a.jpg", "a_flipped.jpg"],
        ["a.jpg", "a-rot90.jpg"],
        ["a_hflip_aug3.jpg", "a.jpg"],
        ["train/a.jpg", "test/a copy 2.jpg"],
    ],
)  # fmt: skip
def test_versions_of_a_name_are_one_group(names):
    assert version_groups(names) == [[0, 1]]


@pytest.mark.parametrize(
    "names",
    [
        ["IMG_0001.jpg", "IMG_0002.jpg"],
        ["photo (1).jpg", "photo (2).jpg"],
        ["cat/001_jpg.rf.0a1b2c3d4e5f.jpg", "dog/001_jpg.rf.1a1b2c3d4e5f.jpg"],
        ["a.jpg", "a.png"],
        ["train/a.jpg", "test/a.jpg"],
        ["flip.jpg", "_flip.jpg"],
        ["crop.jpg", "crop_2.jpg"],
        ["", "."],
    ],
)
def test_other_names_are_not(names):
    assert version_groups(names) == []


def test_frames_are_ordered_by_their_number():
    names = [f"film_{number}.png" for number in range(20, 0, -1)] + ["film_a.png"]
    (run,) = frame_sequences(names)
    assert run == list(range(19, -1, -1))
    assert frame_sequences([f"{letter}{1}.png" for letter in "abcdefghij"]) == []
