"""How much a client may ask for."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields

from starlette.exceptions import HTTPException

from ....features import UnreadableImage
from ...utils import InputError


@dataclass(frozen=True)
class Limits:
    """What is refused, so that no client can take the whole machine.

    Parameters
    ----------
    megabytes : float
        Of one picture's file.
    megapixels : float
        Of one picture.
    files : int
        In one request.
    requests : int
        Pictures are being sent or waited for by so many requests at once; more are told to come
        again later.
    seconds : float
        For a request to be sent, and again for its answer.

    Examples
    --------
    >>> Limits().picture_bytes
    20000000
    >>> Limits(files=0)
    Traceback (most recent call last):
    ...
    catnocat.benchmarks.utils.errors.InputError: the limit of files must be more than 0, not 0
    """

    megabytes: float = 20.0
    megapixels: float = 50.0
    files: int = 32
    requests: int = 16
    seconds: float = 30.0

    def __post_init__(self) -> None:
        for field in fields(self):
            if not (value := getattr(self, field.name)) > 0:
                raise InputError(f"the limit of {field.name} must be more than 0, not {value}")

    @property
    def picture_bytes(self) -> int:
        """How large one picture's file may be."""
        return int(self.megabytes * 1e6)

    @property
    def pixels(self) -> int:
        """How many pixels one picture may have."""
        return int(self.megapixels * 1e6)


# By the reasons that the reader of pictures gives; anything else is a picture that is broken.
_STATUS = (
    (re.compile("pixels"), 413),
    (re.compile("known format"), 415),
    (re.compile("memory"), 503),
)


class Refusal(HTTPException):
    """A status and a reason in one line."""

    def __init__(self, status: int, reason: str, **headers: str) -> None:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        super().__init__(status, reason, names or None)


def refuse_picture(error: UnreadableImage) -> Refusal:
    """Give the refusal of a picture that cannot be read.

    Examples
    --------
    >>> refuse_picture(UnreadableImage("picture", "not a picture in a known format")).status_code
    415
    >>> refuse_picture(UnreadableImage("picture", "the file is empty")).status_code
    422
    """
    found = (status for pattern, status in _STATUS if pattern.search(error.reason))
    status = next(found, 422)
    headers = {"Retry_After": "1"} if status == 503 else {}
    return Refusal(status, error.reason, **headers)


class Door:
    """Lets in so many and tells the others to come again: nobody queues without end.

    Examples
    --------
    >>> door = Door(1)
    >>> with door.enter():
    ...     with door.enter():
    ...         pass
    Traceback (most recent call last):
    ...
    catnocat.benchmarks.inference.serving.limits.Refusal: 429: all 1 places are taken; try again
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._taken = 0

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Hold a place; a `Refusal` when all are taken."""
        if self._taken >= self._places:
            reason = f"all {self._places} places are taken; try again"
            raise Refusal(429, reason, Retry_After="1")
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1
