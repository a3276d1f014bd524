"""A recorded forward pass: the output of every layer, and backpropagation to the input."""

from typing import Any

import numpy as np
import numpy.typing as npt

from .arena import Arena, Array
from .layers.activations import ReLU
from .layers.base import Mode
from .network import NO_RNG, Network


class Trace:
    """A forward pass of a few rows through a network in prediction mode.

    Parameters
    ----------
    network : Network
        Not modified.
    X : ndarray of shape (n, prod(input_shape))
        Rows; memory grows with their number, unlike in `Network.predict`. Sequences may have any number of steps.

    Attributes
    ----------
    x : ndarray of shape (n, *input_shape), with as many steps as the rows have
        The rows.
    outputs : list of ndarray of shape (n, *output_shape)
        The output of each layer.
    """

    def __init__(self, network: Network, X: npt.ArrayLike) -> None:
        X = np.asarray(X)
        dtype = X.dtype if X.dtype.kind == "f" else network.theta.dtype
        self.network = network.astype(dtype).twin()  # whose gradient nobody reads
        self.x = X.astype(dtype, copy=False).reshape(len(X), -1, *network.input_shape[1:])
        mode = Mode(training=False, rng=NO_RNG, batch_rng=NO_RNG, arena=Arena(dtype))
        self.outputs, self._backwards = self.network.trace(self.x, mode)

    def back(self, d: Array, rectify: bool = False) -> Array:
        """Return the derivative of sum(d * raw) with respect to the rows, where raw is the last output.

        Parameters
        ----------
        d : ndarray of shape (n, *output_shape)
            Weight of each output in the sum.
        rectify : bool, default=False
            Whether to propagate as in a deconvolutional network (Zeiler and Fergus 2014, arXiv:1311.2901): through a
            ReLU as max(0, d), whether its input was positive or not.

        Returns
        -------
        dx : ndarray of the shape of x
        """
        dx: Any = np.array(d, self.x.dtype)  # a copy, as layers may overwrite it
        for layer, backward, g in zip(
            reversed(self.network.layers), reversed(self._backwards), reversed(self.network.grads), strict=True
        ):
            dx = np.maximum(dx, 0) if rectify and isinstance(layer, ReLU) else backward(dx, g, True)
        return dx
