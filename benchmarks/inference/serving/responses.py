"""The JSON responses of the API, with their descriptions for OpenAPI."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

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
