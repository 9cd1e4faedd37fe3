"""Compare the feature vectors that the engines compute for the same images."""

import argparse
import importlib.util
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ....features import extract_features
from ..command import run_measurement
from .photos import find_photos


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the cosines between the features of both engines in both precisions.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the command line by default.

    Returns
    -------
    int
        As `run_measurement` says.
    """
    parser = argparse.ArgumentParser(
        prog="catnocat.benchmarks.experiments.speed.engine_agreement", description=__doc__
    )
    parser.add_argument("--table", help="photographs of a data set that catnocat bench reads")
    parser.add_argument("--photos", type=int, default=1000)
    return run_measurement(parser, _measure, arguments)


def _measure(asked: argparse.Namespace) -> None:
    engines = ["torch"] + ["openvino"] * (importlib.util.find_spec("openvino") is not None)
    features = {}
    with tempfile.TemporaryDirectory() as folder:
        paths = find_photos(asked.table, Path(folder))[1]
        paths = paths[:: max(1, len(paths) // asked.photos)][: asked.photos]
        for engine in engines:
            for precision in ("float32", "bfloat16"):
                features[f"{engine} {precision}"] = extract_features(
                    paths, store=folder, engine=engine, precision=precision
                ).X
    print(f"cosines of {len(paths)} photographs: mean, of the worst hundredth, of the worst")
    pairs = [("torch float32", other) for other in list(features)[1:]]
    pairs += [("torch bfloat16", "openvino bfloat16")] * (len(engines) > 1)
    for one, other in pairs:
        found = cosines(features[one], features[other])
        figures = (found.mean(), np.quantile(found, 0.01), found.min())
        print(f"{one} and {other}:", ", ".join(f"{figure:.5f}" for figure in figures))


def cosines(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Give the cosine between each two rows.

    Parameters
    ----------
    one, other : numpy.ndarray
        (n, d).

    Returns
    -------
    numpy.ndarray
        float64 (n,).

    Examples
    --------
    >>> cosines(np.eye(2), np.array([[2, 0], [1, 0]])).tolist()
    [1.0, 0.0]
    """
    one, other = one.astype(np.float64), other.astype(np.float64)
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    found: np.ndarray = (one * other).sum(axis=1) / lengths
    return found


if __name__ == "__main__":
    raise SystemExit(main())
