from PIL import Image

from catnocat.benchmarks.report.html import THUMBNAIL_SIDE, thumbnails


def test_thumbnails_are_jpegs_within_the_budget(tmp_path):
    paths = [str(tmp_path / f"{number}.png") for number in range(3)]
    for path in paths:
        Image.effect_noise((600, 300), 50).save(path)
    (tmp_path / "broken.png").write_text("no image")
    uris = thumbnails([str(tmp_path / "broken.png"), str(tmp_path / "gone.png"), *paths, *paths])
    assert list(uris) == paths
    assert all(uri.startswith("data:image/jpeg;base64,") for uri in uris.values())
    enough_for_two = 2 * max(map(len, uris.values()))
    assert list(thumbnails(paths, enough_for_two)) == paths[:2]
    assert THUMBNAIL_SIDE < 600
