"""Learning rate range test: the loss against increasing learning rates."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from .._typing import MatrixLike
from ..studies.learning_rates import find_learning_rate
from .drawing import AxesLike, panels


class LearningRateDisplay:
    """Losses of a short training with an increasing learning rate (Smith 2017, arXiv:1506.01186).

    Parameters
    ----------
    rates : array-like of shape (n_steps,)
        The learning rates.
    losses : array-like of shape (n_steps,)
        The loss at each of them.
    suggestion : float, default=None
        The suggested rate.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes, Figure
        The axes and their figure.
    line_ : Line2D
        The losses.
    suggestion_ : Line2D or None
        The suggested rate.

    See Also
    --------
    sknn_scratch.find_learning_rate : The same test without a plot.

    Examples
    --------
    >>> from sknn_scratch.inspection import LearningRateDisplay
    >>> display = LearningRateDisplay([1e-3, 1e-2, 1e-1, 1], [2.3, 1.4, 0.9, 30], suggestion=1e-2).plot()
    >>> display.ax_.get_xscale()
    'log'
    """

    def __init__(self, rates: Sequence[float], losses: Sequence[float], suggestion: float | None = None) -> None:
        self.rates = rates
        self.losses = losses
        self.suggestion = suggestion

    @classmethod
    def from_estimator(
        cls, estimator: BaseEstimator, X: MatrixLike, y: MatrixLike, *, ax: AxesLike = None, **options: Any
    ) -> "LearningRateDisplay":
        """Test a range of learning rates and draw the losses.

        Parameters
        ----------
        estimator : network estimator
            A network, fitted or not; a clone is trained. Or a pipeline or fitted search, as in `find_learning_rate`.
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Inputs.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.
        ax : matplotlib Axes, default=None
            Axes to draw on; if None, a new figure is created.
        **options : dict
            Passed to `find_learning_rate`, such as `lowest` and `highest`.

        Returns
        -------
        display : LearningRateDisplay
            The display.
        """
        return cls(**find_learning_rate(estimator, X, y, **options)).plot(ax=ax)

    def plot(self, ax: AxesLike = None) -> "LearningRateDisplay":
        """Draw the display.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; if None, a new figure is created.

        Returns
        -------
        display : LearningRateDisplay
            The display.
        """
        self.ax_ = panels(self, ax, (1, 1), (6, 3.5))[0, 0]
        self.figure_ = self.ax_.figure
        (self.line_,) = self.ax_.plot(self.rates, self.losses)
        self.suggestion_ = None
        if self.suggestion is not None:
            self.suggestion_ = self.ax_.axvline(
                self.suggestion, color="black", linestyle="--", label=f"suggested: {self.suggestion:.2g}"
            )
            self.ax_.legend()
        self.ax_.set(xscale="log", xlabel="learning rate", ylabel="loss")
        # The losses of diverging training are out of range; the axis is for those between the start and the minimum.
        finite = np.asarray(self.losses, dtype=float)
        finite = finite[np.isfinite(finite)]
        if len(finite):
            bottom, start = finite.min(), finite[0]
            room = 0.3 * ((start - bottom) or abs(start) or 1)
            self.ax_.set_ylim(bottom - room, min(finite.max(), start + room) + 0.1 * room)
        return self
