"""Detection of plateaus: a value that has not improved for some rounds."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Patience:
    """Counter of rounds without an improvement of a value that should fall.

    Parameters
    ----------
    tol : float
        Smallest decrease that counts as an improvement.
    rounds : float
        Rounds without an improvement that make a plateau.

    Attributes
    ----------
    best : float
        The smallest value so far.
    waited : int
        Rounds since the last improvement.
    """

    tol: float
    rounds: float
    best: float = np.inf
    waited: int = 0

    def judge(self, value: float) -> tuple[bool, bool]:
        """Record the value of one more round; return whether it is the best so far, and whether there is a plateau.

        Of equal values the last is the best, the one that has learned longest; a fall by less than `tol` makes it the
        best too, but does not end the waiting.
        """
        is_best = value <= self.best
        self.waited = self.waited + 1 if value > self.best - self.tol else 0
        self.best = min(self.best, value)
        return is_best, self.waited >= self.rounds

    def state(self) -> dict[str, float]:
        """Return what is needed to resume."""
        return {"best": self.best, "waited": self.waited}

    def restore(self, state: dict[str, float]) -> None:
        """Resume from such a state."""
        self.best, self.waited = float(state["best"]), int(state["waited"])
