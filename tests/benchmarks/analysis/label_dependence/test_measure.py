import numpy as np

from catnocat.benchmarks.analysis.label_dependence import (
    label_dependence,
    measure,
    measure_dependence,
)


def test_small_table_is_not_sampled(make_table, rng):
    table = make_table(120)
    probabilities = rng.random(table.Y.shape)
    found = measure_dependence(table, probabilities, method="one-vs-rest")
    whole = label_dependence(table.Y, table.labels, probabilities, known=table.known)
    assert {key: found[key] for key in whole} == whole
    assert (found["images"], found["test_images"], found["labels"]) == (120, 120, 4)
    assert found["labels_left_out"] == []
    assert found["method"] == "one-vs-rest"


def test_large_table_is_sampled_and_reported(make_table, monkeypatch, rng):
    monkeypatch.setattr(measure, "MAX_IMAGES", 60)
    monkeypatch.setattr(measure, "MAX_LABELS", 3)
    table = make_table(400, group=np.repeat([f"g{i}" for i in range(100)], 4))
    found = measure_dependence(table, rng.random(table.Y.shape))
    assert 50 <= found["images"] <= 60
    assert found["images"] % 4 == 0, "groups are kept whole"
    assert found["test_images"] == 400
    rarest = table.labels[int(table.Y.sum(axis=0).argmin())]
    assert found["labels_left_out"] == [rarest]
    assert rarest not in found["marginal"]["matrix"]["labels"]


def test_marginal_dependence_without_probabilities(make_table):
    found = measure_dependence(make_table(80))
    assert found["given_features"] is None
    assert found["marginal"]["tested"] == 6
