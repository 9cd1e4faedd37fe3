"""Compare the feature vectors that the engines compute for the same images."""

import argparse
import importlib.util
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ....features import extract_features
from ..command import run_measurement
from .inputs import find_photos


def main(arguments: Sequence[str] | None = None) -> int:
    """Print cosine similarities between the engines and precisions.

    Parameters
    ----------
    arguments : sequence of str, optional
        Default: the arguments of the command line.

    Returns
    -------
    int
        Exit code of `run_measurement`.
    """
    parser = argparse.ArgumentParser(
        prog="python -m catnocat.benchmarks.experiments.speed.engine_agreement", description=__doc__
    )
    parser.add_argument("--table", help="a data set as for catnocat bench")
    parser.add_argument("--photos", type=int, default=1000)
    return run_measurement(parser, _measure, arguments)


def _measure(arguments: argparse.Namespace) -> None:
    engines = ["torch"] + ["openvino"] * (importlib.util.find_spec("openvino") is not None)
    features = {}
    with tempfile.TemporaryDirectory() as folder:
        paths = find_photos(arguments.table, Path(folder))[1]
        paths = paths[:: max(1, len(paths) // arguments.photos)][: arguments.photos]
        for engine in engines:
            for precision in ("float32", "bfloat16"):
                features[f"{engine} {precision}"] = extract_features(
                    paths, store=folder, engine=engine, precision=precision
                ).X
    print(f"cosine similarity on {len(paths)} photographs: mean, 1 % quantile, minimum")
    pairs = [("torch float32", other) for other in list(features)[1:]]
    pairs += [("torch bfloat16", "openvino bfloat16")] * (len(engines) > 1)
    for first, second in pairs:
        values = cosine_similarities(features[first], features[second])
        figures = (values.mean(), np.quantile(values, 0.01), values.min())
        print(f"{first} and {second}:", ", ".join(f"{figure:.5f}" for figure in figures))


def cosine_similarities(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the cosine similarity of corresponding rows.

    Parameters
    ----------
    first, second : numpy.ndarray
        (n, d).

    Returns
    -------
    numpy.ndarray
        float64 (n,).

    Examples
    --------
    >>> cosine_similarities(np.eye(2), np.array([[2, 0], [1, 0]])).tolist()
    [1.0, 0.0]
    """
    first, second = first.astype(np.float64), second.astype(np.float64)
    norms = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    similarities: np.ndarray = (first * second).sum(axis=1) / norms
    return similarities


if __name__ == "__main__":
    raise SystemExit(main())
