"""The responses of the service: JSON for the API, described for OpenAPI, and the web pages."""

import hashlib
from functools import partial
from importlib import resources
from typing import Annotated, Any

from fastapi import FastAPI
from jinja2 import ChainableUndefined, Environment, PackageLoader
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from .predictor import AttributionMap, ImagePrediction

UnitInterval = Annotated[float, Field(ge=0, le=1)]


class Error(BaseModel):
    """Why a request failed."""

    error: Annotated[str, Field(description="The reason, in one line.")]


class Health(BaseModel):
    """The state of the service."""

    status: Annotated[str, Field(examples=["ok"])]


class Prediction(BaseModel):
    """The prediction for one image."""

    image: Annotated[str, Field(description="The name that the file was sent with.")]
    labels: Annotated[list[str], Field(description="The predicted labels.")]
    probabilities: Annotated[dict[str, UnitInterval], Field(description="For every label.")]


class ImageError(BaseModel):
    """Why one image of a batch has no prediction."""

    image: str
    error: Annotated[str, Field(description="The reason, in one line.")]
    status: Annotated[int, Field(description="The status of a request with this image only.")]


class Batch(BaseModel):
    """The predictions for several images, in the order in which they were sent."""

    images: list[Prediction | ImageError]


class BatchError(Error):
    """Why no image of a batch has a prediction, in the order in which they were sent."""

    images: list[ImageError]


class Position(BaseModel):
    """A position in an image, relative to its width and height."""

    x: UnitInterval
    y: UnitInterval


class Attribution(BaseModel):
    """Where in an image the evidence for a label lies."""

    image: str
    label: str
    method: Annotated[str, Field(description="How the map was computed.")]
    map: Annotated[
        list[list[float]],
        Field(description="Rows of the whole image, top row first; higher is more evidence."),
    ]
    peak: Annotated[Position, Field(description="The position of the maximum.")]


class ModelInfo(BaseModel):
    """The model that is served, and the limits of requests."""

    name: str
    labels: list[str]
    model: Annotated[dict[str, Any], Field(description="Method, training data and metrics.")]
    limits: Annotated[dict[str, float], Field(description="Requests beyond these are rejected.")]


def prediction_response(image: str, labels: list[str], predicted: ImagePrediction) -> Prediction:
    """Convert a prediction to its response."""
    P = predicted.probabilities.astype(float).clip(0, 1).tolist()
    present = [label for label, y in zip(labels, predicted.labels, strict=True) if y]
    return Prediction(image=image, labels=present, probabilities=dict(zip(labels, P, strict=True)))


def attribution_response(image: str, label: str, attribution: AttributionMap) -> Attribution:
    """Convert an attribution map to its response."""
    x, y = attribution.peak
    rows = attribution.map.astype(float).tolist()
    peak = Position(x=x, y=y)
    return Attribution(image=image, label=label, method=attribution.method, map=rows, peak=peak)


_FILES = {
    "index.html": "text/html; charset=utf-8",
    "app.js": "text/javascript; charset=utf-8",
    "image_card.js": "text/javascript; charset=utf-8",
    "label_table.js": "text/javascript; charset=utf-8",
    "heatmap.js": "text/javascript; charset=utf-8",
    "style.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


def add_pages(app: FastAPI, name: str) -> None:
    """Add the pages to an application; all files are read once, now."""
    folder = resources.files(__package__) / "page"
    for file, media_type in _FILES.items():
        content = (folder / file).read_bytes()
        path = "/" if file == "index.html" else f"/page/{file}"
        endpoint = partial(_static_file, content=content, media_type=media_type)
        app.add_route(path, endpoint, methods=["GET"], include_in_schema=False)
    environment = Environment(
        loader=PackageLoader("catnocat.benchmarks.inference.serving", "page"),
        autoescape=True,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("docs.html.j2")

    async def docs(request: Request) -> Response:
        base = str(request.base_url).rstrip("/")
        page = template.render(api=app.openapi(), name=name, base=base, example=_curl_example)
        return HTMLResponse(page)

    app.add_route("/docs", docs, methods=["GET"], include_in_schema=False)


async def _static_file(request: Request, content: bytes, media_type: str) -> Response:
    """Send a file, or status 304 if the browser has it."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    headers = {"etag": tag, "cache-control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(None, 304, headers)
    return Response(content, 200, headers, media_type)


def _curl_example(path: str, operation: dict[str, Any], base: str) -> str:
    """Return a curl command that calls an operation of the API."""
    words = ["curl"]
    content = operation.get("requestBody", {}).get("content", {})
    for field, schema in (
        content.get("multipart/form-data", {}).get("schema", {}).get("properties", {}).items()
    ):
        words += [f"-F {field}=@{number}.jpg" for number in (1, 2)[: 1 + ("items" in schema)]]
    query = "&".join(f"{parameter['name']}=cat" for parameter in operation.get("parameters", []))
    return " ".join([*words, f"'{base}{path}?{query}'" if query else f"{base}{path}"])
