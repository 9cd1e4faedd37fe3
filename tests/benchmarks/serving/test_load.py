"""A short load test of a real model with real photographs; `make load-test` is the long one."""

import pytest

from catnocat.benchmarks.models import fit_model
from catnocat.benchmarks.serving.load_test import load_test

pytestmark = pytest.mark.slow
PHOTOS = 60


@pytest.fixture(scope="module")
def model(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    lines = (data / "coco18" / "labels.csv").read_text().splitlines()[1 : PHOTOS + 1]
    rows = [line.rsplit(",", 1)[0] for line in lines]
    table = folder / "labels.csv"
    table.write_text("\n".join(["image,labels", *(f"{data}/coco18/{row}" for row in rows)]) + "\n")
    fit_model(table, out=folder / "few.catnocat", n_jobs=1)
    return folder / "few.catnocat"


def test_no_answer_is_wrong_and_garbage_is_refused(model, data):
    photos = sorted((data / "coco18" / "images").glob("*.jpg"))[:24]
    told = load_test(model, photos, requests=120, share_of_garbage=0.15)
    assert told["troubles"] == []
    assert told["exit_code"] == 0
    assert sum(told["statuses"].values()) == told["requests"] == 120
    assert set(told["statuses"]) == {200, 413, 415, 422}
