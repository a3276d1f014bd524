"""Hidden dense layers: `hidden_layer_sizes` becomes a list of layers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from .._compat import Interval, StrOptions
from ..data.shape import RowShape
from ..nn.layers.activations import Activation
from ..nn.layers.base import Layer
from ..nn.layers.dense import Dense
from ..nn.layers.noise import DropConnect, Dropout
from . import recipes
from .base import NetworkEstimator
from .hints import hint


def whole_numbers(parameter: str, value: object) -> list[int]:
    """Return numbers of units, given as one number or as many."""
    sizes = np.atleast_1d(np.asarray(value, dtype=object)).tolist()
    if any(not isinstance(size, Integral) or size < 1 for size in sizes):
        raise ValueError(f"{parameter} must hold whole numbers >= 1, got {value}.")
    return [int(size) for size in sizes]


@dataclass(eq=False, repr=False, kw_only=True)
class DenseLayers(NetworkEstimator):
    """Hidden dense layers, each followed by its activation.

    Parameters
    ----------
    hidden_layer_sizes : array-like of int, default=(100,)
        Number of units of each hidden layer; with no hidden layer, (), the model is a logistic or linear regression.
    activation : {"identity", "logistic", "tanh", "relu", "leaky_relu", "elu", "softplus", "gelu", "silu", "mish", \
"maxout"}, Activation or list of these, default="relu"
        Activation of the hidden layers, one for all or one for each.
    maxout_pieces : int, default=2
        Number of linear pieces of each unit, with "maxout" (Goodfellow et al. 2013).
    dropout : float or tuple of float, default=0.0
        Probability of dropping each hidden unit in training, one for all dense hidden layers or one for each.
    drop_connect : float, default=0.0
        Probability of dropping each weight of the hidden layers in training; a new mask is drawn for each mini-batch.
    """

    hidden_layer_sizes: int | Sequence[int] | npt.NDArray[np.integer] = field(default=(100,), kw_only=False)
    activation: str | Activation | Sequence[str | Activation] = field(default="relu", kw_only=False)
    maxout_pieces: int = 2
    dropout: float | Sequence[float] = 0.0
    drop_connect: float = 0.0

    _constraints: ClassVar[dict[str, list[object]]] = {
        "hidden_layer_sizes": ["array-like", Integral],
        "activation": [StrOptions(recipes.ACTIVATION_NAMES), Activation, list, tuple],
        "maxout_pieces": [Interval(Integral, 1, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left"), tuple, list],
        "drop_connect": [Interval(Real, 0, 1, closed="left")],
    }

    def _row_shape(self) -> RowShape:
        return RowShape(flat=True)  # a hidden unit sees all of a row

    def _hidden_layers(self) -> list[Layer]:
        sizes = whole_numbers("hidden_layer_sizes", self.hidden_layer_sizes)
        return self._dense(sizes, self._activations("activation", len(sizes)))

    def _activations(self, parameter: str, n_layers: int) -> list[str | Activation]:
        given = getattr(self, parameter)
        activations = [given] * n_layers if isinstance(given, str | Activation) else list(given)
        if len(activations) != n_layers:
            raise ValueError(
                f"{parameter} needs one entry a hidden layer, got {len(activations)} for {n_layers} hidden layers."
            )
        for name in activations:
            if not isinstance(name, Activation) and not (isinstance(name, str) and name in recipes.ACTIVATION_NAMES):
                raise ValueError(
                    f"{parameter} must be one of {sorted(recipes.ACTIVATION_NAMES)} or an Activation, got {name!r}."
                    + hint(parameter, name, recipes.ACTIVATION_NAMES)
                )
        return activations

    def _dense(self, sizes: list[int], activations: list[str | Activation]) -> list[Layer]:
        layers: list[Layer] = []
        rates = list(self.dropout) if isinstance(self.dropout, Sequence) else [self.dropout] * len(sizes)
        if len(rates) != len(sizes):
            raise ValueError(f"dropout needs one entry a dense hidden layer, got {len(rates)} for {len(sizes)} layers.")
        if any(not isinstance(rate, Real) or not 0 <= rate < 1 for rate in rates):
            raise ValueError(f"dropout must hold numbers >= 0 and < 1, got {self.dropout}.")
        for size, name, rate in zip(sizes, activations, rates, strict=True):
            dense = self._dense_layer(size * recipes.n_pieces(self, name))
            layers += [self._weighted(dense), recipes.activation(self, name)]
            if rate:
                layers.append(Dropout(rate))
        return layers

    def _dense_layer(self, units: int) -> Layer:
        """Return a dense layer."""
        return Dense(units, recipes.initializer(self))

    def _weighted(self, layer: Layer) -> Layer:
        """Return a layer with weights as `drop_connect` wants it."""
        return DropConnect(layer, self.drop_connect) if self.drop_connect else layer
