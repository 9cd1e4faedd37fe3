"""The results of a comparison for Python and notebooks."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..analysis import PURPOSES, Results
from ..metrics import METRICS
from ..utils import InputError, create_folder, write_json
from .html import render_card, write_reports
from .tables import COLUMNS, fitted
from .text import headline

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


class Result(dict[str, Any]):
    """Results of a comparison: a dictionary with the content of `results.json`.

    In a notebook it is shown as a card with the verdict and the table of methods.

    Parameters
    ----------
    results : Results
        Content of `results.json`; docs/results.md describes the keys.

    See Also
    --------
    catnocat.bench : Run a comparison.

    Examples
    --------
    >>> import json
    >>> result = Result(json.load(open("report/results.json")))  # doctest: +SKIP
    >>> result.recommended  # doctest: +SKIP
    {'macro_ap': 'one-vs-rest', 'subset_accuracy': 'powerset'}
    """

    def __init__(self, results: Results | dict[str, Any]) -> None:
        super().__init__(results)

    @property
    def _results(self) -> Results:
        return cast(Results, self)

    @property
    def verdict(self) -> str:
        """Answer to "Is cat/no-cat good enough?" in one sentence."""
        return headline(self._results)

    @property
    def recommended(self) -> dict[str, str]:
        """Recommended method by purpose: `macro_ap` and `subset_accuracy`."""
        return {key: entry["method"] for key, entry in self._results["recommended"].items()}

    def table(self) -> "pd.DataFrame":
        """Return one row per method and one column per metric, with kind and times."""
        rows = [
            {"kind": entry["kind"], **{column.key: column.value(entry) for column in COLUMNS}}
            for entry in fitted(self._results)
        ]
        names = [entry["name"] for entry in fitted(self._results)]
        return _pandas().DataFrame(rows, index=_pandas().Index(names, name="method"))

    def per_label(self) -> "pd.DataFrame":
        """Return one row per method and label: average precision, AUROC, F1 and prevalence."""
        dataset, rows = self._results["dataset"], []
        for entry in fitted(self._results):
            for column, label in enumerate(dataset["labels"]):
                values = {
                    name: figures[column]
                    for name, figures in cast(dict[str, Any], entry["per_label"]).items()
                }
                counts = dataset["test_labels"].get(label)
                rows.append(
                    {"method": entry["name"], "label": label}
                    | values
                    | {"prevalence": counts and counts["prevalence"]}
                )
        return _pandas().DataFrame(rows).set_index(["method", "label"])

    def plot_differences(self, metric: str = PURPOSES[0], ax: "Axes | None" = None) -> "Axes":
        """Plot the difference of each method to its independent reference, with 95 % intervals.

        Parameters
        ----------
        metric : str
            Key of a metric, for example ``"macro_ap"``.
        ax : matplotlib Axes, optional
            Default: axes of a new figure.

        Returns
        -------
        matplotlib Axes
        """
        if metric not in METRICS:
            raise InputError(f"no metric is called {metric!r}; there are: {', '.join(METRICS)}.")
        if ax is None:
            from matplotlib import pyplot as plt

            _, ax = plt.subplots(layout="constrained")
        rows: list[tuple[str, Any]] = [
            (f"{entry['name']} − {entry['reference']}", comparison)
            for entry in fitted(self._results)
            if (comparison := (entry["against_independent"] or {}).get(metric))
            and comparison["difference"] is not None
        ]
        rows.sort(key=lambda row: METRICS[metric].gain(row[1]["difference"]))
        for position, (_, comparison) in enumerate(rows):
            colour = {"better": "tab:green", "worse": "tab:red"}.get(
                comparison["verdict"] or "", "tab:gray"
            )
            if comparison["low"] is not None and comparison["high"] is not None:
                ax.plot([comparison["low"], comparison["high"]], [position] * 2, color=colour)
            ax.plot(comparison["difference"], position, "o", color=colour)
        ax.axvline(0, color="black", linewidth=0.8, linestyle=":")
        ax.set_yticks(range(len(rows)), [name for name, _ in rows])
        ax.set_xlabel(f"difference in {METRICS[metric].title}, with 95 % confidence interval")
        return ax

    def save(self, folder: str | Path) -> None:
        """Write `results.json`, `report.html` and `report.md` to a folder."""
        path = Path(folder)
        create_folder(path, "folder")
        write_json(path / "results.json", self)
        write_reports(self._results, path)

    def __repr__(self) -> str:
        """Return the verdict in one line."""
        return f"<Result: {self.verdict}>"

    def _repr_html_(self) -> str:
        """Return the verdict and the table as HTML, for notebooks."""
        return render_card(self._results)


def _pandas() -> Any:
    try:
        import pandas
    except ImportError:
        raise ImportError("data frames need pandas; install it: pip install pandas") from None
    return pandas
