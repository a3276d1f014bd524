"""Weights by hand: parameters of a network set without training."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator
from sklearn.utils import check_array

from ..data.targets import Target
from ..fitting.transaction import all_or_nothing
from ..nn.arena import Array


def put_weights(
    estimator: BaseEstimator,
    coefs: Sequence[npt.ArrayLike],
    intercepts: Sequence[npt.ArrayLike],
    make_target: Callable[[int], Target],
) -> None:
    """Set the weights and biases of an estimator's network.

    Parameters
    ----------
    estimator : network estimator
        If it is not fitted, its network is made first: it sees the rows as they are, since there is nothing to measure
        a standardisation on.
    coefs, intercepts : sequence of array-like
        In the form of `coefs_` and `intercepts_`.
    make_target : callable
        Gives the target of a new network by its number of outputs.

    Raises
    ------
    ValueError
        If a number or shape of arrays does not fit the layers.
    """
    with all_or_nothing(estimator):
        if not estimator.__sklearn_is_fitted__():
            estimator._validate_params()
            if len(coefs) == 0 or len(intercepts) == 0:
                raise ValueError(f"A network needs at least one layer, got coefs={coefs}, intercepts={intercepts}.")
            n_members = getattr(estimator, "n_members", 1)  # each has biases of its own
            n_outputs, rest = divmod(np.size(intercepts[-1]), n_members)
            if rest:
                raise ValueError(
                    f"The last of intercepts should have {n_members} biases for each output, one for each member, got "
                    f"{np.size(intercepts[-1])} in all."
                )
            estimator._start_by_hand([np.shape(W) for W in coefs], make_target(n_outputs))
        network = estimator._network = estimator._network[:]
        weights, biases = network.weights(), network.biases()
        if len(coefs) != len(weights) or len(intercepts) != len(biases):
            raise ValueError(
                f"The network has {len(weights)} coefs and {len(biases)} intercepts, got {len(coefs)} and "
                f"{len(intercepts)}."
            )
        for name, news, olds in (("coefs", coefs, weights), ("intercepts", intercepts, biases)):
            for i, (new, old) in enumerate(zip(news, olds, strict=True)):
                old[...] = _fitting(new, old, f"{name}[{i}]")
        progress = estimator._progress.items()
        estimator._progress = {name: value for name, value in progress if name != "best_theta"}


def _fitting(new: npt.ArrayLike, old: Array, name: str) -> Array:
    """Return an array-like as an array of finite numbers in the shape and dtype of the old one."""
    try:
        if np.ndim(new) == 0:  # such as a gain, which is no array for scikit-learn
            array = check_array([new], dtype=np.float64, ensure_2d=False).reshape(())
        else:
            array = check_array(new, dtype=np.float64, ensure_2d=False, allow_nd=True)
    except ValueError as error:
        raise ValueError(f"{name} must be finite numbers: {error}") from None
    if array.shape != old.shape:
        raise ValueError(f"{name} should have the shape {old.shape}, got {array.shape}.")
    with np.errstate(over="ignore"):
        fitting = array.astype(old.dtype)
    if not np.isfinite(fitting).all():
        raise ValueError(
            f"{name} must be finite numbers in {old.dtype}, the dtype of the network, got {np.abs(array).max():g}. "
            "Use dtype='float64'."
        )
    return fitting
