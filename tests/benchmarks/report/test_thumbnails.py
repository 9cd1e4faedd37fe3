from PIL import Image

from catnocat.benchmarks.report.html import SIDE, thumbnails


def test_thumbnails_are_jpegs_within_the_budget_and_broken_pictures_are_passed_over(tmp_path):
    paths = [str(tmp_path / f"{number}.png") for number in range(3)]
    for path in paths:
        Image.effect_noise((600, 300), 50).save(path)
    (tmp_path / "broken.png").write_text("no picture")
    made = thumbnails([str(tmp_path / "broken.png"), str(tmp_path / "gone.png"), *paths, *paths])
    assert list(made) == paths
    assert all(address.startswith("data:image/jpeg;base64,") for address in made.values())
    enough_for_two = 2 * max(map(len, made.values()))
    assert list(thumbnails(paths, enough_for_two)) == paths[:2]
    assert SIDE < 600
