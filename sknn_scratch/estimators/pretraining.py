"""Pre-training: hidden layers that start where unsupervised learning, or another network, has left them."""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import sparse
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator

from .._typing import Floats
from ..nn.layers.activations import Activation, Logistic
from ..nn.layers.base import Shape
from ..nn.layers.pool import Pool2D
from ..nn.layers.standardize import Standardize
from ..nn.network import Network
from ..nn.rows import Matrix
from .base import NetworkEstimator

Parts = Any  # an estimator or several, as `WANTED` says

PATCHES = 100_000  # parts of images, from which kernels are trained

WANTED = (
    "pretrain should be an Autoencoder or a BernoulliRBM, a list with one for each hidden layer, or "
    "FrozenEstimator(network) with a fitted network"
)


def hidden_layers(network: Network) -> list[int]:
    """Return the numbers of the dense and convolutional hidden layers."""
    return [i for i, views in enumerate(network.params[:-1]) if np.ndim(getattr(views, "W", 0)) in (2, 4)]


def sees_rows_as_they_are(parts: Parts, X: Matrix) -> bool:
    """Return whether what is pre-trained should see X without standardisation: numbers from 0 to 1, or a machine."""
    if isinstance(parts, FrozenEstimator):
        return Standardize() not in _fitted(parts)._network.layers
    first = parts[0] if isinstance(parts, list | tuple) and parts else parts
    return hasattr(first, "n_components") or (X.min() >= 0 and X.max() <= 1)


def pretrain(network: Network, parts: Parts, rows: Matrix, weight: Floats | None, seed: int) -> list[BaseEstimator]:
    """Train the hidden layers of a network without labels, one after the other; return what was fitted.

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
        W, of_layer = network.params[i].W, (seed + i) % 2**31
        part = _sized(each, W.shape[-1], next(x for x in network.layers[i + 1 :] if not isinstance(x, Pool2D)))
        if part.random_state is None:
            part.set_params(random_state=of_layer)
        features = network[:i].astype(rows.dtype).predict(rows) if i else rows
        if W.ndim == 2:
            part.fit(features, sample_weight=weight)
        else:
            shape = network.output_shapes[i - 1] if i else network.input_shape
            part.fit(**_patches(features, weight, shape, W.shape[:2], of_layer))
        boltzmann = hasattr(part, "components_")
        W[...] = (part.components_.T if boltzmann else part.coefs_[0]).reshape(W.shape)
        network.params[i].b = part.intercept_hidden_ if boltzmann else part.intercepts_[0]
        fitted.append(part)
    return fitted


def _patches(images: Matrix, weight: Floats | None, shape: Shape, size: Shape, seed: int) -> dict[str, Any]:
    """Return parts of images as rows, all or at random places, and the weights of their images."""
    dense = images if isinstance(images, np.ndarray) else images.toarray()
    if any(window > room for window, room in zip(size, shape[:2], strict=True)):
        raise ValueError(f"pretrain needs kernels that fit into the images: {size} is larger than {shape[:2]}.")
    windows = sliding_window_view(dense.reshape(-1, *shape), size, axis=(1, 2))
    n, down, across = windows.shape[:3]
    each = max(1, PATCHES // n)
    everywhere = np.broadcast_to(np.arange(down * across), (n, down * across))
    random = np.random.default_rng(seed).integers(down * across, size=(n, each))
    y, x = np.divmod(random if each < down * across else everywhere, across)
    patches = np.moveaxis(windows[np.arange(n)[:, None], y, x], 2, -1)  # (n, places, height, width, channels)
    weights = None if weight is None else weight.repeat(y.shape[1])
    return {"X": patches.reshape(y.size, -1), "sample_weight": weights}


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
