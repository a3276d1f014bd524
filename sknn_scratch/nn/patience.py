"""Patience says when a number has not improved for too long."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Patience:
    """Watch a number that should fall.

    Parameters
    ----------
    tol : float
        A smaller fall than this is no improvement.
    rounds : float
        So many rounds without an improvement are too many.

    Attributes
    ----------
    best : float
        The smallest number seen.
    waited : int
        Rounds since the last improvement.
    """

    tol: float
    rounds: float
    best: float = np.inf
    waited: int = 0

    def is_over(self, value: float) -> bool:
        """Take note of the number of one more round; True once it has not fallen for too long."""
        self.waited = self.waited + 1 if value > self.best - self.tol else 0
        self.best = min(self.best, value)
        return self.waited >= self.rounds

    def state(self) -> dict[str, float]:
        """Return what was seen so far, as named numbers."""
        return {"best": self.best, "waited": self.waited}

    def restore(self, state: dict[str, float]) -> None:
        """Go on from such a state."""
        self.best, self.waited = float(state["best"]), int(state["waited"])
