"""The states of a recurrent layer over the steps of sequences."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from .._typing import MatrixLike
from ..estimators.fitted import dense_rows, fitted_way, up_to
from ..nn.arena import Array
from ..nn.layers import Bidirectional
from ..nn.layers.base import Layer
from ..nn.layers.recurrent import RecurrentLayer
from ..nn.layers.sequence import count_steps, step_mask
from ..nn.network import Network
from .drawing import AxesLike, brief, draw_steps, panels, zero_centred
from .subject import as_steps, check_units

MOST_ROWS = 16  # more are too small to see
MOST_UNITS = 64


class StatesDisplay:
    """The states of a recurrent layer at each step of a few sequences, units by steps.

    Parameters
    ----------
    states : ndarray of shape (n_samples, n_steps, n_units)
        The states h; NaN after the end of a sequence.
    labels : list of str
        Title of each sequence.
    units : array-like of int of shape (n_units,)
        The indices of the units.

    Attributes
    ----------
    axes_ : ndarray of matplotlib Axes, of shape (n_samples, 1)
        One for each sequence.
    figure_ : matplotlib Figure
        The figure.
    images_ : list of AxesImage
        The states of each sequence, units by steps, with the same colour scale; 0 is grey.
    colorbar_ : Colorbar
        The scale.

    See Also
    --------
    FeatureMapsDisplay : Outputs of all layers for one row.
    SaliencyDisplay : Influence of each step and feature on the prediction.

    Examples
    --------
    >>> import numpy as np
    >>> from sknn_scratch import RecurrentClassifier
    >>> from sknn_scratch.inspection import StatesDisplay
    >>> rng = np.random.default_rng(0)
    >>> X = [rng.normal(size=(n, 2)) for n in rng.integers(3, 9, 200)]
    >>> y = [x.sum() > 0 for x in X]
    >>> clf = RecurrentClassifier((8,), random_state=0).fit(X, y)
    >>> display = StatesDisplay.from_estimator(clf, X[:3])
    >>> display.states.shape == (3, max(map(len, X[:3])), 8)
    True
    """

    def __init__(self, states: Array, labels: Sequence[str], units: Sequence[int] | Array) -> None:
        self.states = states
        self.labels = labels
        self.units = units

    @classmethod
    def from_estimator(
        cls,
        estimator: BaseEstimator,
        X: MatrixLike,
        *,
        layer: int | None = None,
        units: Sequence[int] | None = None,
        labels: Sequence[str] | None = None,
        ax: AxesLike = None,
    ) -> "StatesDisplay":
        """Pass a few sequences through a fitted network and draw the states of a recurrent layer.

        Parameters
        ----------
        estimator : network estimator
            A fitted network with a recurrent layer; or a fitted pipeline, search or FrozenEstimator that contains one,
            whose preceding steps transform X.
        X : array-like
            Up to 16 sequences, in any form that the estimator accepts.
        layer : int, default=None
            Index of the layer: a line of `summary()`, from 0. If None, the last recurrent layer. In a bidirectional
            layer, the units that read backwards come last.
        units : sequence of int, default=None
            Indices of the units; if None, the first 64.
        labels : sequence of str, default=None
            Title of each sequence; if None, its index.
        ax : matplotlib Axes, array-like of Axes, default=None
            Axes to draw on: one Axes for all sequences, or one for each; if None, a new
            figure is created.

        Returns
        -------
        display : StatesDisplay
            The display.

        Raises
        ------
        ValueError
            If the layer is not recurrent, or there are too many sequences.
        """
        way = fitted_way(estimator)
        estimator = way.estimator
        rows = dense_rows(estimator, way.transform(X))
        if len(rows) > MOST_ROWS:
            raise ValueError(f"A picture of {len(rows)} sequences would be too small to see. Pass {MOST_ROWS} at most.")
        labels = [str(i) for i in range(len(rows))] if labels is None else list(labels)
        if len(labels) != len(rows):
            raise ValueError(f"There are {len(rows)} sequences, and {len(labels)} labels for them.")
        layers = estimator._network.layers
        if layer is None:
            layer = max((i for i, each in enumerate(layers) if _is_recurrent(each)), default=0)
        network = up_to(estimator, layer)
        if not _is_recurrent(network.layers[-1]):
            raise ValueError(f"States are those of a recurrent layer such as LSTM, got layer {layer}, {layers[layer]}.")
        chosen = check_units(units, network.output_shapes[-1][-1], MOST_UNITS)
        steps = as_steps(estimator, rows)
        states = _at_all_steps(network).astype(rows.dtype).predict(rows)[..., chosen]
        states[~step_mask(count_steps(steps), steps.shape[1])] = np.nan
        return cls(states, labels, chosen).plot(ax=ax)

    def plot(self, ax: AxesLike = None) -> "StatesDisplay":
        """Draw the display.

        Parameters
        ----------
        ax : matplotlib Axes, array-like of Axes, default=None
            Axes to draw on: one Axes for all sequences, or one for each; if None, a new
            figure is created.

        Returns
        -------
        display : StatesDisplay
            The display.
        """
        n, _, n_units = self.states.shape
        self.axes_ = panels(self, ax, (n, 1), (7, 0.6 + n * (0.6 + min(3, 0.08 * n_units))), sharex=True)
        self.figure_ = self.axes_[0, 0].figure
        colours = zero_centred(self.states)
        self.images_ = []
        for axis, states, label in zip(self.axes_[:, 0], self.states, self.labels, strict=True):
            self.images_.append(draw_steps(axis, states, "unit", **colours))
            axis.set_title(brief(label), loc="left", size="small")
            if list(self.units) != list(range(n_units)):
                axis.set_yticks(range(n_units), map(str, self.units))
        self.axes_[-1, 0].set_xlabel("step")
        self.colorbar_ = self.figure_.colorbar(self.images_[0], ax=list(self.axes_[:, 0]), label="state")
        return self


def _is_recurrent(layer: Layer) -> bool:
    return isinstance(layer, RecurrentLayer | Bidirectional)


def _at_all_steps(network: Network) -> Network:
    """Return the network with a last layer that has an output at each step, over the same numbers."""
    last: Any = network.layers[-1]
    inner = last.layer if isinstance(last, Bidirectional) else last
    inner = replace(inner, return_sequences=True)
    whole = Network(
        [*network.layers[:-1], Bidirectional(inner) if isinstance(last, Bidirectional) else inner],
        network.input_shape,
        network.theta.dtype,
    )
    whole.theta[:], whole.kept[:] = network.theta, network.kept
    return whole
