import pytest

from catnocat.benchmarks.evaluation.detectors import coco_results
from catnocat.benchmarks.evaluation.detectors.coco_results import read_best_scores
from catnocat.benchmarks.utils.errors import InputError

ENTRY = '{"image_id": 1, "category_id": 2, "score": 0.5}'


@pytest.mark.parametrize("chunk", [1, 7, 1 << 20])
def test_best_detection_of_a_category_is_kept(tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(coco_results, "_CHUNK_CHARS", chunk)
    file = tmp_path / "found.json"
    file.write_text(
        '\ufeff [ {"image_id": 1, "category_id": 2, "score": 0.5, "bbox": [1, 2, 3, 4]},\n'
        ' {"score": 0.75, "image_id": 1.0, "category_id": 2, "segmentation": {"counts": "]},{"}} ,'
        ' {"image_id": "\u00e4.jpg", "category_id": "cat", "score": 1}\n]\n',
        encoding="utf-8",
    )
    assert read_best_scores(file) == {1: {2: 0.75}, "\u00e4.jpg": {"cat": 1.0}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "not a JSON list; use the COCO results format"),
        ('{"annotations": []}', "not a JSON list; use the COCO results format"),
        ("[]", "contains no detection"),
        (f"[{ENTRY}", "invalid JSON at entry 1; is the file truncated?"),
        (f"[{ENTRY[:20]}", "invalid JSON at entry 0; is the file truncated?"),
        (f"[{ENTRY} {ENTRY}]", "invalid JSON at entry 1"),
        (f"[{ENTRY},]", "invalid JSON at entry 1"),
        (f"[{ENTRY}] {ENTRY}", "invalid JSON at entry 1"),
        (f"[{ENTRY}, 7]", "entry 1 is 7, not an object"),
        ("[" * 100_000, "entry 0 is nested too deeply"),
        (f'[{{"image_id": {"1" * 5000}}}]', "invalid JSON at entry 0"),
        ('[{"category_id": 1, "score": 1}]', "entry 0 has no 'image_id'; each needs"),
        (
            '[{"image_id": 1.5, "category_id": 1, "score": 1}]',
            "image_id is 1.5, neither an integer",
        ),
        ('[{"image_id": 1, "category_id": true, "score": 1}]', "category_id is True, neither"),
        ('[{"image_id": 1, "category_id": 1}]', "entry 0: score is None, not a number"),
        ('[{"image_id": 1, "category_id": 1, "score": "1"}]', "score is '1', not a number"),
        ('[{"image_id": 1, "category_id": 1, "score": NaN}]', "score nan is not between 0 and 1"),
        ('[{"image_id": 1, "category_id": 1, "score": 87.5}]', "score 87.5 is not between 0"),
        ("\udcff[]", "not UTF-8 text"),
    ],
)
def test_invalid_file_is_refused_in_one_line(tmp_path, content, message):
    file = tmp_path / "found.json"
    file.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match=r"found\.json") as caught:
        read_best_scores(file)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"no.json: No such file"):
        read_best_scores(tmp_path / "no.json")
