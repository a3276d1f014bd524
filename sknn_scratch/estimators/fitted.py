"""A fitted network seen from outside: the network of an estimator, its first layers, rows as it takes them."""

from numbers import Integral
from typing import Any

from scipy import sparse
from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import check_is_fitted

from ..nn.network import Network
from .base import NetworkEstimator


def check_network(estimator: Any) -> Any:
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


def check_fitted(estimator: Any) -> Any:
    """Return a network estimator that is fitted."""
    estimator = check_network(estimator)
    check_is_fitted(estimator)
    return estimator


def dense_rows(estimator: Any, X: Any) -> Any:
    """Return X as dense rows of the network's dtype."""
    X = estimator._check_X(X)
    return (X.toarray() if sparse.issparse(X) else X).astype(estimator._network.theta.dtype, copy=False)


def up_to(estimator: Any, layer: int | None) -> Network:
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
