import pytest

from catnocat import classifiers
from catnocat.benchmarks.experiments.speed import costs


def test_every_classifier_has_a_row():
    found = costs.every_classifier()
    assert {"MLkNN", "RAkEL", "HeadClassifier", "RegionMaxClassifier"} < set(found)
    assert "MultiLabelClassifier" not in found
    assert all(type(model) is getattr(classifiers, name) for name, model in found.items())


def test_prints_seconds_and_growth(capsys):
    asked = ["--only", "MLkNN", "ClassifierChain", "--images", "60", "--features", "5"]
    assert costs.main([*asked, "--labels", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "60 images x 5 features, 3 labels; one thread"
    assert lines[2] == "| class | fit s | predict µs | labels x4 | images x4 | features x4 |"
    assert [line.split("`")[1] for line in lines[4:]] == ["ClassifierChain", "MLkNN"]
    assert {line.count("|") for line in lines[2:]} == {7}


def test_refuses_what_is_no_classifier(capsys):
    with pytest.raises(SystemExit, match="2"):
        costs.main(["--only", "Oracle"])
    assert "invalid choice: 'Oracle'" in capsys.readouterr().err
