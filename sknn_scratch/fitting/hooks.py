"""Hooks tell scikit-learn's callbacks of a fit and of each of its epochs."""

from collections.abc import Callable
from typing import Any

import numpy.typing as npt
from sklearn.base import BaseEstimator

from .._compat import has_callbacks
from .._typing import MatrixLike


class Hooks:
    """The callbacks of one call of `fit` or `partial_fit`; without callbacks nothing happens and nothing is made.

    Each epoch is a task. Callbacks get the user's own X and y, and an estimator that can predict only if they ask.

    Parameters
    ----------
    estimator : estimator
        The estimator.
    X, y, sample_weight : array-like
        As the user gave them.
    max_epochs : int
        How many epochs there are at most.
    """

    def __init__(
        self,
        estimator: BaseEstimator,
        X: MatrixLike,
        y: MatrixLike,
        sample_weight: npt.ArrayLike | None,
        max_epochs: int,
    ) -> None:
        self._context: Any = None
        self._epoch: Any = None
        if not has_callbacks(estimator):
            return
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        self._about = {"estimator": estimator, "X": X, "y": y, "metadata": metadata}
        self._left = max_epochs
        self._context = estimator._init_callback_context(max_subtasks=max_epochs)
        self._context.call_on_fit_task_begin(**self._about)

    def begin_epoch(self) -> None:
        """Say that an epoch begins, unless all have been."""
        if self._context is not None and self._left > 0:
            self._left -= 1
            self._epoch = self._context.subcontext(task_name="epoch")
            self._epoch.call_on_fit_task_begin(**self._about)

    def end_epoch(self, learned: Callable[[], dict[str, object]]) -> bool:
        """Say that the epoch has ended; True means that a callback asks to stop.

        `learned` gives copies of the attributes with which the estimator can predict as it is now.
        """
        if self._context is None:
            return False
        return self._epoch.call_on_fit_task_end(**self._about, reconstruction_attributes=learned)

    def end(self) -> None:
        """Say that the estimator is ready."""
        if self._context is not None:
            self._context.call_on_fit_task_end(**self._about, reconstruction_attributes={})
