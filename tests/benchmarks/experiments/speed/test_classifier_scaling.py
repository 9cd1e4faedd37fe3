import pytest

from catnocat import classifiers
from catnocat.benchmarks.experiments.speed import classifier_scaling


def test_every_classifier_has_a_row():
    models = classifier_scaling.make_classifiers()
    assert {"MLkNN", "RAkEL", "HeadClassifier", "RegionMaxClassifier"} < set(models)
    assert "MultiLabelClassifier" not in models
    assert all(type(model) is getattr(classifiers, name) for name, model in models.items())


def test_prints_seconds_and_growth(capsys):
    arguments = ["--only", "MLkNN", "ClassifierChain", "--images", "60", "--features", "5"]
    assert classifier_scaling.main([*arguments, "--labels", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "60 images x 5 features, 3 labels; one thread"
    assert lines[2] == "| class | fit s | predict µs | labels x4 | images x4 | features x4 |"
    assert [line.split("`")[1] for line in lines[4:]] == ["ClassifierChain", "MLkNN"]
    assert {line.count("|") for line in lines[2:]} == {7}


def test_unknown_classifier_is_refused(capsys):
    with pytest.raises(SystemExit, match="2"):
        classifier_scaling.main(["--only", "Oracle"])
    assert "invalid choice: 'Oracle'" in capsys.readouterr().err
