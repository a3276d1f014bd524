"""Activation maximisation: the inputs with the largest activation of a unit."""

import math
from collections.abc import Sequence
from numbers import Real

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_scalar

from ..estimators.fitted import fitted_way, up_to
from ..nn.arena import Array
from ..nn.layers.activations import Activation
from ..nn.network import Network
from ..nn.trace import Trace
from .drawing import (
    GREY,
    MOST_NAMES,
    Artist,
    AxesLike,
    as_pictures,
    brief,
    columns_for,
    draw_mosaic,
    panels,
    size_for,
    zero_centred,
)
from .subject import check_count, check_units, mean_and_scale, output_names, picture_shape


def _maximize(network: Network, units: Array, norm: float, n_steps: int) -> tuple[Array, Array, Array]:
    """Return for each unit of the last layer the best input, its deviation from the mean, and the activation.

    Inputs are mean + z / scale, as `Standardize` measured them. The activation is maximised over |z| <= norm: each step
    goes part of the way to norm g / |g|, the maximum if the gradient g were constant (Frank and Wolfe 1956). For a
    linear unit, whose gradient is constant, this is the first step.
    """
    mean, scale = mean_and_scale(network)
    z = np.zeros((len(units), *network.input_shape))
    wanted = np.zeros((len(units), *network.output_shapes[-1]))
    centre = tuple(size // 2 for size in wanted.shape[1:-1])  # of a feature map
    for i, unit in enumerate(units):
        wanted[(i, *centre, unit)] = 1
    best, most = z, np.full(len(units), -np.inf)
    for step in range(n_steps + 1):
        trace = Trace(network, mean + z / scale)
        activations = (trace.outputs[-1] * wanted).reshape(len(units), -1).sum(axis=1)
        better = activations > most
        most = np.where(better, activations, most)
        best = np.where(better.reshape(-1, *[1] * (z.ndim - 1)), z, best)
        g = trace.back(wanted) / scale
        length = np.linalg.norm(g.reshape(len(g), -1), axis=1).reshape(-1, *[1] * (g.ndim - 1))
        z = z + 2 / (step + 2) * (norm * g / np.maximum(length, np.finfo(g.dtype).tiny) - z)
    return mean + best / scale, best, most


class ActivationMaximizationDisplay:
    """Inputs that maximise the activations of units (Erhan et al. 2009; lecture row 28).

    Parameters
    ----------
    inputs : ndarray of shape (n_units, n_features)
        The input found for each unit, in the units of X.
    deviations : ndarray of shape (n_units, n_features)
        The same inputs, in standard deviations from the mean of the training set.
    activations : ndarray of shape (n_units,)
        The activation of each unit.
    labels : list of str
        Names of the units.
    image_shape : tuple (height, width, channels), default=None
        Shape of a row as an image; if None, the deviations are drawn as one image of features by units.
    feature_names : list of str, default=None
        Names of the features.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes, Figure
        The axes and their figure.
    image_ : AxesImage
        All images with gaps between them, or features by units.
    texts_ : list of Text
        The labels above the images.
    colorbar_ : Colorbar or None
        The scale of deviations, or of grey images.

    Notes
    -----
    Since most activations are unbounded, the norm of the deviation is limited, by default to that of a typical row, the
    root of the number of features. The search starts at the mean, follows the gradient and ends at a local maximum;
    other inputs may have the same activation. For non-decreasing activation functions, their input is maximised instead
    of their output, since the gradient of a ReLU with output 0 is 0. For a feature map, the unit in its centre is used.

    Mean and standard deviation are those of the network's standardisation; with `standardize=False`, 0 and 1.

    References
    ----------
    D. Erhan, Y. Bengio, A. Courville, P. Vincent, "Visualizing higher-layer features of a deep network", Technical
    Report 1341, University of Montreal (2009).

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknn_scratch import MLPClassifier
    >>> from sknn_scratch.inspection import ActivationMaximizationDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = MLPClassifier(random_state=0).fit(X, y)
    >>> clf.predict(ActivationMaximizationDisplay.from_estimator(clf).inputs)
    array([0, 1, 2])
    """

    def __init__(
        self,
        inputs: Array,
        deviations: Array,
        activations: Array,
        labels: Sequence[str],
        *,
        image_shape: tuple[int, ...] | None = None,
        feature_names: Sequence[str] | None = None,
    ) -> None:
        self.inputs = inputs
        self.deviations = deviations
        self.activations = activations
        self.labels = labels
        self.image_shape = image_shape
        self.feature_names = feature_names

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        *,
        layer: int | None = None,
        units: Sequence[int] | None = None,
        norm: float | None = None,
        n_steps: int = 100,
        image_shape: Sequence[int] | None = None,
        ax: AxesLike = None,
    ) -> "ActivationMaximizationDisplay":
        """Find the inputs that maximise the activations of units of a fitted network, and draw them.

        Parameters
        ----------
        estimator : network estimator
            A fitted network; or a fitted pipeline, search or FrozenEstimator that contains one.
        layer : int, default=None
            Index of the layer: a line of `summary()`, from 0; negative numbers count from the last layer before the
            output layer, -1. If None, the output layer, which has a unit for each class.
        units : sequence of int, default=None
            Indices of units or feature maps; if None, the first 20.
        norm : float, default=None
            Maximum norm of the deviation from the mean; if None, the root of the number of features.
        n_steps : int, default=100
            Number of steps of the search.
        image_shape : tuple (height, width) or (height, width, channels), default=None
            Shape of a row as an image; if None, the input shape of the network, if that is an image.
        ax : matplotlib Axes, default=None
            Axes to draw on; if None, a new figure is created.

        Returns
        -------
        display : ActivationMaximizationDisplay
            The display.
        """
        way = fitted_way(estimator)
        estimator = way.estimator
        network = up_to(estimator, layer)
        n_layers = len(network.layers)
        while n_layers > 1 and isinstance(last := network.layers[n_layers - 1], Activation) and last.rises:
            n_layers -= 1
        network = network[:n_layers]
        chosen = check_units(units, network.output_shapes[-1][-1], 20)
        check_count(n_steps, "n_steps")
        norm = math.sqrt(estimator.n_features_in_) if norm is None else norm
        check_scalar(norm, "norm", Real, min_val=0, include_boundaries="neither")
        inputs, deviations, activations = _maximize(network, chosen, norm, n_steps)
        names = output_names(estimator)
        return cls(
            inputs.reshape(len(chosen), -1),
            deviations.reshape(len(chosen), -1),
            activations,
            [names[k] if layer is None else str(k) for k in chosen],
            image_shape=picture_shape(estimator, image_shape),
            feature_names=way.feature_names(),
        ).plot(ax=ax)

    def plot(self, ax: AxesLike = None) -> "ActivationMaximizationDisplay":
        """Draw the display.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; if None, a new figure is created.

        Returns
        -------
        display : ActivationMaximizationDisplay
            The display.
        """
        self.texts_: list[Artist] = []
        self.colorbar_ = None
        n, n_features = self.inputs.shape
        if self.image_shape is None:
            self.ax_ = panels(self, ax, (1, 1), (4 + min(6, 0.4 * n), 1.2 + min(6, 0.3 * n_features)))[0, 0]
            columns = self.deviations.T
            self.image_ = self.ax_.imshow(columns, aspect="auto", interpolation="nearest", **zero_centred(columns))
            self.ax_.set(xlabel="unit", ylabel="feature")
            self.ax_.set_xticks(range(n), map(brief, self.labels))
            if self.feature_names is not None and n_features <= MOST_NAMES:
                self.ax_.set_yticks(range(n_features), self.feature_names)
        else:
            pictures = as_pictures(self.inputs, self.image_shape)
            n_columns = columns_for(n, pictures.shape[2] / pictures.shape[1])
            self.ax_ = panels(self, ax, (1, 1), size_for(pictures, n_columns))[0, 0]
            self.image_, self.texts_ = draw_mosaic(self.ax_, pictures, n_columns, self.labels, cmap=GREY)
        self.figure_ = self.ax_.figure
        if self.image_shape is None or pictures.ndim == 3:
            label = "standard deviations" if self.image_shape is None else "input"
            self.colorbar_ = self.figure_.colorbar(self.image_, ax=self.ax_, label=label, shrink=0.9)
        return self
