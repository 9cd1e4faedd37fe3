"""Save every classifier with skops, and load it without running code that is not trusted."""

import warnings

import numpy as np
import pytest
import skops.io
from sklearn.base import clone

from catnocat import classifiers
from catnocat.classifiers import MultiLabelClassifier

ESTIMATORS = {
    name: cls(**parameters)
    for cls in (getattr(classifiers, public) for public in classifiers.__all__)
    if isinstance(cls, type)
    and issubclass(cls, MultiLabelClassifier)
    and cls is not MultiLabelClassifier
    for name, parameters in cls._unit_test_params().items()
}
TRUSTED_PREFIXES = (
    "catnocat.classifiers.",
    "sklearn.ensemble.",
    "sklearn.neural_network.",
    "sklearn.tree.",
)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_predictions_survive_a_round_trip(name, rng):
    X = rng.normal(size=(60, 4))
    Y = (X[:, :3] + rng.normal(size=(60, 3)) > 0).astype(int)
    model = clone(ESTIMATORS[name])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X, Y)
    data = skops.io.dumps(model)
    untrusted = skops.io.get_untrusted_types(data=data)
    assert all(kind.startswith(TRUSTED_PREFIXES) for kind in untrusted)
    loaded = skops.io.loads(data, trusted=untrusted)
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
