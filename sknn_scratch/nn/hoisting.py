"""Hoisting: constant first layers are applied once, and not for each mini-batch."""

import math
from typing import Any

import numpy as np

from .arena import Arena
from .layers.base import Mode
from .network import NO_RNG, Network


def hoist(network: Network, X: Any) -> tuple[Network, Any]:
    """Return a network of the other layers over the same parameters, and what the first layers make of X.

    Nothing is changed where X is memory-mapped, or where the result would take more memory than X.

    Parameters
    ----------
    network : Network
        What is to be trained.
    X : ndarray or csr_array of shape (n, n_features)
        Its inputs, in any dtype; the result has the dtype of the network.
    """
    n_layers = network.n_constant
    with np.errstate(all="ignore"):  # what is not finite is found in training
        if not isinstance(X, np.ndarray):
            return _hoist_sparse(network, X, n_layers)
        shape = network.output_shapes[n_layers - 1] if n_layers else X.shape[1:]
        if len(X) * math.prod(shape) * network.theta.itemsize > X.nbytes or _is_memory_mapped(X):
            return network, X
        made = network[:n_layers].predict(X) if n_layers else X.astype(network.theta.dtype, copy=False)
        return network.twin(start=n_layers), made


def _hoist_sparse(network: Network, X: Any, n_layers: int) -> tuple[Network, Any]:
    """Apply the layers that keep rows sparse."""
    mode = Mode(training=False, rng=NO_RNG, batch_rng=NO_RNG, arena=Arena(network.theta.dtype))
    for i, layer in enumerate(network.layers[:n_layers]):
        if not layer.accepts_sparse or len(network.input_shape) > 1:
            return network.twin(start=i), X
        if isinstance(layer.forward(network.params[i], X[:1], mode)[0], np.ndarray):
            return network.twin(start=i), X
        X, _ = layer.forward(network.params[i], X, mode)
    return network.twin(start=n_layers), X


def _is_memory_mapped(X: Any) -> bool:
    while X is not None and not isinstance(X, np.memmap):
        X = getattr(X, "base", None)
    return X is not None
