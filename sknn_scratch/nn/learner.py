"""Base of the training algorithms."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from .arena import Array
from .rows import Index, Rows

State = dict[str, Any]  # what a learner resumes from: named arrays, numbers and strings, and such dicts
E = TypeVar("E")  # the result of an epoch
StopAfter = Callable[[E], bool]  # called after each epoch; True means stop


class Diverged(Exception):
    """The loss or a parameter of the model is no longer finite."""


class Learner(Generic[E]):
    """Base of the training algorithms: mini-batch training, L-BFGS, the perceptron rule.

    Attributes
    ----------
    theta : ndarray
        All parameters of the model, changed in place.
    alpha : float
        Strength of the penalty.
    converged : bool
        Whether training has reached a minimum, or an epoch without mistakes.
    converged_because : str
        The same for users, in words.
    """

    theta: Array
    alpha = 0.0
    converged = False
    converged_because = "the solver reached a minimum"

    def run(self, rows: Rows, index: Index, max_epochs: int, stop_after: StopAfter[E]) -> None:
        """Train on the rows `index` for `max_epochs` epochs, or until `stop_after`, called after each, returns True."""
        raise NotImplementedError

    def lower_rate(self) -> bool:
        """Lower the learning rate at a plateau; return False if that is not possible, and training should stop."""
        return False

    def shorten(self, n_epochs: float) -> bool:
        """Pass the rest of the schedule in so many epochs; return False where it has no end or is at its end."""
        return False

    def state(self) -> State:
        """Return what is needed to resume training, except `theta`, as named arrays, numbers and strings."""
        return {}

    def restore(self, state: State) -> None:
        """Resume from such a state."""
