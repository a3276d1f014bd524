"""A trace is one pass of rows through a network, kept: what every layer made of them, and the way back to the rows."""

from typing import Any

import numpy as np
import numpy.typing as npt

from .arena import Arena, Array
from .layers.activations import ReLU
from .layers.base import Mode
from .network import NO_RNG, Network


class Trace:
    """What a network, predicting, makes of a few rows.

    Parameters
    ----------
    network : Network
        It is left as it is.
    X : ndarray of shape (n, prod(input_shape))
        Rows; memory grows with their number, unlike in `Network.predict`.

    Attributes
    ----------
    x : ndarray of shape (n, *input_shape)
        The rows.
    outputs : list of ndarray of shape (n, *output_shape)
        What came out of each layer.
    """

    def __init__(self, network: Network, X: npt.ArrayLike) -> None:
        self.network = network.twin()  # whose gradient nobody reads
        dtype = network.theta.dtype
        self.x = np.asarray(X, dtype).reshape(-1, *network.input_shape)
        mode = Mode(training=False, rng=NO_RNG, batch_rng=NO_RNG, arena=Arena(dtype))
        self.outputs, self._notes = self.network.trace(self.x, mode)

    def back(self, d: Array, rectify: bool = False) -> Array:
        """Return the derivative of sum(d * raw) with respect to the rows, where raw is the last output.

        Parameters
        ----------
        d : ndarray of shape (n, *output_shape)
            Which outputs count, and how much.
        rectify : bool, default=False
            Whether to go back as a deconvolutional network does (Zeiler and Fergus 2014, arXiv:1311.2901): the reverse
            of a ReLU is another ReLU, max(0, d), and does not ask where the forward pass was positive.

        Returns
        -------
        dx : ndarray of shape (n, *input_shape)
        """
        dx: Any = np.array(d, self.x.dtype)  # layers may write into it
        for layer, note, g in zip(
            reversed(self.network.layers), reversed(self._notes), reversed(self.network.grads), strict=True
        ):
            dx = np.maximum(dx, 0) if rectify and isinstance(layer, ReLU) else note(dx, g, True)
        return dx
