"""Learning curves: the values recorded in each epoch."""

from collections.abc import Mapping, Sequence

import numpy as np
from sklearn.base import BaseEstimator

from ..estimators.fitted import fitted_way
from .drawing import AxesLike, panels, whole_ticks

# Name of the axis: what of the history is drawn there, with its label; a panel without any is left out.
PANELS: dict[str, dict[str, str | None]] = {
    "loss": {"loss": "training", "validation_loss": "validation"},
    "score": {"score": "training", "validation_score": "validation"},
    "learning rate": {"learning_rate": None},
    "gradient norm": {"gradient_norm": None},
}
STYLES = ["-", "--"]  # as well as colours, for grey printing


class TrainingHistoryDisplay:
    """Loss, score, learning rate and gradient norm of each epoch (lecture row 29).

    Parameters
    ----------
    history : dict of lists
        In the form of `history_` of a fitted network: a list with one value per epoch under each of "loss",
        "validation_loss", "score", "validation_score", "learning_rate" and "gradient_norm", or some of these.

    Attributes
    ----------
    axes_ : ndarray of matplotlib Axes, of shape (n_panels, 1)
        One for each of loss, score, learning rate and gradient norm that was recorded.
    figure_ : matplotlib Figure
        The figure.
    lines_ : dict of Line2D
        The curves, by their keys in `history`.

    See Also
    --------
    sklearn.model_selection.LearningCurveDisplay : Scores for increasing numbers of rows.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknn_scratch import MLPClassifier
    >>> from sknn_scratch.inspection import TrainingHistoryDisplay
    >>> clf = MLPClassifier(early_stopping=True, random_state=0).fit(*load_iris(return_X_y=True))
    >>> display = TrainingHistoryDisplay.from_estimator(clf)
    >>> display.axes_[0, 0].get_ylabel()
    'loss'
    """

    def __init__(self, history: Mapping[str, Sequence[float]]) -> None:
        self.history = history

    @classmethod
    def from_estimator(cls, estimator: BaseEstimator, *, ax: AxesLike = None) -> "TrainingHistoryDisplay":
        """Draw the history of a fitted network.

        Parameters
        ----------
        estimator : network estimator
            A fitted network; or a fitted pipeline, search or FrozenEstimator that contains one.
        ax : matplotlib Axes, array-like of Axes, default=None
            Axes to draw on: one Axes for all panels, or one for each; if None, a new
            figure is created.

        Returns
        -------
        display : TrainingHistoryDisplay
            The display.
        """
        return cls(fitted_way(estimator).estimator.history_).plot(ax=ax)

    def plot(self, ax: AxesLike = None) -> "TrainingHistoryDisplay":
        """Draw the display.

        Parameters
        ----------
        ax : matplotlib Axes, array-like of Axes, default=None
            Axes to draw on: one Axes for all panels, or one for each; if None, a new
            figure is created.

        Returns
        -------
        display : TrainingHistoryDisplay
            The display.

        Raises
        ------
        ValueError
            If there is nothing to draw.
        """
        drawn = {
            name: {key: label for key, label in curves.items() if np.isfinite(self.history.get(key, ())).any()}
            for name, curves in PANELS.items()
        }  # L-BFGS has no learning rate: it records nan
        drawn = {name: curves for name, curves in drawn.items() if curves}
        if not drawn:
            raise ValueError("There is no history to draw: the network was given its weights by hand.")
        self.axes_ = panels(self, ax, (len(drawn), 1), (6, 0.8 + 1.7 * len(drawn)), sharex=True)
        self.figure_ = self.axes_[0, 0].figure
        self.lines_ = {}
        for axis, (name, curves) in zip(self.axes_[:, 0], drawn.items(), strict=True):
            for style, (key, label) in zip(STYLES, curves.items(), strict=False):
                values = self.history[key]
                epochs = np.arange(1, len(values) + 1)
                known = np.pad(np.isfinite(values), 1)
                alone = np.flatnonzero(known[1:-1] & ~known[:-2] & ~known[2:])  # a point that no line would show
                marker = {"marker": ".", "markevery": alone} if len(alone) else {}
                (self.lines_[key],) = axis.plot(epochs, values, style, label=label, **marker)
            axis.set_ylabel(name)
            if len(curves) > 1:
                axis.legend()
            if name == "gradient norm":
                axis.set_yscale("log")
        self.axes_[-1, 0].set_xlabel("epoch")
        whole_ticks(self.axes_[-1, 0].xaxis)
        return self
