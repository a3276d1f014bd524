"""Rows beside their reconstructions."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from .._typing import MatrixLike
from ..estimators.autoencoder import Autoencoder
from ..estimators.fitted import fitted_way
from ..estimators.rbm import BernoulliRBM
from ..nn.arena import Array
from .drawing import GREY, AxesLike, as_pictures, columns_for, draw_mosaic, panels, size_for
from .subject import as_rows, check_count, picture_shape


class ReconstructionDisplay:
    """Rows on the left, and their reconstructions on the right (lecture row 35).

    Parameters
    ----------
    originals, reconstructions : ndarray of shape (n_rows, n_features)
        The rows, and their reconstructions.
    image_shape : tuple (height, width, channels), default=None
        Shape of a row as an image; if None, each row is drawn as a row of one image.

    Attributes
    ----------
    axes_ : ndarray of matplotlib Axes, of shape (1, 2)
        Originals and reconstructions, in the same order.
    figure_ : matplotlib Figure
        The figure.
    images_ : list of AxesImage
        Originals and reconstructions, on the same grey scale.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sknn_scratch import Autoencoder
    >>> from sknn_scratch.inspection import ReconstructionDisplay
    >>> X = load_digits().data / 16
    >>> autoencoder = Autoencoder((16,), max_iter=20, random_state=0).fit(X)
    >>> display = ReconstructionDisplay.from_estimator(autoencoder, X, image_shape=(8, 8))
    >>> display.reconstructions.shape
    (16, 64)
    """

    def __init__(self, originals: Array, reconstructions: Array, *, image_shape: tuple[int, ...] | None = None) -> None:
        self.originals = originals
        self.reconstructions = reconstructions
        self.image_shape = image_shape

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        X: MatrixLike,
        *,
        n_rows: int = 16,
        image_shape: Sequence[int] | None = None,
        ax: AxesLike = None,
    ) -> "ReconstructionDisplay":
        """Reconstruct some rows and draw both.

        Parameters
        ----------
        estimator : Autoencoder or BernoulliRBM
            A fitted network; or a fitted pipeline, search or FrozenEstimator that contains one, whose preceding steps
            transform X.
        X : array-like or sparse matrix of shape (n_samples, n_features), or array of images
            Rows.
        n_rows : int, default=16
            Number of rows to draw, starting with the first.
        image_shape : tuple (height, width) or (height, width, channels), default=None
            Shape of a row as an image; if None, the input shape of the network, if that is an image.
        ax : matplotlib Axes, array-like of two Axes, default=None
            Axes to draw on; if None, a new figure is created.

        Returns
        -------
        display : ReconstructionDisplay
            The display.
        """
        check_count(n_rows, "n_rows")
        way = fitted_way(estimator, (Autoencoder, BernoulliRBM))
        all_rows: Any = way.transform(X)
        rows = as_rows(all_rows[:n_rows])
        again = as_rows(way.estimator.reconstruct(all_rows[:n_rows]))
        return cls(rows, again, image_shape=picture_shape(way.estimator, image_shape)).plot(ax=ax)

    def plot(self, ax: AxesLike = None) -> "ReconstructionDisplay":
        """Draw the display.

        Parameters
        ----------
        ax : matplotlib Axes, array-like of two Axes, default=None
            Axes to draw on; if None, a new figure is created.

        Returns
        -------
        display : ReconstructionDisplay
            The display.
        """
        both = [self.originals, self.reconstructions]
        grey = {"cmap": GREY, "vmin": np.min(self.originals), "vmax": np.max(self.originals)}
        self.images_ = []
        if self.image_shape is None:
            self.axes_ = panels(self, ax, (1, 2), (8, 1.2 + 0.25 * len(self.originals)))
        else:
            both = [as_pictures(rows, self.image_shape) for rows in both]
            n_columns = columns_for(len(both[0]), both[0].shape[2] / both[0].shape[1])
            width, height = size_for(both[0], n_columns, 0.7)
            self.axes_ = panels(self, ax, (1, 2), (2 * width - 1, height + 0.3))
        for axis, title, shown in zip(self.axes_[0], ("originals", "reconstructions"), both, strict=True):
            if self.image_shape is None:
                image = axis.imshow(shown, aspect="auto", interpolation="nearest", **grey)
                axis.set(xlabel="feature", ylabel="row")
            else:
                image, _ = draw_mosaic(axis, shown, n_columns, **grey)
            axis.set_title(title)
            self.images_.append(image)
        self.figure_ = self.axes_[0, 0].figure
        return self
