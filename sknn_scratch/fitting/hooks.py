"""Hooks tell callbacks, scikit-learn's and plain functions, of a fit and of each of its epochs."""

from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy.typing as npt
from sklearn.base import BaseEstimator

from .._compat import CallbackSupportMixin, callbacks_of, has_callbacks
from .._typing import MatrixLike


class EpochFunction:
    """A plain function among scikit-learn's callbacks, whose protocol does not pass what is recorded of an epoch."""

    def __init__(self, function: Callable[[Any, int, dict[str, float]], object]) -> None:
        self.function = function

    def setup(self, estimator: BaseEstimator, context: Any) -> None:
        """Do nothing."""

    def teardown(self, estimator: BaseEstimator, context: Any) -> None:
        """Do nothing."""

    def on_fit_task_begin(self, estimator: BaseEstimator, context: Any) -> None:
        """Do nothing."""

    def on_fit_task_end(self, estimator: BaseEstimator, context: Any) -> bool:
        """Do nothing: `Hooks` calls the function."""
        return False


class TakesCallbacks(CallbackSupportMixin):
    """Mixin of the estimators that call callbacks after each epoch."""

    def set_callbacks(self, *callbacks: object) -> Self:
        """Set the callbacks, replacing those set before; requires scikit-learn 1.9 or newer.

        Parameters
        ----------
        *callbacks : callback instances or functions
            Callbacks of scikit-learn's protocol, or functions ``f(estimator, epoch, record)``. A function is called
            after each epoch with the estimator, the number of the epoch, counted from 1 in each call of `fit` or
            `partial_fit`, and a dict with the values recorded in this epoch under the keys of `history_`. If it returns
            True (not just a true value), training stops.

        Returns
        -------
        self : object
            The estimator.

        Raises
        ------
        TypeError
            If an argument is neither a callback nor a function.
        """
        made = [
            EpochFunction(each) if callable(each) and not (isinstance(each, type) or hasattr(each, "setup")) else each
            for each in callbacks
        ]
        super().set_callbacks(*made)
        return self


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
        y: MatrixLike | None,
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

    def end_epoch(
        self, learned: Callable[[], dict[str, object]], n_epochs: int, history: Mapping[str, list[float]]
    ) -> bool:
        """Say that an epoch has ended; True means that a callback asks to stop.

        `learned` gives copies of the attributes with which the estimator can predict as it is now.
        """
        if self._context is None:
            return False
        stop = self._epoch.call_on_fit_task_end(**self._about, reconstruction_attributes=learned)
        estimator = self._about["estimator"]
        for callback in callbacks_of(estimator):
            if isinstance(callback, EpochFunction):
                record = {name: values[-1] for name, values in history.items()}
                stop |= callback.function(estimator, n_epochs, record) is True
        return stop

    def end(self) -> None:
        """Say that the estimator is ready."""
        if self._context is not None:
            self._context.call_on_fit_task_end(**self._about, reconstruction_attributes={})
