"""A learner changes a vector of numbers, an epoch at a time, and reports each epoch to whoever watches."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from .arena import Array
from .rows import Index, Rows

E = TypeVar("E")  # what a learner reports of an epoch


class Diverged(Exception):
    """The loss or a number of the model is no longer finite."""


class Learner(Generic[E]):
    """Base of whatever trains a model: mini-batch training, L-BFGS, the perceptron rule.

    Attributes
    ----------
    theta : ndarray
        All numbers of the model, changed in place.
    converged : bool
        Whether there is nothing more to learn.
    converged_because : str
        How that is said to users.
    """

    theta: Array
    converged = False
    converged_because = "the solver reached a minimum"

    def run(self, rows: Rows, index: Index, max_epochs: int, report: Callable[[E], bool]) -> None:
        """Train on the rows named by `index` for `max_epochs` epochs, or until `report` returns True."""
        raise NotImplementedError

    def lower_rate(self) -> bool:
        """Lower the learning rate at a plateau; False where that is not possible, so that training should end."""
        return False

    def state(self) -> dict[str, Any]:
        """Return all that is needed to go on, but for `theta`, as named arrays, numbers and strings."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from such a state."""
