"""Diagram of a network: units and weights of a small one, one block for each layer of a large one."""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from sklearn.base import BaseEstimator

from ..estimators.fitted import fitted_way
from ..nn.arena import Array
from .drawing import Artist, AxesLike, panels
from .subject import output_names

WIDEST, THINNEST = 4.0, 0.2  # points; the widest line of a layer is its largest weight
STYLES: dict[str, tuple[str, Literal["-", "--"]]] = {
    "positive": ("tab:orange", "-"),
    "negative": ("tab:blue", "--"),
}  # dashes survive grey printing


class NetworkDisplay:
    """The layers of a network, and the weights of a small one.

    Parameters
    ----------
    names : list of str
        Names of the layers, the input first.
    shapes : list of tuple
        Output shape of each layer, for one row.
    n_parameters : list of int
        Number of trained parameters of each layer.
    weights : list of ndarray of shape (n_in, n_out), default=None
        Weights between adjacent layers, drawn as lines; None for blocks.
    feature_names, output_names : list of str, default=None
        Names of the units of the first and of the last layer.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes, Figure
        The axes and their figure.
    units_ : list of PathCollection
        The units of each layer. Empty for blocks.
    edges_ : list of LineCollection
        The weights between adjacent layers, in the order of the units. The width of a line is proportional to the
        absolute value of the weight, relative to the largest in its layer; negative weights are dashed, and zeros are
        not drawn. Empty for blocks.
    blocks_ : list of Rectangle
        The layers; the width is the logarithm of the number of outputs for one row. Empty for units.
    texts_ : list of Text
        Text beside the units or blocks.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknn_scratch import MLPClassifier
    >>> from sknn_scratch.inspection import NetworkDisplay
    >>> clf = MLPClassifier((5,), random_state=0).fit(*load_iris(return_X_y=True))
    >>> display = NetworkDisplay.from_estimator(clf)
    >>> [len(edges.get_segments()) for edges in display.edges_]
    [20, 15]
    """

    def __init__(
        self,
        names: Sequence[str],
        shapes: Sequence[tuple[int, ...]],
        n_parameters: Sequence[int],
        *,
        weights: Sequence[Array] | None = None,
        feature_names: Sequence[str] | None = None,
        output_names: Sequence[str] | None = None,
    ) -> None:
        self.names = names
        self.shapes = shapes
        self.n_parameters = n_parameters
        self.weights = weights
        self.feature_names = feature_names
        self.output_names = output_names

    @classmethod
    def from_estimator(cls, estimator: BaseEstimator, *, max_units: int = 20, ax: AxesLike = None) -> "NetworkDisplay":
        """Draw a fitted network.

        Parameters
        ----------
        estimator : network estimator
            A fitted network; or a fitted pipeline, search or FrozenEstimator that contains one.
        max_units : int, default=20
            Networks of dense layers with at most this number of units are drawn unit by unit, others as blocks.
        ax : matplotlib Axes, default=None
            Axes to draw on; if None, a new figure is created.

        Returns
        -------
        display : NetworkDisplay
            The display.
        """
        way = fitted_way(estimator)
        estimator = way.estimator
        network = estimator._network
        names = ["input", *(type(layer).__name__ for layer in network.layers)]
        shapes, counts = [network.input_shape, *network.output_shapes], [0, *network.sizes()]
        weights = estimator.coefs_
        ends = [network.input_shape, *(W.shape[1:] for W in weights)]
        small = all(len(shape) == 1 and shape[0] <= max_units for shape in shapes)
        chained = len(weights) == sum(map(bool, counts)) and all(
            W.shape[:1] == end for W, end in zip(weights, ends, strict=False)
        )  # not with Maxout, which has fewer outputs, nor with weights that are no matrix
        if not small or not chained:
            return cls(names, shapes, counts).plot(ax=ax)
        together: list[str] = []  # a layer with weights and those after it without are one column of units
        for name, count in zip(names, counts, strict=True):
            if count or not together:
                together.append(name)
            else:
                together[-1] += f"\n{name}"
        return cls(
            together,
            ends,
            [0, *(count for count in counts if count)],
            weights=weights,
            feature_names=way.feature_names(),
            output_names=output_names(estimator),
        ).plot(ax=ax)

    def plot(self, ax: AxesLike = None) -> "NetworkDisplay":
        """Draw the display.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; if None, a new figure is created.

        Returns
        -------
        display : NetworkDisplay
            The display.
        """
        self.units_: list[Artist] = []
        self.edges_: list[Artist] = []
        self.blocks_: list[Artist] = []
        self.texts_: list[Artist] = []
        n = len(self.names)
        if self.weights is None:
            size = (6.0, 0.4 + 0.45 * n)
        else:
            size = (2.0 + 1.6 * n, 1.0 + 0.4 * max(shape[0] for shape in self.shapes))
        self.ax_ = panels(self, ax, (1, 1), size)[0, 0]
        self.figure_ = self.ax_.figure
        self.ax_.set_axis_off()
        if self.weights is None:
            self._plot_blocks()
        else:
            self._plot_units(self.weights)
        return self

    def _plot_units(self, weights: Sequence[Array]) -> None:
        from matplotlib.collections import LineCollection
        from matplotlib.lines import Line2D

        tallest = max(shape[0] for shape in self.shapes)
        places = [
            np.c_[np.full(size, x), (tallest - size) / 2 + np.arange(size)] for x, (size,) in enumerate(self.shapes)
        ]
        for start, end, W in zip(places, places[1:], weights, strict=False):
            lines = [(a, b) for a in start for b in end]
            signs = ["negative" if w < 0 else "positive" for w in np.ravel(W)]
            widths = WIDEST * np.abs(np.ravel(W)) / (np.abs(W).max() or 1)
            edges = LineCollection(
                lines,
                linewidths=np.maximum(widths, THINNEST),  # the length of dashes is proportional to it
                colors=[STYLES[sign][0] if w else "none" for sign, w in zip(signs, np.ravel(W), strict=True)],
                linestyles=[STYLES[sign][1] for sign in signs],
                zorder=1,
            )
            self.edges_.append(self.ax_.add_collection(edges))
        for place, name in zip(places, self.names, strict=True):
            self.units_.append(self.ax_.scatter(*place.T, s=120, color="white", edgecolor="black", zorder=2))
            self.texts_.append(self.ax_.text(place[0, 0], tallest - 0.3, name, ha="center", va="top", size="small"))
        for place, names, side, away in (
            (places[0], self.feature_names, "right", -0.1),
            (places[-1], self.output_names, "left", 0.1),
        ):
            for (x, y), name in zip(place, names or (), strict=False):
                self.texts_.append(self.ax_.text(x + away, y, name, ha=side, va="center", size="small"))
        self.ax_.set(xlim=(-0.2, len(places) - 0.8), ylim=(tallest - 0.2, -0.8))
        proxies = [Line2D([], [], color=colour, linestyle=style) for colour, style in STYLES.values()]
        self.ax_.legend(proxies, STYLES, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False)

    def _plot_blocks(self) -> None:
        from matplotlib.patches import Rectangle

        most = math.log1p(max(math.prod(shape) for shape in self.shapes))
        for i, (name, shape, count) in enumerate(zip(self.names, self.shapes, self.n_parameters, strict=True)):
            width = math.log1p(math.prod(shape)) / most
            block = Rectangle(
                (-width / 2, i - 0.3), width, 0.6, facecolor="tab:blue" if count else "lightgrey", edgecolor="black"
            )
            self.blocks_.append(self.ax_.add_patch(block))
            if i:
                self.ax_.plot([0, 0], [i - 0.7, i - 0.3], color="black", zorder=0)
            about = " × ".join(map(str, shape)) + (f",  {count:,} parameters" if count else "")
            self.texts_.append(self.ax_.text(0.6, i, f"{name}:  {about}", va="center", size="small"))
        self.ax_.set(xlim=(-0.6, 2.4), ylim=(len(self.names) - 0.5, -0.5))
