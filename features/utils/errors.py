"""Errors of feature extraction."""

from os import PathLike


class FeatureError(ValueError):
    """Error of feature extraction; its one-line message states the problem and the remedy.

    The command line prints it to stderr and exits with code 2.
    """


class UnreadableImage(FeatureError):  # noqa: N818  named after the state of the image
    """Image that cannot be read.

    Parameters
    ----------
    path : str or path
        Path of the image, as given by the user.
    reason : str
        Short reason without the path.
    lasting : bool, default=True
        Whether the same bytes will fail again. A missing file or a lack of memory is temporary.

    Examples
    --------
    >>> from catnocat.features import UnreadableImage
    >>> print(UnreadableImage("cat.jpg", "the file is empty"))
    cat.jpg: the file is empty
    """

    def __init__(self, path: str | PathLike[str], reason: str, lasting: bool = True) -> None:
        super().__init__(path, reason, lasting)  # the arguments, so that it can be pickled
        self.path = path
        self.reason = reason
        self.lasting = lasting

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


def one_line(error: BaseException, limit: int = 200) -> str:
    """Return the first line of an error's message, or its type if it has none."""
    lines = str(error).strip().splitlines()
    return lines[0].strip()[:limit] if lines else type(error).__name__
