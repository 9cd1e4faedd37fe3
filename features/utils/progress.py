"""Progress bar on the terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, Protocol

#: Called with the number of finished parts and their total number, from one thread only.
Progress = Callable[[int, int], None]


class ProgressReporter(Protocol):
    """Callback of a progress bar."""

    def __call__(self, done: int, total: int, detail: str = "") -> None:
        """Show the number of finished parts, their total number and, optionally, a text."""


@contextmanager
def progress_bar(
    description: str, *, show: bool = True, unit: Literal["images", "bytes", "steps"] = "images"
) -> Iterator[ProgressReporter]:
    """Show a progress bar on stderr, if it is a terminal.

    Parameters
    ----------
    description : str
        Text in front of the bar.
    show : bool
        If False, show nothing.
    unit : {"images", "bytes", "steps"}
        Unit of the numbers. Images and bytes take about equally long, so their rate and the
        remaining time are shown. Steps do not, so the text of the current step and the elapsed time
        are shown.

    Yields
    ------
    callable
        Value for the parameter `progress` of `extract_features`.

    Examples
    --------
    >>> from catnocat.features import progress_bar
    >>> with progress_bar("features") as progress:
    ...     progress(3, 10)
    """
    from rich.console import Console
    from rich.progress import Progress as Bar

    silent = not (show and sys.stderr.isatty())
    # Twice a second for steps: drawing takes time from the steps that are timed.
    rate = 2 if unit == "steps" else 10
    console = Console(stderr=True)
    with Bar(*_columns(unit), console=console, disable=silent, refresh_per_second=rate) as bar:
        task = bar.add_task(description, total=None, detail="")

        def report(done: int, total: int, detail: str = "") -> None:
            bar.update(task, completed=done, total=total, detail=detail)

        yield report


def _columns(unit: str) -> tuple[Any, ...]:
    from rich import progress
    from rich.text import Text

    class RateColumn(progress.ProgressColumn):
        def render(self, task: progress.Task) -> Text:
            rate = task.finished_speed or task.speed
            return Text(f"{rate:,.0f}/s" if rate else "")

    columns = {
        "images": (progress.MofNCompleteColumn(), RateColumn(), progress.TimeRemainingColumn()),
        "bytes": (
            progress.DownloadColumn(),
            progress.TransferSpeedColumn(),
            progress.TimeRemainingColumn(),
        ),
        "steps": (progress.TextColumn("{task.fields[detail]}"), progress.TimeElapsedColumn()),
    }
    return progress.TextColumn("{task.description}"), progress.BarColumn(), *columns[unit]
