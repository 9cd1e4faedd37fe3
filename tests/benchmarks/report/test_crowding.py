import pytest

from catnocat.benchmarks.report import print_results, write_reports


@pytest.fixture
def crowding(make_effect):
    def point(x, value):
        figures = {"value": value, "low": value - 0.1, "high": value + 0.1}
        return {"x": x, "label": str(x), "images": 30} | figures

    curve = {
        "metric": "auroc",
        "chance": 0.5,
        "labels_averaged": ["cat", "dog", "<script>"],
        "series": {"<b>one</b>": [point(1, 0.9), point(2, 0.8)]},
    }
    figure = {"value": 0.8, "low": 0.7, "high": 0.9}
    row = {"recipe": "this", "classifier": "<i>x</i>", "against": None, "single": None}
    row |= {"auroc": figure, "ap": figure}
    return {
        "curves": {
            "transfer-auroc": curve,
            "transfer-ap": curve | {"metric": "ap", "chance": 0.35},
        },
        "effects": {"labels": make_effect()},
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
        "interventions": [
            row | {"difference": None},
            row | {"difference": {"auroc": figure, "ap": figure}},
        ],
        "not_measured": [{"code": "no_object_counts"}],
        "reference": "one-vs-rest",
        "most_labels": 3,
        "images": 50,
        "test_images": 60,
    }


def test_curves_tables_and_findings_are_shown(results, crowding, tmp_path, capsys):
    results["crowding"] = crowding
    write_reports(results, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for part in (
        "Trained on images of a single label only",
        "sample of 50 of the 60",
        "+0.800 (+0.700\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}+0.900)",
        "Not measured. Accuracy by the number of objects",
        "&lt;i&gt;x&lt;/i&gt;",
    ):
        assert part in page
    assert "<b>one</b>" not in page
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "- The macro AUROC of one-vs-rest falls" in text
    print_results(results, verbose=True)
    assert "Crowding: The macro AUROC of one-vs-rest falls" in capsys.readouterr().out
