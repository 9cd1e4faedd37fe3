"""Description of a data set as a self-contained HTML page."""

from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape

from ...utils import thumbnail_data_uri, write_json, write_text
from .findings import named_image
from .terminal import repairs, summary

_MOST_SHOWN = 24
_THUMBNAIL = 160
_SAMPLE_SIDE = 96
_MOST_LABELS = 40


def write_page(inspection: dict[str, Any], folder: Path) -> Path:
    """Write ``data.html`` and ``data.json``.

    Parameters
    ----------
    inspection : dict
        The result of `inspect_dataset`.
    folder : Path
        Created if it does not exist.

    Returns
    -------
    Path
        The page.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "data.json", inspection)
    environment = Environment(
        # The style is that of the report.
        loader=ChoiceLoader(
            [
                PackageLoader(f"catnocat.benchmarks.{package}")
                for package in ("data.inspection", "report")
            ]
        ),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = folder / "data.html"
    write_text(
        page,
        environment.get_template("data.html.j2").render(
            inspection=inspection,
            summary=summary(inspection["dataset"]),
            repairs=repairs(inspection["findings"]),
            samples=_samples(inspection),
            most=max((label["prevalence"] for label in inspection["labels"]), default=1) or 1,
            galleries=_galleries(inspection),
            named=named_image,
        ),
    )
    return page


def _galleries(inspection: dict[str, Any]) -> list[dict[str, Any]]:
    if inspection["dataset"]["features"] is not None or "identical" not in inspection:
        return []
    same = [{"images": group, "note": "identical"} for group in inspection["identical"]["groups"]]
    near = [
        {
            "images": pair["images"],
            "note": pair["signal"]
            + ("" if pair["score"] is None else f", score {pair['score']:.2f}"),
        }
        for pair in inspection["versions"]["pairs"]
    ]
    return [
        {
            "title": title,
            "count": len(sets),
            "sets": [_with_thumbnails(entry) for entry in sets[:_MOST_SHOWN]],
        }
        for title, sets in (("The same bytes", same), ("Versions of one image", near))
        if sets
    ]


def _samples(inspection: dict[str, Any]) -> list[dict[str, Any]]:
    """Return sample images of the most frequent labels, with thumbnails."""
    labels = sorted(inspection["labels"], key=lambda label: -label["images"])[:_MOST_LABELS]
    return [
        {
            "name": label["name"],
            "images": [
                image | {"src": thumbnail_data_uri(image["path"], _SAMPLE_SIDE)}
                for image in label["samples"]
            ],
        }
        for label in labels
        if label["samples"]
    ]


def _with_thumbnails(entry: dict[str, Any]) -> dict[str, Any]:
    images = [
        image | {"src": thumbnail_data_uri(image["path"], _THUMBNAIL)}
        for image in entry["images"][:6]
    ]
    return entry | {"images": images}
