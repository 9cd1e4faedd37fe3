"""What is said of a model file that is not taken."""

from os import PathLike

from ..errors import InputError


class ModelError(InputError):
    """A model file is refused; the message names the file and says why in one line."""


class RefusalError(ValueError):
    """A reason to refuse a file, from where its name is not known."""


def refused(path: str | PathLike[str], reason: object) -> ModelError:
    """Give the error that names the file."""
    words = " ".join(str(reason).split())
    return ModelError(f"{path}: {words[:300]}")
