"""The parts of images that activate feature maps, by a deconvolutional network."""

from collections.abc import Sequence

import numpy as np
from sklearn.base import BaseEstimator

from .._typing import MatrixLike
from ..estimators.fitted import dense_rows, fitted_way, up_to
from ..nn.arena import Array
from ..nn.layers.activations import Activation, Identity, ReLU
from ..nn.trace import Trace
from .drawing import GAP, GREY, AxesLike, as_pictures, draw_mosaic, panels, size_for, zero_centred
from .subject import check_count, check_units, mean_and_scale, picture_shape


class DeconvolutionDisplay:
    """The images with the largest activations of feature maps, and the parts that cause them (Zeiler and Fergus 2014).

    Parameters
    ----------
    projections : ndarray of shape (n_maps, n_images, height, width, channels)
        The largest activation of each map, projected back to the (standardised) pixels.
    images : ndarray of shape (n_maps, n_images, height, width, channels)
        The images, largest activation first.
    labels : list of str
        Names of the maps.

    Attributes
    ----------
    axes_ : ndarray of matplotlib Axes, of shape (1, 2)
        Projections on the left, images on the right; one row for each map.
    figure_ : matplotlib Figure
        The figure.
    images_ : list of AxesImage
        Projections and images. Each projection is scaled by its largest value; zero is grey.
    texts_ : list of Text
        The labels.

    Notes
    -----
    All entries of the map except the largest are set to zero (lecture row 28). Then each layer is inverted
    approximately: a convolution by its transpose, a max pooling by unpooling to the position of the maximum, a ReLU by
    a ReLU. Other activations are not supported.

    References
    ----------
    M. D. Zeiler, R. Fergus, "Visualizing and understanding convolutional networks", 2014, arXiv:1311.2901.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sknn_scratch import ConvNetClassifier
    >>> from sknn_scratch.inspection import DeconvolutionDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> clf = ConvNetClassifier(max_iter=20, random_state=0).fit(X[:100], y[:100])
    >>> DeconvolutionDisplay.from_estimator(clf, X[:100]).projections.shape
    (8, 4, 8, 8, 1)
    """

    def __init__(self, projections: Array, images: Array, labels: Sequence[str]) -> None:
        self.projections = projections
        self.images = images
        self.labels = labels

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        X: MatrixLike,
        *,
        layer: int | None = None,
        units: Sequence[int] | None = None,
        n_images: int = 4,
        image_shape: Sequence[int] | None = None,
        ax: AxesLike = None,
    ) -> "DeconvolutionDisplay":
        """Find the images with the largest activations of feature maps, project these back to the pixels, and draw.

        Parameters
        ----------
        estimator : network estimator
            A fitted network whose only activations up to this layer are ReLU and the identity; or a fitted pipeline,
            search or FrozenEstimator that contains one, whose preceding steps transform X.
        X : array-like or sparse matrix of shape (n_samples, n_features), or array of images
            Images to choose from.
        layer : int, default=None
            Index of the layer: a line of `summary()`, from 0; negative numbers count from the last layer before the
            output layer, -1. If None, the last layer with feature maps, or -1 if there is none.
        units : sequence of int, default=None
            Indices of maps or units; if None, the first 8 with a positive activation.
        n_images : int, default=4
            Number of images for each map.
        image_shape : tuple (height, width) or (height, width, channels), default=None
            Shape of a row as an image; if None, the input shape of the network.
        ax : matplotlib Axes, array-like of two Axes, default=None
            Axes to draw on; if None, a new figure is created.

        Returns
        -------
        display : DeconvolutionDisplay
            The display.

        Raises
        ------
        ValueError
            If the rows are not images, or if there is an activation other than ReLU up to the layer.
        """
        way = fitted_way(estimator)
        estimator = way.estimator
        check_count(n_images, "n_images")
        X = dense_rows(estimator, way.transform(X))
        shape = picture_shape(estimator, image_shape)
        if shape is None:
            raise ValueError("A deconvolution needs images. Pass image_shape to say what a row is an image of.")
        if layer is None:
            shapes = estimator._network.output_shapes[:-1]
            layer = max((i for i, s in enumerate(shapes) if len(s) == 3), default=len(shapes) - 1)
        network = up_to(estimator, layer)
        for other in network.layers:
            if isinstance(other, Activation) and not isinstance(other, ReLU | Identity):
                raise ValueError(
                    f"A deconvolution reverses ReLU by ReLU and knows no reverse of {other}. Use SaliencyDisplay."
                )
        y = network.predict(X)
        y = y.reshape(len(y), -1, y.shape[-1])  # (n, positions, maps)
        active = np.flatnonzero(y.max(axis=(0, 1)) > 0)
        chosen = active[:8] if units is None and len(active) else check_units(units, y.shape[2], 8)
        strongest = np.argsort(-y.max(axis=1), axis=0, kind="stable")[:n_images, chosen].T  # (maps, images)
        trace = Trace(network, X[strongest.ravel()])
        kept = np.zeros((strongest.size, *y.shape[1:]))
        for i, (image, unit) in enumerate(zip(strongest.ravel(), chosen.repeat(strongest.shape[1]), strict=True)):
            where = y[image, :, unit].argmax()
            kept[i, where, unit] = y[image, where, unit]
        projections = trace.back(kept.reshape(len(kept), *network.output_shapes[-1]), rectify=True)
        projections = projections / mean_and_scale(network)[1]
        return cls(
            projections.reshape(*strongest.shape, *shape),
            X[strongest].reshape(*strongest.shape, *shape),
            [str(k) for k in chosen],
        ).plot(ax=ax)

    def plot(self, ax: AxesLike = None) -> "DeconvolutionDisplay":
        """Draw the display.

        Parameters
        ----------
        ax : matplotlib Axes, array-like of two Axes, default=None
            Axes to draw on; if None, a new figure is created.

        Returns
        -------
        display : DeconvolutionDisplay
            The display.
        """
        _, n_images, *shape = self.images.shape
        pictures = as_pictures(self.images, tuple(shape))
        largest = np.abs(self.projections).max(axis=(2, 3, 4), keepdims=True)
        scaled = (self.projections / np.where(largest > 0, largest, 1)).reshape(-1, *shape)
        scaled = 0.5 + 0.5 * scaled if shape[2] == 3 else scaled.mean(axis=3)
        width, height = size_for(pictures, n_images, 0.7)
        self.axes_ = panels(self, ax, (1, 2), (2 * width - 1.5, height + 0.3))
        self.figure_ = self.axes_[0, 0].figure
        (left, right) = self.axes_[0]
        projected, _ = draw_mosaic(left, scaled, n_images, **zero_centred([1.0]))
        chosen, _ = draw_mosaic(right, pictures, n_images, cmap=GREY)
        down = projected.get_array().shape[0] / len(self.labels)
        self.texts_ = [
            left.text(-1.0, (i + 0.5 - 0.5 * GAP) * down, label, ha="right", va="center", size="small")
            for i, label in enumerate(self.labels)
        ]
        self.images_ = [projected, chosen]
        left.set_title("projections")
        right.set_title("images")
        return self
