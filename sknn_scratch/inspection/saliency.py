"""Saliency: the gradient of a class score or prediction with respect to the input."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_scalar

from .._typing import MatrixLike
from ..estimators.base import NetworkEstimator
from ..estimators.classification import NetworkClassification
from ..estimators.fitted import dense_rows, fitted_way
from ..estimators.recurrent import Recurrent
from ..estimators.regression import NetworkRegression
from ..nn.arena import Array
from ..nn.layers.sequence import count_steps
from ..nn.trace import Trace
from .drawing import (
    GREY,
    MOST_NAMES,
    SEQUENTIAL,
    Artist,
    AxesLike,
    as_pictures,
    brief,
    columns_for,
    draw_mosaic,
    draw_steps,
    panels,
    size_for,
    zero_centred,
)
from .subject import answer_names, as_steps, has_steps, meaning, picture_shape

MOST_ROWS = 32  # more are too small to see


def input_gradient(estimator: BaseEstimator, X: MatrixLike, *, target: object = None, step: int | None = None) -> Any:
    """Return the gradient of a score or prediction with respect to each row.

    Parameters
    ----------
    estimator : network estimator
        A fitted network; or a fitted pipeline, search or FrozenEstimator that contains one, whose preceding steps
        transform X.
    X : array-like or sparse matrix of shape (n_samples, n_features), array of images, or sequences
        Rows.
    target : class label or int, default=None
        For classifiers, the class whose score is differentiated (`decision_function`, or its negative for the first of
        two classes); by default the predicted class of each row. For multilabel targets and regressors, the index of
        the output; by default the most probable label of each row, or 0.
    step : int, default=None
        With ``targets="step"``, the step of each sequence whose output is differentiated, from 0; negative numbers
        count from the end of each sequence. None for the last.

    Returns
    -------
    gradient : ndarray of the shape of X, or list of ndarray for a list of sequences
        Derivatives of the score, or of the prediction in units of y, with respect to the features; in a pipeline, with
        respect to the input of its network. NaN after the end of a sequence.

    Raises
    ------
    ValueError
        If there is no such target or step, or no gradient, as with the layer `Step`.

    References
    ----------
    K. Simonyan, A. Vedaldi, A. Zisserman, "Deep inside convolutional networks: visualising image classification models
    and saliency maps", 2014, arXiv:1312.6034.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknn_scratch import MLPClassifier
    >>> from sknn_scratch.inspection import input_gradient
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = MLPClassifier(random_state=0).fit(X, y)
    >>> bool(input_gradient(clf, X[100:], target=2)[:, 3].mean() > 0)  # a wider petal makes a virginica
    True
    """
    way = fitted_way(estimator)
    given: Any = way.transform(X)
    gradient, _ = _gradient(way.estimator, dense_rows(way.estimator, given), target, step)
    return way.estimator._entries_as_X(gradient, given)


def _gradient(estimator: NetworkEstimator, X: Array, target: object, step: int | None) -> tuple[Array, list[str]]:
    """Return the gradient for checked rows, (n, n_features), and the name of the target of each."""
    trace = Trace(estimator._network, X)
    answers = trace.outputs[-1].reshape(len(X), -1, estimator._target.n_outputs)  # one for each row, or for each step
    which = np.arange(len(X)), _which_answer(estimator, X, step)
    raw, meant = answers[which], meaning(estimator)
    names = (
        [str(label) for label in estimator.classes_]
        if isinstance(estimator, NetworkClassification)
        else answer_names(estimator)
    )
    chosen = _choose(estimator, raw, target)
    if isinstance(estimator, NetworkClassification) and meant.binary:
        d = np.where(chosen == 1, 1, -1)[:, None]
    else:
        d = np.eye(raw.shape[1])[chosen]
    if isinstance(estimator, NetworkRegression):
        if meant.loss.link == "sorted":  # a prediction is another output in each row
            d = np.take_along_axis(d, raw.argsort(axis=1).argsort(axis=1), axis=1)
        d = d * meant.scale * (meant.loss.predict(raw) if meant.loss.link == "exp" else 1)
    d_answers = np.zeros(answers.shape)
    d_answers[which] = d
    gradient = trace.back(d_answers.reshape(trace.outputs[-1].shape)).reshape(len(X), -1)
    gradient[np.isnan(X)] = np.nan
    return gradient, [names[k] for k in chosen]


def _which_answer(estimator: NetworkEstimator, X: Array, step: int | None) -> Array:
    """Return the index of the answer for each row: 0 if there is only one."""
    if not isinstance(estimator, Recurrent) or estimator.targets != "step":
        if step is not None:
            raise ValueError(f"step is for networks with an answer for each step, targets='step'; got step={step}.")
        return np.zeros(len(X), int)
    lengths = count_steps(as_steps(estimator, X))
    step = -1 if step is None else step
    shortest = int(lengths.min())
    check_scalar(step, "step", Integral, min_val=-shortest, max_val=shortest - 1)
    return lengths + step if step < 0 else np.full(len(X), step)


def _choose(estimator: NetworkEstimator, raw: Array, target: object) -> Array:
    """Return the index of the class or output for each row."""
    if target is None:
        if not isinstance(estimator, NetworkClassification):
            return np.zeros(len(raw), int)
        return (raw[:, 0] > 0).astype(int) if meaning(estimator).binary else raw.argmax(axis=1)
    choices = estimator.classes_.tolist() if isinstance(estimator, NetworkClassification) else list(range(raw.shape[1]))
    if target not in choices:
        raise ValueError(f"target must be one of {choices}, got {target!r}.")
    return np.full(len(raw), choices.index(target))


class SaliencyDisplay:
    """Rows and the gradients of a class score with respect to them (Simonyan et al. 2014; lecture row 28).

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features) or (n_samples, n_steps, n_features)
        The rows, or sequences padded with NaN at the end.
    gradient : ndarray of the shape of X
        As returned by `input_gradient`.
    labels : list of str
        Name of the target of each row.
    image_shape : tuple (height, width, channels), default=None
        Shape of a row as an image; None for bars.
    feature_names : list of str, default=None
        Names of the bars.

    Attributes
    ----------
    axes_ : ndarray of matplotlib Axes, of shape (2, 1), (1, n_samples) or (n_samples, 2)
        Images above their gradients, bars, or sequences beside their gradients, features by steps.
    figure_ : matplotlib Figure
        The figure.
    images_ : list of AxesImage
        The rows and their gradients; for images with several channels, the largest absolute value. Empty for bars.
    bars_ : list of BarContainer
        The gradient of each row. Empty for images and sequences.
    texts_ : list of Text
        The labels above the images. Empty for bars and sequences, where the labels are titles.
    colorbar_ : Colorbar or None
        The scale of the gradients.

    See Also
    --------
    sklearn.inspection.permutation_importance : Importance of features for the score on all rows.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sknn_scratch import ConvNetClassifier
    >>> from sknn_scratch.inspection import SaliencyDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> clf = ConvNetClassifier(max_iter=20, random_state=0).fit(X[:100], y[:100])
    >>> [text.get_text() for text in SaliencyDisplay.from_estimator(clf, X[:3]).texts_]
    ['0', '1', '2']
    """

    def __init__(
        self,
        X: Array,
        gradient: Array,
        labels: Sequence[str],
        *,
        image_shape: tuple[int, ...] | None = None,
        feature_names: Sequence[str] | None = None,
    ) -> None:
        self.X = X
        self.gradient = gradient
        self.labels = labels
        self.image_shape = image_shape
        self.feature_names = feature_names

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        X: MatrixLike,
        *,
        target: object = None,
        step: int | None = None,
        image_shape: Sequence[int] | None = None,
        ax: AxesLike = None,
    ) -> "SaliencyDisplay":
        """Differentiate a class score or prediction of a fitted network with respect to a few rows, and draw.

        Parameters
        ----------
        estimator : network estimator
            A fitted network; or a fitted pipeline, search or FrozenEstimator that contains one, whose preceding steps
            transform X.
        X : array-like or sparse matrix of shape (n_samples, n_features), array of images, or sequences
            A few rows.
        target : class label or int, default=None
            Class or output, as in `input_gradient`.
        step : int, default=None
            Step of a sequence, as in `input_gradient`.
        image_shape : tuple (height, width) or (height, width, channels), default=None
            Shape of a row as an image; if None, the input shape of the network, if that is an image.
        ax : matplotlib Axes, array-like of Axes, default=None
            Axes to draw on: one Axes for all panels, or one for each; if None, a new
            figure is created.

        Returns
        -------
        display : SaliencyDisplay
            The display.
        """
        way = fitted_way(estimator)
        estimator = way.estimator
        X = dense_rows(estimator, way.transform(X))
        if len(X) > MOST_ROWS:
            raise ValueError(f"A picture of {len(X)} rows would be too small to see. Pass {MOST_ROWS} at most.")
        gradient, labels = _gradient(estimator, X, target, step)
        if has_steps(estimator):
            return cls(as_steps(estimator, X), as_steps(estimator, gradient), labels).plot(ax=ax)
        shape = picture_shape(estimator, image_shape)
        return cls(X, gradient, labels, image_shape=shape, feature_names=way.feature_names()).plot(ax=ax)

    def plot(self, ax: AxesLike = None) -> "SaliencyDisplay":
        """Draw the display.

        Parameters
        ----------
        ax : matplotlib Axes, array-like of Axes, default=None
            Axes to draw on: one Axes for all panels, or one for each; if None, a new
            figure is created.

        Returns
        -------
        display : SaliencyDisplay
            The display.
        """
        self.images_: list[Artist] = []
        self.bars_: list[Artist] = []
        self.texts_: list[Artist] = []
        self.colorbar_ = None
        if self.gradient.ndim == 3:
            return self._plot_steps(ax)
        if self.image_shape is None:
            return self._plot_bars(ax)
        pictures, gradient = as_pictures(self.X, self.image_shape), self.gradient.reshape(-1, *self.image_shape)
        if gradient.shape[3] == 1:
            gradient, colours = gradient[..., 0], zero_centred(gradient)
        else:
            gradient, colours = np.abs(gradient).max(axis=3), {"cmap": SEQUENTIAL, "vmin": 0}
        n_columns = len(pictures) if len(pictures) <= 8 else columns_for(len(pictures))
        width, height = size_for(pictures, n_columns)
        self.axes_ = panels(self, ax, (2, 1), (width, 2 * height))
        self.figure_ = self.axes_[0, 0].figure
        (above,), (below,) = self.axes_
        image, self.texts_ = draw_mosaic(above, pictures, n_columns, self.labels, cmap=GREY)
        self.images_ = [image, draw_mosaic(below, gradient, n_columns, **colours)[0]]
        self.colorbar_ = self.figure_.colorbar(self.images_[1], ax=list(self.axes_[:, 0]), label="gradient", shrink=0.7)
        return self

    def _plot_steps(self, ax: AxesLike) -> "SaliencyDisplay":
        n, _, n_features = self.gradient.shape
        self.axes_ = panels(
            self, ax, (n, 2), (9, 0.6 + n * (0.7 + min(3, 0.15 * n_features))), sharex=True, sharey=True
        )
        self.figure_ = self.axes_[0, 0].figure
        values = {"cmap": SEQUENTIAL, "vmin": np.nanmin(self.X), "vmax": np.nanmax(self.X)}
        for (left, right), x, gradient, label in zip(self.axes_, self.X, self.gradient, self.labels, strict=True):
            self.images_.append(draw_steps(left, x, "feature", **values))
            self.images_.append(draw_steps(right, gradient, "", **zero_centred(self.gradient)))
            left.set_title(f"{brief(label)}: input", size="small")
            right.set_title("gradient", size="small")
        for axis in self.axes_[-1]:
            axis.set_xlabel("step")
        self.colorbar_ = self.figure_.colorbar(self.images_[1], ax=list(self.axes_[:, 1]), label="gradient")
        return self

    def _plot_bars(self, ax: AxesLike) -> "SaliencyDisplay":
        n, n_features = self.gradient.shape
        size = (2 + 1.5 * n, 1 + min(8, 0.3 * n_features))
        self.axes_ = panels(self, ax, (1, n), size, sharex=True, sharey=True)
        self.figure_ = self.axes_[0, 0].figure
        for axis, row, label in zip(self.axes_[0], self.gradient, self.labels, strict=True):
            self.bars_.append(axis.barh(range(n_features), row))
            axis.axvline(0, color="black", linewidth=0.8)
            axis.set_title(brief(label), size="small")
            axis.set_xlabel("gradient")
        first = self.axes_[0, 0]
        largest = np.abs(self.gradient).max() or 1  # a ReLU network may be flat here
        first.set_xlim(-1.1 * largest, 1.1 * largest)
        first.set_ylabel("feature")
        first.set_ylim(n_features - 0.5, -0.5)  # the first on top
        if self.feature_names is not None and n_features <= MOST_NAMES:
            first.set_yticks(range(n_features), self.feature_names)
        return self
