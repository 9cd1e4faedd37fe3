"""The classic multi-label sets, read where CATNOCAT_DATA has them."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from scipy.io import arff
from threadpoolctl import threadpool_limits


def read(path, names):
    table, meta = arff.loadarff(path)
    Y = np.column_stack([table[name].astype(int) for name in names])
    X = np.column_stack([table[name] for name in meta.names() if name not in names])
    return X, Y


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Limit BLAS to one thread: many small fits would wait for threads."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def official(data):
    """Return a reader of a set's official split: X_train, Y_train, X_test, Y_test."""

    def split(name):
        folder = data / "tabular" / name
        labels = ElementTree.parse(folder / f"{name}.xml").getroot()
        names = [label.attrib["name"] for label in labels]
        return *read(folder / f"{name}-train.arff", names), *read(
            folder / f"{name}-test.arff", names
        )

    return split
