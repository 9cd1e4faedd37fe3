"""Limits on what is read from files of unknown origin.

Small files can ask for much memory: archives that expand, tables of one label per image, label
names that are whole documents. Each limit is far beyond what real label files hold.
"""

from ...utils import InputError, pluralize
from .records import shown

MAX_LABELS = 30_000
"""Open Images, with the most labels of the public data sets, has 20,000."""

MAX_LABEL_LENGTH = 1_000
MAX_PATH_LENGTH = 4_096
MAX_EXPANSION = 100
"""Size of the content divided by that of the packed file, for large contents."""

MIN_LIMITED_BYTES = 2**28
MIN_LIMITED_CELLS = 2**25
MAX_CELLS = 2**33
CELLS_PER_ASSIGNMENT = 1_000
"""Large label matrices with fewer labels than one in this many cells are refused."""


def check_label_matrix(source: object, n_images: int, n_labels: int, n_assignments: int) -> None:
    """Refuse label matrices that are too large for what they hold.

    Parameters
    ----------
    source : str or path
    n_images, n_labels : int
        Shape of the matrix.
    n_assignments : int
        How many labels all images carry together.

    Raises
    ------
    InputError

    Examples
    --------
    >>> check_label_matrix("pets.csv", 1_000_000, 1_000, 3_000_000)
    >>> check_label_matrix("pets.csv", 50_000, 50_000, 50_000)
    Traceback (most recent call last):
        ...
    catnocat.benchmarks.utils.errors.InputError: pets.csv: 50,000 different labels are too many ...
    """
    n_cells = n_images * n_labels
    sparse = n_cells > max(MIN_LIMITED_CELLS, CELLS_PER_ASSIGNMENT * n_assignments)
    if n_labels > MAX_LABELS or n_cells > MAX_CELLS or sparse:
        raise InputError(
            f"{source}: {n_labels:,} different labels are too many for "
            f"{pluralize(n_images, 'image')}; "
            "is this free text instead of labels?"
        )


def check_label_length(where: object, label: str) -> None:
    """Refuse a label that is too long to be a name.

    Raises
    ------
    InputError
    """
    if len(label) > MAX_LABEL_LENGTH:
        raise InputError(
            f"{where}: a label of {len(label):,} characters ({shown(label)}); at most "
            f"{MAX_LABEL_LENGTH:,} are read; is this free text instead of labels?"
        )


def check_expansion(source: object, packed: int, expanded: int) -> None:
    """Refuse files whose content is many times as large as the file.

    Parameters
    ----------
    source : str or path
    packed, expanded : int
        Sizes in bytes.

    Raises
    ------
    InputError
    """
    if expanded > max(MIN_LIMITED_BYTES, MAX_EXPANSION * packed):
        raise InputError(
            f"{source}: its content is more than {MAX_EXPANSION} times as large as the file, which "
            "is not read; is it damaged?"
        )
