"""Links: functions from the network's raw output to predictions, such as probabilities or means of counts."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.special import expit, log_expit, log_softmax

from .arena import Array


class Link(NamedTuple):
    """A link function and its logarithm.

    Parameters
    ----------
    predict : callable
        Maps raw outputs of shape (..., k) to predictions of the same shape, each row independently of the others.
    log_predict : callable
        Maps raw outputs to the logarithms of the predictions, finite also where the predictions round to 0.
    """

    predict: Callable[[Array], Array]
    log_predict: Callable[[Array], Array]


def _log_mean(raw: Array) -> Array:
    """Return raw, limited so that the square of its exponential is finite."""
    return np.minimum(raw, 0.5 * np.log(np.finfo(raw.dtype).max))


def _mean(raw: Array) -> Array:
    return np.exp(_log_mean(raw))


def _softmax(raw: Array) -> Array:
    """Return exp(raw) / sum exp(raw); for one row in half the time of scipy's, which knows other arrays too."""
    p = np.exp(raw - raw.max(axis=-1, keepdims=True))
    p /= p.sum(axis=-1, keepdims=True)
    return p


def _same(raw: Array) -> Array:
    return raw


def _log_sorted(raw: Array) -> Array:
    return np.log(np.sort(raw))


# The names are those of scikit-learn's `out_activation_`, but for "sorted". The logarithms of "identity" and "sorted"
# exist for raw > 0 only.
LINKS = {
    "identity": Link(_same, np.log),
    "softmax": Link(_softmax, partial(log_softmax, axis=-1)),
    "logistic": Link(expit, log_expit),
    "exp": Link(_mean, _log_mean),
    "sorted": Link(np.sort, _log_sorted),
}
