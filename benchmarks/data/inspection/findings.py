"""Problems of a data set, most important first, with the commands that repair them."""

import shlex
from typing import Any

ALMOST_ALWAYS = 0.95
"""Share of the images above which always predicting a label is nearly right."""

MIN_TEST_IMAGES = 200
MIN_TEST_POSITIVES = 10
_MOST_NAMED = 6
_MOST_IMAGES = 5


def collect_findings(report: dict[str, Any], dataset: str) -> list[dict[str, Any]]:
    """Return the findings about a data set.

    Parameters
    ----------
    report : dict
        The description of the data set by `inspect_dataset`.
    dataset : str
        The data set as named on the command line.

    Returns
    -------
    list of dict
        "code", "message", "details" (lines) and "repair" (a command line or None), the most
        important finding first.
    """
    bench = f"catnocat bench {shlex.quote(dataset)}"
    found = [
        _versions(report, bench),
        *_notes(report),
        _almost_always(report),
        _flat(report),
        _unreadable(report, dataset),
        _small_test(report, bench),
        _few_test_positives(report, bench),
        _other_labels(report),
        _too_rare(report, bench),
        _identical(report),
        _left_out(report),
    ]
    return [entry for entry in found if entry is not None]


def _finding(
    code: str, message: str, details: list[str] | None = None, repair: str | None = None
) -> dict[str, Any]:
    return {"code": code, "message": message, "details": details or [], "repair": repair}


def _versions(report: dict[str, Any], bench: str) -> dict[str, Any] | None:
    versions = report.get("versions")
    if not versions or not versions["images"]:
        return None
    details = [
        f"{' ~ '.join(example['images'])} ({example['signal']}"
        + (f" {example['score']:.2f})" if example["score"] is not None else ")")
        for example in versions["examples"][:_MOST_IMAGES]
    ]
    count = f"{versions['images']:,} images are versions of {versions['groups']:,} images"
    across = versions["across_split"]
    if across and across["test_images"]:
        return _finding(
            "versions_across_split",
            f"{count}; {across['test_images']:,} test images have a version among the training"
            " images",
            details,
            f"{bench} --drop-duplicates-across-splits",
        )
    if across:
        return _finding("versions", f"{count}; none is on both sides of the split", details)
    return _finding(
        "versions",
        f"{count}; 'catnocat bench' keeps all versions of an image in one fold",
        details,
        bench,
    )


def _notes(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the reader of the table noted, such as label names that look joined."""
    return [_finding("table_note", note) for note in report["dataset"].get("notes") or ()]


def _almost_always(report: dict[str, Any]) -> dict[str, Any] | None:
    labels = [label for label in report["labels"] if label["prevalence"] >= ALMOST_ALWAYS]
    if not labels:
        return None
    named = ", ".join(f"{label['name']!r} is on {label['prevalence']:.1%}" for label in labels)
    return _finding(
        "almost_always",
        f"{named} of the images: always predicting it is nearly right, and its average precision"
        " is at least that high; read AUROC, or remove the label",
    )


def _flat(report: dict[str, Any]) -> dict[str, Any] | None:
    flat = report.get("flat_images")
    if not flat or not flat["flat"]:
        return None
    return _finding(
        "flat_images",
        f"{flat['flat']} of {flat['sampled']} sampled images are nearly black or of one colour;"
        " save them with their full range of grey values",
        flat["examples"],
    )


def _unreadable(report: dict[str, Any], dataset: str) -> dict[str, Any] | None:
    if not (unreadable := report.get("unreadable")):
        return None
    return _finding(
        "unreadable",
        f"Unreadable images: {len(unreadable)}",
        [
            f"{entry['where']}: {entry['image']}: {entry['reason']}"
            for entry in unreadable[:_MOST_IMAGES]
        ],
        f"catnocat extract {shlex.quote(dataset)} --retry-failed",
    )


def _small_test(report: dict[str, Any], bench: str) -> dict[str, Any] | None:
    split = report["dataset"]["split"]
    if not split or split.get("test", 0) >= MIN_TEST_IMAGES:
        return None
    return _finding(
        "small_test",
        f"Only {split.get('test', 0):,} test images: intervals will be wide; folds test all"
        f" {report['dataset']['images']:,}",
        repair=f"{bench} --folds 5",
    )


def _few_test_positives(report: dict[str, Any], bench: str) -> dict[str, Any] | None:
    few = [
        label
        for label in report["labels"]
        if label["judgeable"] and label.get("test", MIN_TEST_POSITIVES) < MIN_TEST_POSITIVES
    ]
    if not few:
        return None
    return _finding(
        "few_test_positives",
        f"{len(few)} labels have fewer than {MIN_TEST_POSITIVES} test images: "
        + _named([f"{label['name']} ({label['test']})" for label in few]),
        repair=f"{bench} --folds 5",
    )


def _too_rare(report: dict[str, Any], bench: str) -> dict[str, Any] | None:
    if not (rare := report["too_rare"]):
        return None
    names = set(rare)
    most = max(label["images"] for label in report["labels"] if label["name"] in names)
    return _finding(
        "too_rare",
        f"Too rare to be evaluated ({len(rare)}): {_named(rare)}",
        repair=f"{bench} --min-positives {most + 1}",
    )


def _other_labels(report: dict[str, Any]) -> dict[str, Any] | None:
    same = report.get("identical")
    if not same or not same["groups_with_other_labels"]:
        return None
    return _finding(
        "identical_with_other_labels",
        f"{same['groups_with_other_labels']} images are listed twice with different labels; correct"
        " the table",
        _image_groups(
            [
                group
                for group in same["groups"]
                if len({tuple(entry["labels"]) for entry in group}) > 1
            ]
        ),
    )


def _identical(report: dict[str, Any]) -> dict[str, Any] | None:
    same = report.get("identical")
    if not same or not same["copies"]:
        return None
    return _finding(
        "identical",
        f"Byte-identical: {same['copies']} copies; {same['groups_across_splits']} images are on"
        " both sides of the split",
        _image_groups(same["groups"]),
    )


def _left_out(report: dict[str, Any]) -> dict[str, Any] | None:
    if not (files := report["dataset"].get("files_left_out")):
        return None
    counts = ", ".join(f"{suffix or 'no suffix'} {count:,}" for suffix, count in files.items())
    return _finding("files_left_out", f"Files in the folder that are not images: {counts}")


def named_image(image: dict[str, Any]) -> str:
    """Return an image's name, and its part where the table has a split."""
    part = f" ({image['split']})" if "split" in image else ""
    return f"{image['image']}{part}"


def _image_groups(groups: list[list[dict[str, Any]]]) -> list[str]:
    return [" = ".join(map(named_image, group)) for group in groups[:_MOST_IMAGES]]


def _named(names: list[str]) -> str:
    return ", ".join(names[:_MOST_NAMED]) + (", ..." if len(names) > _MOST_NAMED else "")
