"""Helpers of the displays: checks of units, names of features and outputs, shapes of images."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.utils import check_scalar

from ..estimators.base import NetworkEstimator
from ..estimators.classification import NetworkClassification
from ..nn.arena import Array
from ..nn.layers.standardize import Standardize
from ..nn.network import Network


def check_count(value: object, name: str) -> None:
    """Refuse what is not a whole number >= 1."""
    check_scalar(value, name, Integral, min_val=1)


def mean_and_scale(network: Network) -> tuple[Array | float, Array | float]:
    """Return the mean and the scale of the standardisation, 0 and 1 without one."""
    for layer, p in zip(network.layers, network.params, strict=True):
        if isinstance(layer, Standardize):
            return p.mean, p.scale
    return 0.0, 1.0


def picture_shape(estimator: Any, image_shape: Sequence[int] | None) -> tuple[int, ...] | None:
    """Return (height, width, channels) of a row of X: as given, else from the network, None for no image."""
    n_features = estimator.n_features_in_
    if image_shape is None:
        network = getattr(estimator, "_network", None)
        if network is None:
            return None
        # A Reshape may turn flat rows into images.
        shapes = [network.input_shape, *network.output_shapes]
        return next((shape for shape in shapes if len(shape) == 3 and np.prod(shape) == n_features), None)
    shape = (*image_shape, 1)[:3]
    if len(shape) != 3 or np.prod(shape) != n_features:
        raise ValueError(f"image_shape={image_shape} does not fit the {n_features} features of a row.")
    return shape


def as_rows(X: Any) -> Array:
    """Return rows of any form as flat, dense ones."""
    dense = np.asarray(X.toarray() if hasattr(X, "toarray") else X, dtype=float)
    return dense.reshape(len(dense), -1)


def has_steps(estimator: NetworkEstimator) -> bool:
    """Return whether the network takes rows of steps and features."""
    return len(estimator._network.input_shape) == 2


def as_steps(estimator: NetworkEstimator, rows: Array) -> Array:
    """Return rows as (n, steps, features), NaN where a sequence has ended."""
    return rows.reshape(len(rows), -1, estimator._network.input_shape[1])


def meaning(estimator: NetworkEstimator) -> Any:
    """Return the target that says what an output means: with one answer a step, that of a step."""
    return getattr(estimator._target, "step", estimator._target)


def answer_names(estimator: NetworkEstimator) -> list[str]:
    """Return the name of each output for one answer: a class or a column of y."""
    if isinstance(estimator, NetworkClassification):
        classes = estimator.classes_
        return [str(label) for label in (classes[1:] if meaning(estimator).binary else classes)]
    n_outputs = estimator._target.n_outputs
    return ["y"] if n_outputs == 1 else [f"y{i}" for i in range(n_outputs)]


def output_names(estimator: NetworkEstimator) -> list[str]:
    """Return the name of each output of the network: of its one answer, or of those at all steps."""
    names = answer_names(estimator)
    n_answers = estimator._network.output_shapes[-1][0] // len(names)
    return names if n_answers == 1 else [f"{name} at {step}" for step in range(n_answers) for name in names]


def check_units(units: Sequence[int] | None, n_units: int, most: int) -> npt.NDArray[np.integer]:
    """Return the indices of the units to draw: as given, else the first ones, `most` at most."""
    if units is None:
        return np.arange(min(n_units, most))
    chosen = np.atleast_1d(np.asarray(units))
    if chosen.dtype.kind not in "iu" or chosen.size == 0 or chosen.min() < 0 or chosen.max() >= n_units:
        raise ValueError(f"units must hold numbers from 0 to {n_units - 1}, got {units!r}.")
    return chosen
