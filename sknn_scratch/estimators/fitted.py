"""A fitted network seen from outside: the network of an estimator, its first layers, rows as it takes them."""

from numbers import Integral

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import check_is_fitted

from .._typing import MatrixLike
from ..nn.arena import Array
from ..nn.network import Network
from .base import NetworkEstimator


def check_network(estimator: BaseEstimator) -> NetworkEstimator:
    """Return a network estimator, taken out of a FrozenEstimator; refuse anything else."""
    if isinstance(estimator, FrozenEstimator):
        estimator = estimator.estimator
    if not isinstance(estimator, NetworkEstimator):
        raise TypeError(
            "Only networks have layers to look into, such as MLPClassifier and ConvNetRegressor; got an instance of "
            f"{type(estimator).__name__}. Of a pipeline pass the last step, and X as the steps before it "
            "transform it; of a search best_estimator_."
        )
    return estimator


def check_fitted(estimator: BaseEstimator) -> NetworkEstimator:
    """Return a network estimator that is fitted."""
    network_estimator = check_network(estimator)
    check_is_fitted(network_estimator)
    return network_estimator


def dense_rows(estimator: NetworkEstimator, X: MatrixLike) -> Array:
    """Return X as dense rows."""
    rows = estimator._check_X(X)
    return rows if isinstance(rows, np.ndarray) else rows.toarray()


def up_to(estimator: NetworkEstimator, layer: int | None) -> Network:
    """Return the first layers of the network, up to this one: a line of `summary()`, None for the output layer.

    Negative numbers count from the last layer before the output layer, which is -1.
    """
    network = estimator._network
    n_hidden = len(network.layers) - 1
    if layer is None:
        return network
    if isinstance(layer, bool) or not isinstance(layer, Integral) or not -n_hidden <= layer < n_hidden:
        raise ValueError(
            f"layer must be a line of summary() before the last, from 0 (or {-n_hidden}) to {n_hidden - 1} (or -1), "
            f"got {layer!r}."
        )
    return network[: int(layer) % n_hidden + 1]
