"""The output of each layer for one row."""

from collections.abc import Sequence

import numpy as np
from sklearn.base import BaseEstimator

from .._typing import MatrixLike
from ..estimators.fitted import dense_rows, fitted_way
from ..nn.arena import Array
from ..nn.layers import Flatten, Masking, Reshape
from ..nn.trace import Trace
from .drawing import GREY, SEQUENTIAL, AxesLike, as_pictures, draw_mosaic, draw_steps, panels, whole_ticks, zero_centred
from .subject import as_steps, check_count, has_steps, picture_shape


class FeatureMapsDisplay:
    """One image and the output of each layer of a network for it (lecture row 28).

    Parameters
    ----------
    maps : list of ndarray of shape (height, width, n_maps), (n_steps, n_units) or (n_units,)
        The input and the outputs. The input is drawn as a picture if it has one channel or three.
    names : list of str
        Title of each.
    max_maps : int, default=10
        Maximum number of maps to draw for each layer, starting with the first.

    Attributes
    ----------
    axes_ : ndarray of matplotlib Axes, of shape (n_layers + 1, 1)
        One for the input, and one for each layer that changes values.
    figure_ : matplotlib Figure
        The figure.
    images_ : list of AxesImage
        One for each axis: maps side by side, units by steps, or units in one row. In outputs with negative values, zero
        is grey.
    colorbars_ : list of Colorbar
        The scale of each layer.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sknn_scratch import ConvNetClassifier
    >>> from sknn_scratch.inspection import FeatureMapsDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> clf = ConvNetClassifier(max_iter=20, random_state=0).fit(X[:100], y[:100])
    >>> display = FeatureMapsDisplay.from_estimator(clf, X[:1])
    >>> [map.shape for map in display.maps[:3]]
    [(8, 8, 1), (8, 8, 1), (8, 8, 16)]
    """

    def __init__(self, maps: Sequence[Array], names: Sequence[str], max_maps: int = 10) -> None:
        self.maps = maps
        self.names = names
        self.max_maps = max_maps

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        X: MatrixLike,
        *,
        image_shape: Sequence[int] | None = None,
        max_maps: int = 10,
        ax: AxesLike = None,
    ) -> "FeatureMapsDisplay":
        """Pass one row through a fitted network and draw the output of each layer.

        Parameters
        ----------
        estimator : network estimator
            A fitted network; or a fitted pipeline, search or FrozenEstimator that contains one, whose preceding steps
            transform X.
        X : array-like or sparse matrix of shape (1, n_features), or an array of one image
            The row.
        image_shape : tuple (height, width) or (height, width, channels), default=None
            Shape of the row as an image; if None, the input shape of the network, if that is an image.
        max_maps : int, default=10
            Maximum number of maps to draw for each layer, starting with the first.
        ax : matplotlib Axes, array-like of Axes, default=None
            Axes to draw on: one Axes for all layers, or one for each; if None, a new
            figure is created.

        Returns
        -------
        display : FeatureMapsDisplay
            The display.
        """
        way = fitted_way(estimator)
        estimator = way.estimator
        check_count(max_maps, "max_maps")
        X = dense_rows(estimator, way.transform(X))
        if len(X) != 1:
            raise ValueError(f"The feature maps are those of one row, got {len(X)} rows. Pass X[i : i + 1].")
        trace = Trace(estimator._network, X)
        maps = [
            as_steps(estimator, X)[0]
            if has_steps(estimator)
            else X.reshape(picture_shape(estimator, image_shape) or -1)
        ]
        names = ["input"]
        before = trace.x
        for i, (layer, y) in enumerate(zip(trace.network.layers, trace.outputs, strict=True)):
            if y is not before and not isinstance(
                layer, Flatten | Masking | Reshape
            ):  # dropout and its like return their input
                maps.append(y[0])
                names.append(f"{i}: {type(layer).__name__}, {' × '.join(map(str, y.shape[1:]))}")
            before = y
        return cls(maps, names, max_maps).plot(ax=ax)

    def plot(self, ax: AxesLike = None) -> "FeatureMapsDisplay":
        """Draw the display.

        Parameters
        ----------
        ax : matplotlib Axes, array-like of Axes, default=None
            Axes to draw on: one Axes for all layers, or one for each; if None, a new
            figure is created.

        Returns
        -------
        display : FeatureMapsDisplay
            The display.
        """
        height = 1.6 if any(y.ndim == 2 for y in self.maps) else 1.05
        self.axes_ = panels(self, ax, (len(self.maps), 1), (7, height * len(self.maps)))
        self.figure_ = self.axes_[0, 0].figure
        self.images_, self.colorbars_ = [], []
        for i, (axis, name, y) in enumerate(zip(self.axes_[:, 0], self.names, self.maps, strict=True)):
            colours = zero_centred(y) if np.nanmin(y) < 0 else {"cmap": SEQUENTIAL, "vmin": 0}
            if i == 0 and y.ndim == 3 and y.shape[2] in (1, 3):
                image, _ = draw_mosaic(axis, as_pictures(y, y.shape), 1, cmap=GREY)
            elif y.ndim == 3:
                shown = np.moveaxis(y[..., : self.max_maps], 2, 0)
                image, _ = draw_mosaic(axis, shown, len(shown), **colours)
            elif y.ndim == 2:
                image = draw_steps(axis, y, "unit" if i else "feature", **colours)
            else:
                image = axis.imshow(y[None], aspect="auto", interpolation="nearest", **colours)
                axis.set_yticks([])
                whole_ticks(axis.xaxis)
            hidden = f" (first {self.max_maps})" if y.ndim == 3 and y.shape[2] > self.max_maps else ""
            axis.set_title(name + hidden, loc="left", size="small")
            self.images_.append(image)
            self.colorbars_.append(self.figure_.colorbar(image, ax=axis))
            axis.set_anchor("W")
        return self
