"""Callbacks that follow scikit-learn's protocol."""

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator


class WeightHistory:
    """Callback that records the weights after each epoch.

    It requires scikit-learn 1.9 or newer, and is set on an estimator of this package or on a step of a pipeline. It has
    the weights of the latest fit in this process, not of fits in other processes (`n_jobs`).

    Parameters
    ----------
    every : int, default=1
        Interval between recorded epochs.

    Attributes
    ----------
    epochs_ : list of int
        The recorded epochs, counted from 1 in each call of `fit` or `partial_fit`.
    coefs_ : list of lists of ndarray
        The weights of each layer after each of these epochs.
    intercepts_ : list of lists of ndarray
        The biases.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknn_scratch import MLPClassifier
    >>> from sknn_scratch.callbacks import WeightHistory
    >>> weights = WeightHistory(every=10)
    >>> clf = MLPClassifier((16,), random_state=0).set_callbacks(weights)
    >>> clf = clf.fit(*load_iris(return_X_y=True))
    >>> weights.epochs_[:3]
    [10, 20, 30]
    >>> weights.coefs_[-1][0].shape
    (4, 16)
    """

    def __init__(self, every: int = 1) -> None:
        self.every = every

    def setup(self, estimator: BaseEstimator, context: Any) -> None:
        """Do nothing at the start of a search or a fit."""

    def teardown(self, estimator: BaseEstimator, context: Any) -> None:
        """Do nothing at its end."""

    def on_fit_task_begin(self, estimator: BaseEstimator, context: Any) -> None:
        """Clear the record at the start of a fit."""
        if context.task_name != "epoch":
            self.epochs_: list[int] = []
            self.coefs_: list[list[npt.NDArray[np.floating]]] = []
            self.intercepts_: list[list[npt.NDArray[np.floating]]] = []

    def on_fit_task_end(self, estimator: BaseEstimator, context: Any, *, fitted_estimator: BaseEstimator) -> bool:
        """Record the weights; never stop the training."""
        epoch = context.task_id + 1
        if context.task_name == "epoch" and epoch % self.every == 0:
            perceptron = hasattr(fitted_estimator, "coef_")
            self.epochs_.append(epoch)
            self.coefs_.append([fitted_estimator.coef_] if perceptron else fitted_estimator.coefs_)
            self.intercepts_.append([fitted_estimator.intercept_] if perceptron else fitted_estimator.intercepts_)
        return False
