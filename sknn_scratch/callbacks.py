"""Callbacks, on scikit-learn's protocol, for what only a network has."""

from typing import Any


class WeightHistory:
    """Keep the weights after each epoch, to see them learn.

    A callback for scikit-learn 1.9 or newer, to be set on any estimator of this package, or on a pipeline's step. It
    has the latest fit of this process: what is fitted in another process (`n_jobs`) stays there.

    Parameters
    ----------
    every : int, default=1
        Keep those of every so many epochs.

    Attributes
    ----------
    epochs_ : list of int
        The epochs that were kept, counted from 1 in each call of `fit` or `partial_fit`.
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

    def setup(self, estimator: Any, context: Any) -> None:
        """Do nothing: what begins is a search or a fit."""

    def teardown(self, estimator: Any, context: Any) -> None:
        """Do nothing."""

    def on_fit_task_begin(self, estimator: Any, context: Any) -> None:
        """Forget the fit before."""
        if context.task_name != "epoch":
            self.epochs_: list[int] = []
            self.coefs_: list[list[Any]] = []
            self.intercepts_: list[list[Any]] = []

    def on_fit_task_end(self, estimator: Any, context: Any, *, fitted_estimator: Any) -> bool:
        """Keep the weights; never stop."""
        epoch = context.task_id + 1
        if context.task_name == "epoch" and epoch % self.every == 0:
            perceptron = hasattr(fitted_estimator, "coef_")
            self.epochs_.append(epoch)
            self.coefs_.append([fitted_estimator.coef_] if perceptron else fitted_estimator.coefs_)
            self.intercepts_.append([fitted_estimator.intercept_] if perceptron else fitted_estimator.intercepts_)
        return False
