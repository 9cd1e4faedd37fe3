import csv
import hashlib
import shutil

import numpy as np
import pytest

from catnocat.features import (
    FeatureError,
    FeatureStore,
    View,
    extract_features,
    find_backbone,
    plan_recipe,
    read_image,
)

TORCH = {"engine": "torch"}


@pytest.fixture
def store(tmp_path):
    return tmp_path / "store"


def test_each_image_is_computed_once(photographs, store):
    first = extract_features(photographs, store=store)
    again = extract_features(photographs[::-1], store=store)
    assert (first.computed, again.computed) == (21, 0)
    assert first.X.shape == (21, 1280)
    assert first.X.dtype == np.float32
    assert first.readable.all()
    assert np.array_equal(again.X, first.X[::-1])
    assert first.digests[::-1] == again.digests


def test_rows_equal_the_outputs_of_the_network(photographs, store):
    from catnocat.features.engines import open_engine
    from catnocat.features.preprocessing.views import CROPS

    views = ["whole", "center@96:max"]
    extraction = extract_features(photographs, store=store, views=views, **TORCH)
    backbone = find_backbone()
    parts = []
    with open_engine("torch", backbone, "float32", 1, 1) as engine:
        for view in (View(), View("center", 96, "max")):
            network = engine.network(view)
            (crop,) = CROPS[view.crop]
            shown = [
                crop.cut(read_image(path), view.size, backbone.preprocessing)
                for path in photographs
            ]
            parts.append(network(np.stack(shown)))
    assert np.abs(extraction.X - np.concatenate(parts, axis=1)).max() < 1e-4


@pytest.mark.parametrize("engine", ["torch", "auto"])
def test_features_do_not_depend_on_batches_threads_or_order(photographs, tmp_path, engine):
    def extract(paths, name, **options):
        return extract_features(paths, store=tmp_path / name, engine=engine, **options).X

    once = extract(photographs, "once")
    assert np.array_equal(extract(photographs[::-1], "order")[::-1], once)
    assert np.array_equal(extract(photographs, "threads", n_jobs=3), once)
    assert np.abs(extract(photographs, "batches", batch_size=5) - once).max() < 1e-4


def test_equal_content_is_computed_once(photographs, tmp_path, store):
    copies = [shutil.copy(photographs[0], tmp_path / f"{number}.jpg") for number in range(20)]
    extraction = extract_features([*photographs[:2], *copies], store=store)
    assert extraction.computed == 2
    assert (extraction.X[2:] == extraction.X[0]).all()


def test_moved_image_is_not_computed_again(photographs, tmp_path, store):
    extract_features(photographs[:1], store=store)
    moved = shutil.copy(photographs[0], tmp_path / "moved.jpg")
    assert extract_features([moved], store=store).computed == 0


def test_changed_image_is_computed_again(photographs, tmp_path, store):
    path = tmp_path / "image.jpg"
    shutil.copy(photographs[0], path)
    first = extract_features([path], store=store)
    shutil.copy(photographs[1], path)
    second = extract_features([path], store=store)
    assert second.computed == 1
    assert not np.array_equal(first.X, second.X)


def test_unusual_images_are_used_and_broken_ones_listed(readable, broken, store):
    paths = [path for pair in zip(readable.values(), broken, strict=False) for path in pair]
    paths += [path for path in (*readable.values(), *broken) if path not in paths]
    extraction = extract_features(paths, store=store)
    assert [path in readable.values() for path in paths] == extraction.readable.tolist()
    assert [path for path, _ in extraction.skipped] == [
        str(path) for path in paths if path in broken
    ]
    for path, reason in extraction.skipped:
        assert broken[type(paths[0])(path)] in reason
    assert len(extraction.X) == len(readable)
    assert np.isfinite(extraction.X).all()


def test_failures_are_stored_but_missing_files_are_not(broken, photographs, tmp_path, store):
    missing = tmp_path / "missing.jpg"
    paths = [*broken, missing, photographs[0]]
    first = extract_features(paths, store=store)
    failures = FeatureStore(store, first.recipe).failures
    assert len(failures) == len(broken) - 2  # no bytes are known of a folder and a missing file
    shutil.copy(photographs[1], missing)
    second = extract_features(paths, store=store)
    assert second.computed == 1
    assert second.skipped == tuple(entry for entry in first.skipped if entry[0] != str(missing))


def test_no_readable_image_gives_no_rows(broken, store):
    extraction = extract_features(list(broken), store=store)
    assert extraction.X.shape == (0, 1280)
    assert not extraction.readable.any()


def test_no_images_give_no_rows(store):
    extraction = extract_features([], store=store)
    assert extraction.X.shape == (0, 1280)
    assert extraction.skipped == ()


def test_progress_counts_every_image(photographs, broken, store):
    calls = []
    paths = [*photographs, *broken, photographs[0]]
    extract_features(paths, store=store, progress=lambda *counts: calls.append(counts))
    assert calls[0] < (len(broken), len(paths))  # a missing file is known to be missing
    assert calls[-1] == (len(paths), len(paths))
    assert calls == sorted(calls)


def test_interrupted_run_keeps_its_results(photographs, store):
    def interrupt(done, total):
        if done >= 16:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        extract_features(photographs, store=store, progress=interrupt)
    kept = len(FeatureStore(store, plan_recipe()))
    assert kept >= 16
    assert extract_features(photographs, store=store).computed == 21 - kept


@pytest.mark.parametrize("wrong", [{"batch_size": 0}, {"n_jobs": 0}, {"shard_rows": 0}])
def test_invalid_numbers_are_named(photographs, store, wrong):
    with pytest.raises(FeatureError, match=next(iter(wrong))):
        extract_features(photographs, store=store, **wrong)


def test_default_store_is_in_the_cache(photographs, cache):
    extraction = extract_features(photographs[:1])
    assert (cache / "features" / extraction.recipe.folder / "recipe.json").exists()


@pytest.mark.slow
def test_features_of_photographs_predict_a_label(data, store):
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    with (data / "coco18" / "labels.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[:400]
    extraction = extract_features([data / "coco18" / row["image"] for row in rows], store=store)
    assert extraction.skipped == ()
    person = np.array(["person" in row["labels"].split("|") for row in rows])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1e-3, max_iter=1000))
    model.fit(extraction.X[:300], person[:300])
    assert roc_auc_score(person[300:], model.decision_function(extraction.X[300:])) > 0.8


def test_only_failures_are_retried_on_request(photographs, store):
    first = extract_features(photographs[:2], store=store)
    unlucky = hashlib.sha256(photographs[2].read_bytes()).digest()
    FeatureStore(store, first.recipe).write_failures({unlucky: "truncated"})
    usual = extract_features(photographs[:3], store=store)
    assert usual.skipped == ((str(photographs[2]), "truncated"),)
    assert usual.computed == 0
    again = extract_features(photographs[:3], store=store, retry_failed=True)
    assert again.computed == 1
    assert again.skipped == ()
    later = extract_features(photographs[:3], store=store)
    assert later.computed == 0
    assert later.skipped == ()


def test_repeated_failures_stay_listed(broken, store):
    first = extract_features(broken, store=store)
    files = sorted((store / first.recipe.folder).glob("*.bad"))
    again = extract_features(broken, store=store, retry_failed=True)
    assert again.skipped == first.skipped
    assert sorted((store / first.recipe.folder).glob("*.bad")) == files
