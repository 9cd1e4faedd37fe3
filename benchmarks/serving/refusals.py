"""What a client is told that asks for what it does not get."""

import re

from starlette.exceptions import HTTPException

from ...features import UnreadableImage

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
