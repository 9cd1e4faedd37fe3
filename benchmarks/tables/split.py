"""What the usual names of a data set's parts mean here."""

from collections.abc import Iterable

_TRAIN = ("train", "trainval")
_TEST = ("test",)
_VALIDATION = ("val", "valid", "validation", "dev")


def split_parts(words: Iterable[str]) -> dict[str, str]:
    """Say of every known name of a part whether it is trained on or judged.

    Parameters
    ----------
    words : iterable of str
        The names that occur in the data set, in lower case.

    Returns
    -------
    dict of str to {"train", "test"}

    Examples
    --------
    >>> split_parts(["train", "val"])["val"]
    'test'
    >>> split_parts(["train", "val", "test"])["val"]
    'train'
    """
    # The usual reading of train/val/test: what the test does not touch is there to learn from.
    validation = "train" if any(word in _TEST for word in words) else "test"
    return (
        dict.fromkeys(_TRAIN, "train")
        | dict.fromkeys(_TEST, "test")
        | dict.fromkeys(_VALIDATION, validation)
    )
