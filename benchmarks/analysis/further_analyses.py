"""What a comparison tells beyond its table: how labels depend on each other, what crowds do."""

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from ..data.tables import LabelTable
from ..evaluation import BenchOptions, Fold, MethodResult, pool_predictions
from ..utils import show_progress
from .label_count import measure_crowding, score_interventions
from .label_dependence import measure_dependence


def run_further_analyses(
    method_results: Sequence[MethodResult],
    entries: Sequence[dict[str, Any]],
    X: NDArray[Any],
    table: LabelTable,
    folds: Sequence[Fold],
    asked: BenchOptions,
    *,
    progress: bool = False,
) -> dict[str, Any]:
    """Measure `results.json`'s "dependence" and "crowding".

    Parameters
    ----------
    method_results : sequence of MethodResult
    entries : sequence of dict
        The same in the form of `results.json`'s "methods".
    X, table, folds
        What they learned from, as for `catnocat.benchmarks.evaluation.cross_validation.run_method`.
    asked : BenchOptions
    progress : bool
        Show what is being done, and how far the further features are, where they are asked for.
    """
    pooled = pool_predictions(method_results, table, folds)
    how: dict[str, Any] = {"seed": asked.seed, "n_jobs": asked.n_jobs}
    interventions = None
    if asked.crowding == "full":
        interventions = score_interventions(table, folds, asked, progress=progress)
    reference = pooled.reference
    with show_progress("dependence", show=progress):
        dependence = measure_dependence(
            pooled.table, pooled.scores.get(reference or ""), method=reference, **how
        )
    with show_progress("crowds", show=progress):
        crowding = measure_crowding(
            pooled,
            X,
            table,
            folds,
            best_joint=_best_joint(entries),
            interventions=interventions,
            **how,
        )
    return {"dependence": dependence, "crowding": crowding}


def _best_joint(entries: Sequence[dict[str, Any]]) -> str | None:
    """Name the joint method of the highest macro AP."""
    joint = [entry for entry in entries if entry["kind"] == "joint" and "failed" not in entry]
    best = max(joint, key=lambda entry: entry["metrics"]["macro_ap"] or 0.0, default=None)
    return None if best is None else str(best["name"])
