"""AUROC of the flag of images that are unlike the training images, for two kinds of images.

The detector is fitted to half of the training kind. Reported are the AUROC of its distances for the
other half against the other kind, and the share of images of each kind that are flagged. Means and
standard deviations are over random halves.

python -m catnocat.benchmarks.experiments.novelty labels.csv
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from ...features import extract_features
from ..data import load_dataset
from ..data.scenes import MenagerieSettings, draw_scenes
from ..inference.novelty import FALSE_FLAG_RATE, fit_novelty_detector
from .command import run_measurement

_N_HALVES = 10


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table with a row per direction; return the exit code of `run_measurement`."""
    parser = argparse.ArgumentParser(
        prog="python -m catnocat.benchmarks.experiments.novelty", description=__doc__
    )
    parser.add_argument("photographs", help="a data set of photographs, as for catnocat bench")
    parser.add_argument("--scenes", help="another data set; by default newly drawn scenes")
    parser.add_argument("--images", type=int, default=1000, help="of each kind [%(default)s]")
    parser.add_argument("--store", type=Path, help="folder of the feature store")
    return run_measurement(parser, _measure, arguments)


def _measure(arguments: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        scenes = arguments.scenes
        if scenes is None:
            settings = MenagerieSettings(number=arguments.images, seed=0)
            scenes = draw_scenes(settings, Path(folder) / "scenes")
        kinds = {
            "photographs": _features(arguments.photographs, arguments.images, arguments.store),
            "scenes": _features(scenes, arguments.images, arguments.store),
        }
    print("| fitted to | other images | AUROC | flagged, same kind | flagged, other kind |")
    print("|---|---|--:|--:|--:|")
    for known, other in (("photographs", "scenes"), ("scenes", "photographs")):
        figures = evaluate_detector(kinds[known], kinds[other])
        cells = [f"{mean:.3f} ± {deviation:.3f}" for mean, deviation in figures.values()]
        print(f"| {known} | {other} | {' | '.join(cells)} |")
    print(f"\nThe detector is calibrated to flag {FALSE_FLAG_RATE:.0%} of the same kind.")


def _features(dataset: Any, count: int, store: Path | None) -> NDArray[np.float32]:
    paths = load_dataset(dataset).paths
    step = max(1, len(paths) // count)
    X: NDArray[np.float32] = extract_features(paths[::step][:count], store=store).X
    return X


def evaluate_detector(
    known: NDArray[np.float32], other: NDArray[np.float32], n_halves: int = _N_HALVES
) -> dict[str, tuple[float, float]]:
    """Evaluate detectors fitted to random halves of `known`.

    Parameters
    ----------
    known, other : ndarray of shape (n_images, n_features)
    n_halves : int

    Returns
    -------
    dict
        Mean and standard deviation of "auroc", and of the shares "flagged_known" and
        "flagged_other".
    """
    rows = []
    for seed in range(n_halves):
        order = np.random.default_rng(seed).permutation(len(known))
        half = len(known) // 2
        detector = fit_novelty_detector(known[order[:half]], seed=seed)
        if detector is None:
            raise ValueError(f"{half} images are too few to fit the detector")
        same, different = (detector.distances(X) for X in (known[order[half:]], other))
        is_other = np.repeat([0, 1], [len(same), len(different)])
        rows.append(
            (
                roc_auc_score(is_other, np.concatenate([same, different])),
                np.mean(same > detector.threshold),
                np.mean(different > detector.threshold),
            )
        )
    names = ("auroc", "flagged_known", "flagged_other")
    means, deviations = np.mean(rows, axis=0), np.std(rows, axis=0)
    return {
        name: (float(mean), float(deviation))
        for name, mean, deviation in zip(names, means, deviations, strict=True)
    }


if __name__ == "__main__":
    raise SystemExit(main())
