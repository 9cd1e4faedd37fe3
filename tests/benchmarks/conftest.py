"""Small tables and features for the comparison's tests."""

import numpy as np
import pytest

from catnocat.benchmarks.tables import LabelTable


@pytest.fixture
def make_table():
    """Give a function that makes a table of images that need not exist."""

    def make(n_images, n_labels=4, seed=0, **more):
        rng = np.random.default_rng(seed)
        Y = (rng.random((n_images, n_labels)) < np.linspace(0.5, 0.2, n_labels)).astype(np.uint8)
        if "split" in more:
            more["split"] = np.array(more["split"])
        return LabelTable(
            name="made",
            source="made.csv",
            images=tuple(f"{row}.jpg" for row in range(n_images)),
            paths=tuple(f"/made/{row}.jpg" for row in range(n_images)),
            labels=tuple(f"label{number}" for number in range(n_labels)),
            Y=more.pop("Y", Y),
            known=more.pop("known", np.ones((n_images, n_labels), dtype=bool)),
            **more,
        )

    return make
