"""The weights or kernels of the first layer with weights, as images."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator

from ..estimators.base import NetworkEstimator
from ..estimators.fitted import fitted_way
from ..estimators.rbm import BernoulliRBM
from .drawing import MOST_NAMES, AxesLike, columns_for, draw_mosaic, panels, size_for, whole_ticks, zero_centred
from .subject import check_units, picture_shape


class WeightsDisplay:
    """Weights of the first layer with weights, one image for each unit or kernel (lecture row 28).

    Parameters
    ----------
    weights : ndarray of shape (n_images, height, width), (n_images, height, width, 3) or (n_features, n_units)
        Images of one or three channels, or the weights between features and units.
    feature_names : list of str, default=None
        Names of the features, for weights that are not images.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes, Figure
        The axes and their figure.
    image_ : AxesImage
        All images with gaps between them, or features by units. Zero is grey.
    colorbar_ : Colorbar or None
        The scale; None for three channels, where weights from -m to m, with m the largest absolute weight, are mapped
        to colours from 0 to 1.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sknn_scratch import ConvNetClassifier
    >>> from sknn_scratch.inspection import WeightsDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> clf = ConvNetClassifier(max_iter=20, random_state=0).fit(X[:100], y[:100])
    >>> WeightsDisplay.from_estimator(clf).weights.shape
    (16, 3, 3)
    """

    def __init__(self, weights: npt.ArrayLike, *, feature_names: Sequence[str] | None = None) -> None:
        self.weights = weights
        self.feature_names = feature_names

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        *,
        image_shape: Sequence[int] | None = None,
        units: Sequence[int] | None = None,
        ax: AxesLike = None,
    ) -> "WeightsDisplay":
        """Draw the first weights of a fitted network.

        Parameters
        ----------
        estimator : network estimator or BernoulliRBM
            A fitted network; or a fitted pipeline, search or FrozenEstimator that contains one.
        image_shape : tuple (height, width) or (height, width, channels), default=None
            Shape of a row of X as an image; if None, the input shape of the network. If that is not an image, the
            weights are drawn as one image of features by units.
        units : sequence of int, default=None
            Indices of units or kernels; if None, the first 48.
        ax : matplotlib Axes, default=None
            Axes to draw on; if None, a new figure is created.

        Returns
        -------
        display : WeightsDisplay
            The display.
        """
        way = fitted_way(estimator, (NetworkEstimator, BernoulliRBM))
        estimator = way.estimator
        of_machine = isinstance(estimator, BernoulliRBM)
        weights = [estimator.components_.T] if of_machine else estimator.coefs_
        W = next(W for W in weights if W.ndim in (2, 4, 6))  # a gain of a unit is no weight of an input
        W = W[..., check_units(units, W.shape[-1], 48)]
        if W.ndim == 6:  # kernels of their own at each position, drawn there
            down, across, height, width, channels, n_units = W.shape
            W = W.swapaxes(1, 2).reshape(down * height, across * width, channels, n_units)
        elif W.ndim == 2:
            shape = picture_shape(estimator, image_shape)
            if shape is None or len(W) != np.prod(shape):
                known = len(W) == estimator.n_features_in_ and not of_machine
                names = way.feature_names() if known else None
                return cls(W, feature_names=names).plot(ax=ax)
            W = W.reshape(*shape, W.shape[1])
        images = np.moveaxis(W, 3, 0)  # (units, height, width, channels)
        if images.shape[3] != 3:
            images = np.moveaxis(images, 3, 1).reshape(-1, *images.shape[1:3])
        return cls(images).plot(ax=ax)

    def plot(self, ax: AxesLike = None) -> "WeightsDisplay":
        """Draw the display.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; if None, a new figure is created.

        Returns
        -------
        display : WeightsDisplay
            The display.
        """
        W = np.asarray(self.weights, dtype=float)
        if W.ndim == 2:
            self.ax_ = panels(self, ax, (1, 1), (2 + min(8, 0.3 * W.shape[1]), 1.2 + min(6, 0.3 * len(W))))[0, 0]
            self.image_ = self.ax_.imshow(W, aspect="auto", interpolation="nearest", **zero_centred(W))
            self.ax_.set(xlabel="unit", ylabel="feature")
            whole_ticks(self.ax_.xaxis)
            if self.feature_names is not None and len(W) <= MOST_NAMES:
                self.ax_.set_yticks(range(len(W)), self.feature_names)
        else:
            n_columns = columns_for(len(W), W.shape[2] / W.shape[1])
            self.ax_ = panels(self, ax, (1, 1), size_for(W, n_columns, 0.6))[0, 0]
            colours = zero_centred(W)
            shown = W / (2 * colours["vmax"]) + 0.5 if W.ndim == 4 else W
            self.image_, _ = draw_mosaic(self.ax_, shown, n_columns, **colours)
        self.figure_ = self.ax_.figure
        self.colorbar_ = None
        if W.ndim != 4:
            self.colorbar_ = self.figure_.colorbar(self.image_, ax=self.ax_, label="weight", shrink=0.9)
        return self
