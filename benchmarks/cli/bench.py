"""`catnocat bench`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from .options import BENCH_OPTIONS, TABLE_OPTIONS, with_options

DATASET = (
    "menagerie (drawn scenes, the default), voc2007, voc2012, coco2014, coco2017, or the path of a"
    " label table, or of a file or folder in a known format; several are compared on one page."
)


@with_options(*BENCH_OPTIONS, *TABLE_OPTIONS)
def bench(
    datasets: Annotated[
        list[str] | None,
        typer.Argument(metavar="[DATASET]...", help=DATASET, show_default=False),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of results.json and the reports.")] = Path(
        "catnocat-report"
    ),
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose", "-v", help="Print all findings: crowding, dependence of labels, costs."
        ),
    ] = False,
    *,
    options: dict[str, Any],
) -> None:
    """Compare multi-label methods with cat/no-cat (one binary classifier per label).

    Classifiers are fitted on frozen features of a data set's images. The verdict comes first: which
    kind of method is better for which purpose, by how much, and whether that is significant.
    """
    from ..benchmark import bench as compare
    from ..benchmark import bench_several
    from ..report import print_joint_results, print_results

    if datasets and len(datasets) > 1:
        joint = bench_several(datasets, out=out, progress=True, **options)
        print_joint_results(joint, verbose=verbose)
        comparisons: list[dict[str, Any]] = [dict(result) for result in joint["datasets"]]
    else:
        result = compare(*(datasets or []), out=out, progress=True, **options)
        print_results(result, verbose=verbose)
        comparisons = [result]
    typer.echo(f"Report: {out / 'report.html'}")
    entries = [entry for comparison in comparisons for entry in comparison["methods"]]
    if all("failed" in entry for entry in entries if entry["kind"] != "baseline"):
        raise typer.Exit(1)  # no method could be fitted
