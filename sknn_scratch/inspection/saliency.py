"""What in a row the network looked at: the gradient of a score with respect to the row."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import is_classifier

from ..estimators.fitted import check_fitted, dense_rows
from ..nn.trace import Trace
from .drawing import (
    GREY,
    MOST_NAMES,
    SEQUENTIAL,
    as_pictures,
    brief,
    columns_for,
    draw_mosaic,
    panels,
    size_for,
    zero_centred,
)
from .subject import feature_names, output_names, picture_shape

MOST_ROWS = 32  # more would be too small to see


def input_gradient(estimator: Any, X: Any, *, target: Any = None) -> Any:
    """Return the gradient of a score or prediction with respect to each row.

    Parameters
    ----------
    estimator : network estimator
        Fitted.
    X : array-like or sparse matrix of shape (n_samples, n_features), or array of images
        Rows.
    target : class label or int, default=None
        Of a classifier the class whose score (`decision_function`; for the first of two classes its negative) is
        derived, None for the class that is predicted for each row; for labels, and for the outputs of a regressor, the
        number of the one that is derived, None for the most probable label of each row and for the first output.

    Returns
    -------
    gradient : ndarray of the shape of X
        How much the score, or the prediction in units of y, changes with each feature.

    Raises
    ------
    ValueError
        If there is no such target, or no gradient: `Step` has none.

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
    estimator = check_fitted(estimator)
    return _gradient(estimator, dense_rows(estimator, X), target)[0].reshape(np.shape(X))


def _gradient(estimator: Any, X: Any, target: Any) -> tuple[Any, list[str]]:
    """Return the gradient of checked rows, (n, n_features), and the name of what was derived in each."""
    trace = Trace(estimator._network, X)
    raw = trace.outputs[-1]
    names = [str(label) for label in estimator.classes_] if is_classifier(estimator) else output_names(estimator)
    chosen = _choose(estimator, raw, target)
    if is_classifier(estimator) and estimator._target.binary:
        d = np.where(chosen == 1, 1, -1)[:, None]
    else:
        d = np.eye(raw.shape[1])[chosen]
    if not is_classifier(estimator):
        meaning = estimator._target
        d = d * meaning.scale * (meaning.loss.predict(raw) if meaning.loss.link == "exp" else 1)
    return trace.back(d).reshape(len(X), -1), [names[k] for k in chosen]


def _choose(estimator: Any, raw: Any, target: Any) -> Any:
    """Return the number of the class or output for each row."""
    if target is None:
        if not is_classifier(estimator):
            return np.zeros(len(raw), int)
        return (raw[:, 0] > 0).astype(int) if estimator._target.binary else raw.argmax(axis=1)
    choices = list(estimator.classes_) if is_classifier(estimator) else list(range(estimator.n_outputs_))
    if target not in choices:
        raise ValueError(f"target must be one of {choices}, got {target!r}.")
    return np.full(len(raw), choices.index(target))


class SaliencyDisplay:
    """Rows, and the gradient of a score with respect to each (Simonyan et al. 2014; lecture row 28).

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        The rows.
    gradient : ndarray of shape (n_samples, n_features)
        As `input_gradient` gives it.
    labels : list of str
        What was derived in each row.
    image_shape : tuple (height, width, channels), default=None
        What a row is an image of; None for bars.
    feature_names : list of str, default=None
        Names of the bars.

    Attributes
    ----------
    axes_ : ndarray of matplotlib Axes, of shape (2, 1) or (1, n_samples)
        Images above their gradients, or bars.
    figure_ : matplotlib Figure
        The figure.
    images_ : list of AxesImage
        The rows and their gradients; of several channels the largest size is drawn. Empty for bars.
    bars_ : list of BarContainer
        The gradient of each row. Empty for images.
    texts_ : list of Text
        The labels above the images. Empty for bars, which have them as titles.
    colorbar_ : Colorbar or None
        The scale of the gradients.

    See Also
    --------
    sklearn.inspection.permutation_importance : Which features matter for the score on all rows.

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
        X: Any,
        gradient: Any,
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
        cls, estimator: Any, X: Any, *, target: Any = None, image_shape: Any = None, ax: Any = None
    ) -> "SaliencyDisplay":
        """Derive a score of a fitted network with respect to a few rows, and draw.

        Parameters
        ----------
        estimator : network estimator
            Fitted.
        X : array-like or sparse matrix of shape (n_samples, n_features), or array of images
            A few rows.
        target : class label or int, default=None
            Whose score: as in `input_gradient`.
        image_shape : tuple (height, width) or (height, width, channels), default=None
            What a row is an image of. None: what the network takes it for, if any.
        ax : matplotlib Axes, array-like of Axes, default=None
            Where to draw: one Axes for all panels, or one for each. None makes a new figure.

        Returns
        -------
        display : SaliencyDisplay
            What was drawn.
        """
        estimator = check_fitted(estimator)
        X = dense_rows(estimator, X)
        if len(X) > MOST_ROWS:
            raise ValueError(f"A picture of {len(X)} rows would be too small to see. Pass {MOST_ROWS} at most.")
        gradient, labels = _gradient(estimator, X, target)
        shape = picture_shape(estimator, image_shape)
        return cls(X, gradient, labels, image_shape=shape, feature_names=feature_names(estimator)).plot(ax=ax)

    def plot(self, ax: Any = None) -> "SaliencyDisplay":
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, array-like of Axes, default=None
            Where to draw: one Axes for all panels, or one for each. None makes a new figure.

        Returns
        -------
        display : SaliencyDisplay
            What was drawn.
        """
        self.images_, self.bars_, self.texts_, self.colorbar_ = [], [], [], None
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

    def _plot_bars(self, ax: Any) -> "SaliencyDisplay":
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
