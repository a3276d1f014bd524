"""Links: functions from the network's raw output to predictions, such as probabilities or means of counts."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.special import expit, log_expit, log_softmax, logit

from .arena import Array


class Link(NamedTuple):
    """A link function, its logarithm and its inverse.

    Parameters
    ----------
    predict : callable
        Maps raw outputs of shape (..., k) to predictions of the same shape, each row independently of the others.
    log_predict : callable
        Maps raw outputs to the logarithms of the predictions, finite also where the predictions round to 0.
    inverse : callable
        Maps predictions to raw outputs, finite ones also for predictions of 0 and 1.
    """

    predict: Callable[[Array], Array]
    log_predict: Callable[[Array], Array]
    inverse: Callable[[Array], Array]


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


def _log(p: Array) -> Array:
    return np.log(np.maximum(p, np.finfo(p.dtype).tiny))


def _logit(p: Array) -> Array:
    eps = np.finfo(p.dtype).eps
    return logit(np.clip(p, eps, 1 - eps))


# The names are those of scikit-learn's `out_activation_`, but for "sorted". The logarithms of "identity" and "sorted"
# exist for raw > 0 only.
LINKS = {
    "identity": Link(_same, np.log, _same),
    "softmax": Link(_softmax, partial(log_softmax, axis=-1), _log),
    "logistic": Link(expit, log_expit, _logit),
    "exp": Link(_mean, _log_mean, _log),
    "sorted": Link(np.sort, _log_sorted, np.sort),
}
