"""Progress of a long fit, on the last line of a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import perf_counter
from typing import Any, TextIO

AFTER = 5.0  # seconds of a fit before anything is shown
EVERY = 0.5  # seconds from one update to the next


class Progress:
    """The seconds that a fit takes and the epochs of its network, written behind what is on the line, and erased.

    Parameters
    ----------
    stream : text file
        A terminal.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._fit = self._epoch = self._width = 0

    @contextmanager
    def during(self, n_fits: int) -> Iterator[None]:
        """Show progress while the body runs, which fits this many networks at most."""
        self._fit = self._epoch = 0
        ended = Event()
        thread = Thread(target=self._show, args=(ended, n_fits), daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            self._replace("")

    def epoch_ended(self, estimator: Any, epoch: int, record: dict[str, float]) -> None:
        """Count; a callback of networks."""
        self._fit += epoch == 1
        self._epoch = epoch

    def _show(self, ended: Event, n_fits: int) -> None:
        start, wait = perf_counter(), AFTER
        while not ended.wait(wait):
            fit = f", fit {self._fit} of {n_fits}" if self._fit and n_fits > 1 else ""
            epoch = f", epoch {self._epoch}" if self._epoch else ""
            self._replace(f"{perf_counter() - start:.0f} s{fit}{epoch}")
            wait = EVERY

    def _replace(self, text: str) -> None:
        """Write over the previous text, and blank out what is left of it."""
        left = self._width - len(text)
        print("\b" * self._width + text + " " * left + "\b" * left, end="", file=self._stream, flush=True)
        self._width = len(text)
