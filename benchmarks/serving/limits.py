"""How much a client may ask for."""

from dataclasses import dataclass, fields

from ..errors import InputError


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
    catnocat.benchmarks.errors.InputError: the limit of files must be more than 0, not 0
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
