"""What is in a data set, as a self-contained page."""

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


def write_page(told: dict[str, Any], folder: Path) -> Path:
    """Write ``data.html`` and ``data.json``.

    Parameters
    ----------
    told : dict
        What `inspect_dataset` found.
    folder : Path
        Made if need be.

    Returns
    -------
    Path
        The page.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "data.json", told)
    environment = Environment(
        # The comparison's report lends its looks.
        loader=ChoiceLoader(
            [PackageLoader(f"catnocat.benchmarks.{room}") for room in ("data.inspection", "report")]
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
            told=told,
            summary=summary(told["dataset"]),
            repairs=repairs(told["findings"]),
            samples=_samples(told),
            most=max((label["prevalence"] for label in told["labels"]), default=1) or 1,
            galleries=_galleries(told),
            named=named_image,
        ),
    )
    return page


def _galleries(told: dict[str, Any]) -> list[dict[str, Any]]:
    if told["dataset"]["features"] is not None or "identical" not in told:
        return []
    same = [{"pictures": group, "note": "identical"} for group in told["identical"]["groups"]]
    near = [
        {
            "pictures": pair["images"],
            "note": pair["signal"]
            + ("" if pair["score"] is None else f", score {pair['score']:.2f}"),
        }
        for pair in told["versions"]["pairs"]
    ]
    return [
        {
            "title": title,
            "count": len(sets),
            "sets": [_with_thumbnails(one) for one in sets[:_MOST_SHOWN]],
        }
        for title, sets in (("The same bytes", same), ("Versions of one image", near))
        if sets
    ]


def _samples(told: dict[str, Any]) -> list[dict[str, Any]]:
    """Return sample images of the most frequent labels, with thumbnails."""
    labels = sorted(told["labels"], key=lambda label: -label["images"])[:_MOST_LABELS]
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


def _with_thumbnails(one: dict[str, Any]) -> dict[str, Any]:
    pictures = [
        picture | {"src": thumbnail_data_uri(picture["path"], _THUMBNAIL)}
        for picture in one["pictures"][:6]
    ]
    return one | {"pictures": pictures}
