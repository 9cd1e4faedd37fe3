"""Parallel fitting: the cores of this machine, or the workers of a Dask scheduler."""

from collections.abc import Iterator
from contextlib import contextmanager

WAIT_SECONDS = 30


@contextmanager
def use_scheduler(scheduler: str | None) -> Iterator[None]:
    """Run all joblib tasks within the context on the workers of a Dask scheduler.

    Parameters
    ----------
    scheduler : str or None
        Address, for example ``"tcp://10.0.0.1:8786"``; None: processes of this machine.

    Raises
    ------
    catnocat.features.FeatureError
        If no scheduler answers at the address.
    """
    if scheduler is None:
        yield
        return
    from joblib import parallel_config  # late: `catnocat --help` must not import joblib

    from ...features import connect_scheduler

    with (
        connect_scheduler(scheduler) as client,
        parallel_config("dask", client=client, wait_for_workers_timeout=WAIT_SECONDS),
    ):
        yield
