"""`catnocat bench`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ..utils import InputError
from .options import BENCH_OPTIONS, TABLE_OPTIONS, comma_separated, with_options

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
    from ..report import print_backbone_results, print_joint_results, print_results
    from ..several_backbones import ALTERNATIVES, bench_backbones

    backbones = comma_separated(options["backbone"])
    views = options["views"] if isinstance(options["views"], str) else ",".join(options["views"])
    alternatives = [part.strip() for part in views.split(ALTERNATIVES)]
    if len(backbones) > 1 or len(alternatives) > 1:
        if datasets and len(datasets) > 1:
            raise InputError(
                "several data sets with several backbones: compare the backbones on one data set"
                " at a time."
            )
        options |= {"backbones": backbones, "views": alternatives}
        del options["backbone"]
        networks = bench_backbones(*(datasets or []), out=out, progress=True, **options)
        print_backbone_results(networks)
        comparisons: list[dict[str, Any]] = [dict(result) for result in networks["backbones"]]
    elif datasets and len(datasets) > 1:
        joint = bench_several(datasets, out=out, progress=True, **options)
        print_joint_results(joint, verbose=verbose)
        comparisons = [dict(result) for result in joint["datasets"]]
    else:
        result = compare(*(datasets or []), out=out, progress=True, **options)
        print_results(result, verbose=verbose)
        comparisons = [result]
    typer.echo(f"Report: {out / 'report.html'}")
    entries = [entry for comparison in comparisons for entry in comparison["methods"]]
    if all("failed" in entry for entry in entries if entry["kind"] != "baseline"):
        raise typer.Exit(1)  # no method could be fitted
