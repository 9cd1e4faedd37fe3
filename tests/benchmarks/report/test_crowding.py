import pytest

from catnocat.benchmarks.report import print_results, write_reports


@pytest.fixture
def found():
    def point(x, value):
        told = {"x": x, "label": str(x), "images": 30}
        return told | {"value": value, "low": value - 0.1, "high": value + 0.1}

    curve = {
        "title": "Two dogs, or a dog and a cat",
        "about": "About it.",
        "x": "labels",
        "y": "macro AUROC",
        "chance": 0.5,
        "labels_averaged": ["cat", "dog", "<script>"],
        "series": {"<b>one</b>": [point(1, 0.9), point(2, 0.8)]},
    }
    figure = {"value": 0.8, "low": 0.7, "high": 0.9}
    row = {"recipe": "this", "auroc": figure, "ap": figure, "classifier": "<i>x</i>"}
    return {
        "curves": {"transfer-auroc": curve, "transfer-ap": curve | {"chance": 0.35}},
        "transfer": {
            "method": "logistic",
            "train_images": 100,
            "draws": 3,
            "rows": [
                {
                    "trained_on": "images of one label",
                    "labels_per_image": 1.0,
                    "tested_on": "2",
                    "images": 30,
                    "auroc": 0.8,
                    "difference": figure,
                }
            ],
        },
        "crowded": {"labels": "3 or more", "images": 12},
        "rescue": [
            row | {"difference": None},
            row | {"difference": {"auroc": figure, "ap": figure}},
        ],
        "findings": ["It falls."],
        "not_measured": ["Objects: none are counted."],
        "images": 50,
        "test_images": 60,
    }


def test_curves_tables_and_sentences_are_shown(results, found, tmp_path, capsys):
    results["crowding"] = found
    write_reports(results, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for told in (
        "Two dogs, or a dog and a cat",
        "Measured on 50 of the 60",
        "+0.800 (+0.700\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}+0.900)",
        "Not measured. Objects",
        "&lt;i&gt;x&lt;/i&gt;",
    ):
        assert told in page
    assert "<b>one</b>" not in page
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "- It falls." in text
    print_results(results, verbose=True)
    assert "Crowding: It falls." in capsys.readouterr().out
