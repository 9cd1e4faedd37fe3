"""How many pictures are under way at once: enough to keep all processors busy, and no more."""

from dataclasses import dataclass

_WAITING_BYTES = 64 * 2**20
_BATCHES_PER_THREAD = 32  # about a second of work: what storing a shard may take


@dataclass(frozen=True)
class Sharing:
    """How processors share the work.

    Attributes
    ----------
    threads : int
        Each takes batches through all steps. So decoding and the network get the time that each of
        them needs, whatever the pictures and the network are, and no picture changes processors.
        One thread in five is there for the time that others wait for the disk: at most as many as
        there are processors run the network at once, the others read and decode meanwhile.
    ahead : int
        Batches that are computed, or on their way, while older ones are waited for or stored.
    """

    threads: int
    ahead: int


def share(processors: int, batch_size: int, row_bytes: int) -> Sharing:
    """Plan the work.

    Parameters
    ----------
    processors : int
    batch_size : int
        Pictures in a batch.
    row_bytes : int
        Of a picture's vector.

    Examples
    --------
    >>> share(processors=2, batch_size=4, row_bytes=5120)
    Sharing(threads=3, ahead=96)
    >>> share(processors=64, batch_size=4, row_bytes=5120)
    Sharing(threads=80, ahead=2560)
    >>> share(processors=64, batch_size=4, row_bytes=1_000_000).ahead  # no more memory than it must
    80
    """
    threads = processors + max(1, processors // 4)
    affordable = _WAITING_BYTES // max(1, batch_size * row_bytes)
    return Sharing(threads, max(threads, min(_BATCHES_PER_THREAD * threads, affordable)))
