"""Custom networks: any list of layer recipes."""

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from .._docs import public
from ..nn.layers.base import Layer
from ..nn.layers.reshape import Reshape
from ..nn.network import Network
from .base import NetworkEstimator
from .classification import NetworkClassification
from .regression import NetworkRegression


@dataclass(eq=False, repr=False, kw_only=True)
class Layers(NetworkEstimator):
    """Layers as they are given.

    Parameters
    ----------
    layers : sequence of Layer, default=()
        Recipes of all layers but the output layer, which is appended.
    """

    layers: Sequence[Layer] = field(default=(), kw_only=False)

    _constraints: ClassVar[dict[str, list[object]]] = {"layers": [list, tuple]}

    def _hidden_layers(self) -> list[Layer]:
        for layer in self.layers:
            if not isinstance(layer, Layer):
                raise ValueError(f"layers must hold layer recipes such as Dense(100) or ReLU(), got {layer!r}.")
        return list(self.layers)

    def _width(self) -> int | None:
        """Return the numbers of a row by the first Reshape, if nothing before it has weights or another shape."""
        before: list[Layer] = []
        for layer in self._hidden_layers():
            if isinstance(layer, Reshape):
                width = math.prod(layer.shape)
                with suppress(ValueError):  # of layers that do not take such rows
                    network = Network(before, (width,), np.float64)
                    if set(network.output_shapes) <= {(width,)} and all(W.ndim < 2 for W in network.weights()):
                        return width
                return None
            before.append(layer)
        return None


@public
@dataclass(eq=False, repr=False, kw_only=True)
class NetworkClassifier(Layers, NetworkClassification):
    """Network of any layers, for classification.

    See Also
    --------
    MLPClassifier : Multi-layer perceptron with dense layers.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknn_scratch import NetworkClassifier
    >>> from sknn_scratch.nn.layers import Dense, ReLU
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = NetworkClassifier([Dense(16), ReLU()], random_state=0).fit(X, y)
    >>> clf.predict(X[:3])
    array([0, 0, 0])
    """


@public
@dataclass(eq=False, repr=False, kw_only=True)
class NetworkRegressor(Layers, NetworkRegression):
    """Network of any layers, for regression.

    See Also
    --------
    MLPRegressor : Multi-layer perceptron with dense layers.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sknn_scratch import NetworkRegressor
    >>> from sknn_scratch.nn.layers import Dense, Tanh
    >>> X, y = load_diabetes(return_X_y=True)
    >>> bool(NetworkRegressor([Dense(16), Tanh()], random_state=0).fit(X, y).score(X, y) > 0.5)
    True
    """
