"""What is drawn of a fitted network: which units, under which names, rows as pictures."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.utils import check_scalar

from ..nn.layers.standardize import Standardize
from ..nn.network import Network


def check_count(value: Any, name: str) -> None:
    """Refuse what is no whole number from 1 on."""
    check_scalar(value, name, Integral, min_val=1)


def mean_and_scale(network: Network) -> tuple[Any, Any]:
    """Return what the first layers subtract from a row and multiply it by."""
    for layer, p in zip(network.layers, network.params, strict=True):
        if isinstance(layer, Standardize):
            return p.mean, p.scale
    return 0.0, 1.0


def picture_shape(estimator: Any, image_shape: Any) -> tuple[int, ...] | None:
    """Return (height, width, channels) of a row of X: as given, else as the network sees it, None for no image."""
    network, n_features = estimator._network, estimator.n_features_in_
    if image_shape is None:
        # Reshape may be the first that makes an image of a row.
        shapes = [network.input_shape, *network.output_shapes]
        return next((shape for shape in shapes if len(shape) == 3 and np.prod(shape) == n_features), None)
    shape = (*image_shape, 1)[:3]
    if len(shape) != 3 or np.prod(shape) != n_features:
        raise ValueError(f"image_shape={image_shape} does not fit the {n_features} features of a row.")
    return shape


def feature_names(estimator: Any) -> list[str]:
    """Return the names of the columns of X."""
    names = getattr(estimator, "feature_names_in_", None)
    return [f"x{i}" for i in range(estimator.n_features_in_)] if names is None else list(names)


def output_names(estimator: Any) -> list[str]:
    """Return what each output of the network stands for."""
    if is_classifier(estimator):
        classes = estimator.classes_
        return [str(label) for label in (classes[1:] if estimator._target.binary else classes)]
    n_outputs = estimator.n_outputs_
    return ["y"] if n_outputs == 1 else [f"y{i}" for i in range(n_outputs)]


def check_units(units: Sequence[int] | None, n_units: int, most: int) -> np.ndarray:
    """Return the numbers of the units to look at: as given, else the first ones, `most` at most."""
    if units is None:
        return np.arange(min(n_units, most))
    chosen = np.atleast_1d(np.asarray(units))
    if chosen.dtype.kind not in "iu" or chosen.size == 0 or chosen.min() < 0 or chosen.max() >= n_units:
        raise ValueError(f"units must hold numbers from 0 to {n_units - 1}, got {units!r}.")
    return chosen
