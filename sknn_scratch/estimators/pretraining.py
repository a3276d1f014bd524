"""Pre-training: hidden layers that start where unsupervised learning, or another network, has left them."""

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator

from .._typing import Floats
from ..nn.layers.activations import Activation, Logistic
from ..nn.layers.standardize import Standardize
from ..nn.network import Network
from ..nn.rows import Matrix
from .base import NetworkEstimator

Parts = Any  # an estimator or several, as `WANTED` says

WANTED = (
    "pretrain should be an Autoencoder or a BernoulliRBM, a list with one for each hidden layer, or "
    "FrozenEstimator(network) with a fitted network"
)


def hidden_layers(network: Network) -> list[int]:
    """Return the numbers of the dense hidden layers."""
    return [i for i, views in enumerate(network.params[:-1]) if np.ndim(getattr(views, "W", 0)) == 2]


def sees_rows_as_they_are(parts: Parts, X: Matrix) -> bool:
    """Return whether what is pre-trained should see X without standardisation: numbers from 0 to 1, or a machine."""
    if isinstance(parts, FrozenEstimator):
        return Standardize() not in _fitted(parts)._network.layers
    first = parts[0] if isinstance(parts, list | tuple) and parts else parts
    return hasattr(first, "n_components") or (X.min() >= 0 and X.max() <= 1)


def pretrain(network: Network, parts: Parts, rows: Matrix, weight: Floats | None, seed: int) -> list[BaseEstimator]:
    """Train the dense hidden layers of a network without labels, one after the other; return what was fitted.

    Parameters
    ----------
    network : Network
        Whose layers get the weights.
    parts : estimator or sequence of estimators
        A clone of it, or of one each, learns from what the layers before put out.
    rows : ndarray or csr_array
        Rows.
    weight : ndarray or None
        Their weights.
    seed : int
        Of all that has no `random_state`.
    """
    layers = hidden_layers(network)
    several = list(parts) if isinstance(parts, list | tuple) else [parts] * len(layers)
    if len(several) != len(layers):
        raise ValueError(f"pretrain has {len(several)} entries, and there are {len(layers)} hidden layers.")
    fitted = []
    for i, each in zip(layers, several, strict=True):
        features = network[:i].astype(rows.dtype).predict(rows) if i else rows
        part = _sized(each, network.params[i].W.shape[1], network.layers[i + 1])
        if part.random_state is None:
            part.set_params(random_state=(seed + i) % 2**31)
        part.fit(features, sample_weight=weight)
        boltzmann = hasattr(part, "components_")
        network.params[i].W = part.components_.T if boltzmann else part.coefs_[0]
        network.params[i].b = part.intercept_hidden_ if boltzmann else part.intercepts_[0]
        fitted.append(part)
    return fitted


def _sized(part: Any, n_units: int, bend: Any) -> Any:
    """Return a clone of a part for a hidden layer of so many units with this activation."""
    names = part.get_params(deep=False) if isinstance(part, BaseEstimator) else {}
    if not isinstance(bend, Activation):
        raise ValueError(f"pretrain needs an activation that is applied to each unit for itself, got {bend}.")
    if "n_components" in names and hasattr(part, "free_energy"):
        if not isinstance(bend, Logistic):
            raise ValueError(f"The units of a BernoulliRBM are logistic: use activation='logistic', got {bend}.")
        return clone(part).set_params(n_components=n_units)
    if "corruption" in names:
        return clone(part).set_params(hidden_layer_sizes=(n_units,), activation=bend, encoder=None, standardize=False)
    raise ValueError(f"{WANTED}, got {part!r}.")


def copy_layers(network: Network, source: FrozenEstimator) -> list[BaseEstimator]:
    """Copy all but the output layer of a fitted network; return it."""
    fitted = _fitted(source)
    there = fitted._network
    shapes = [[views.W.shape for views in each.params[:-1] if hasattr(views, "W")] for each in (network, there)]
    if network.layers[:-1] != there.layers[:-1] or shapes[0] != shapes[1]:
        raise ValueError(
            f"The layers of the network in pretrain, {there.layers[:-1]} with weights of the shapes {shapes[1]}, "
            f"should be those of this one: {network.layers[:-1]}, {shapes[0]}."
        )
    for mine, its in zip(network.params[:-1], there.params[:-1], strict=True):
        for name, array in vars(its).items():
            setattr(mine, name, array)
    return [fitted]


def _fitted(source: FrozenEstimator) -> NetworkEstimator:
    estimator = source.estimator
    if not isinstance(estimator, NetworkEstimator):
        raise ValueError(f"{WANTED}, got {source!r}.")
    if not estimator.__sklearn_is_fitted__():
        raise NotFittedError(f"The {type(estimator).__name__} in pretrain is not fitted.")
    return estimator


def joined(X: Matrix, more: Matrix) -> Any:
    """Return the rows of both."""
    if isinstance(X, np.ndarray) and isinstance(more, np.ndarray):
        return np.concatenate([X, more])
    return sparse.csr_array(sparse.vstack([sparse.csr_array(X), sparse.csr_array(more)]))
