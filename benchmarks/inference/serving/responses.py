"""What the API says, as its description shows it."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from .predictor import Evidence, Judgement

Share = Annotated[float, Field(ge=0, le=1)]


class Problem(BaseModel):
    """Why there is no answer."""

    error: Annotated[str, Field(description="The reason, in one line.")]


class Health(BaseModel):
    """That the service is there."""

    status: Annotated[str, Field(examples=["ok"])]


class Prediction(BaseModel):
    """What the model says of one picture."""

    image: Annotated[str, Field(description="The name that the file was sent with.")]
    labels: Annotated[list[str], Field(description="What the model decides is there.")]
    probabilities: Annotated[dict[str, Share], Field(description="Of every label.")]


class Failure(BaseModel):
    """Why one of several pictures has no prediction."""

    image: str
    error: Annotated[str, Field(description="The reason, in one line.")]
    status: Annotated[int, Field(description="The status that it would have had alone.")]


class Batch(BaseModel):
    """What the model says of several pictures, in the order in which they were sent."""

    pictures: list[Prediction | Failure]


class Nothing(Problem):
    """Why none of several pictures has a prediction, in the order in which they were sent."""

    pictures: list[Failure]


class Place(BaseModel):
    """A place in a picture, as shares of its width and height."""

    x: Share
    y: Share


class Explanation(BaseModel):
    """Where in a picture the evidence for a label lies."""

    image: str
    label: str
    how: Annotated[str, Field(description="How the evidence was found.")]
    map: Annotated[
        list[list[float]],
        Field(description="Rows of the whole picture from top to bottom; more is more evidence."),
    ]
    peak: Annotated[Place, Field(description="Where there is most.")]


class About(BaseModel):
    """What is served."""

    name: str
    labels: list[str]
    model: Annotated[dict[str, Any], Field(description="How it was made, and how good it is.")]
    limits: Annotated[dict[str, float], Field(description="What more than is refused.")]


def prediction(image: str, labels: list[str], judgement: Judgement) -> Prediction:
    """Put a judgement into words."""
    shares = judgement.probabilities.astype(float).clip(0, 1).tolist()
    decided = [label for label, there in zip(labels, judgement.decisions, strict=True) if there]
    return Prediction(
        image=image, labels=decided, probabilities=dict(zip(labels, shares, strict=True))
    )


def explanation(image: str, label: str, found: Evidence) -> Explanation:
    """Put evidence into words."""
    x, y = found.peak
    rows = found.map.astype(float).tolist()
    return Explanation(image=image, label=label, how=found.how, map=rows, peak=Place(x=x, y=y))
