"""Patience says when something has not become better for too long."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Patience:
    """Watch a number that should fall.

    Parameters
    ----------
    tol : float
        A smaller fall than this does not count as better.
    rounds : float
        How many rounds without a fall are too many.

    Attributes
    ----------
    best : float
        The smallest number seen.
    waited : int
        Rounds since the last fall of at least `tol`.
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
