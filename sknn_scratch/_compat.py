"""The only door to scikit-learn's private names, and to what its older versions lack."""

from typing import NoReturn

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils._optional_dependencies import check_matplotlib_support
from sklearn.utils._param_validation import Interval, InvalidParameterError, Options, StrOptions
from sklearn.utils.multiclass import _check_partial_fit_first_call
from sklearn.utils.validation import _check_sample_weight

__all__ = [
    "CallbackSupportMixin",
    "Interval",
    "InvalidParameterError",
    "Options",
    "StrOptions",
    "_check_partial_fit_first_call",
    "_fit_context",
    "callbacks_of",
    "check_matplotlib_support",
    "check_sample_weight",
    "has_callbacks",
    "without_callbacks",
]

try:
    from sklearn.callback import CallbackSupportMixin
except ImportError:  # scikit-learn < 1.9

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Stand-in that says what is missing."""

        def set_callbacks(self, *callbacks: object) -> NoReturn:
            """Refuse: callbacks came with scikit-learn 1.9."""
            raise NotImplementedError("Callbacks need scikit-learn 1.9 or newer: pip install -U scikit-learn")


def check_sample_weight(sample_weight: object, X: object) -> npt.NDArray[np.float64]:
    """Return the weights as float64, refusing negative ones and (scikit-learn < 1.9 does not) all-zero ones."""
    weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
    if not weight.any():
        raise ValueError("Sample weights must contain at least one non-zero number.")
    return weight


def has_callbacks(estimator: BaseEstimator) -> bool:
    """Return whether callbacks were set: by `set_callbacks`, or by a search or pipeline on one of its parts."""
    return hasattr(estimator, "_skl_callbacks")


def callbacks_of(estimator: BaseEstimator) -> list[object]:
    """Return the callbacks that were set."""
    return getattr(estimator, "_skl_callbacks", [])


def without_callbacks(estimator: BaseEstimator) -> BaseEstimator:
    """Return the estimator, its callbacks taken off."""
    vars(estimator).pop("_skl_callbacks", None)
    return estimator
