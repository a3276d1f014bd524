"""The door: what users pass as X and y, checked by scikit-learn's rules, as the arrays that everything else takes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import is_classifier
from sklearn.utils import column_or_1d
from sklearn.utils.validation import validate_data

from .shape import Shape, flatten

CHECKS: dict[str, Any] = {"accept_sparse": "csr", "dtype": [np.float64, np.float32], "order": "C"}


@dataclass(frozen=True, eq=False)
class Given:
    """What a user passed to `fit` or `partial_fit`: the training set, and a validation set where there is one.

    Raises
    ------
    ValueError
        If a part of the validation set is missing.
    """

    X: Any
    y: Any
    sample_weight: Any = None
    X_val: Any = None
    y_val: Any = None
    sample_weight_val: Any = None
    classes: Any = None  # all labels there will ever be

    def __post_init__(self) -> None:
        if (self.X_val is None) != (self.y_val is None):
            raise ValueError("X_val and y_val belong together: pass both or neither.")
        if self.X_val is None and self.sample_weight_val is not None:
            raise ValueError("sample_weight_val is for the rows of X_val. Pass these rows too, or no weights for them.")


def check_X(estimator: Any, X: Any) -> tuple[Any, Shape | None]:
    """Return X as flat rows to predict for, and the shape of its rows where it came as an array of them."""
    X, seen = flatten(X)
    return _canonical(validate_data(estimator, X, reset=False, **CHECKS)), seen


def check_X_y(estimator: Any, X: Any, y: Any, *, reset: bool) -> tuple[Any, Any, Shape | None]:
    """Return X as flat rows, y as an array, and the shape of the rows of X where it came as an array of them."""
    if sparse.issparse(y) and not is_classifier(estimator):
        raise ValueError("Sparse y is for labels. Pass numbers dense, as y.toarray().")
    if hasattr(getattr(y, "dtype", None), "numpy_dtype") and not y.isna().any():
        y = y.to_numpy(y.dtype.numpy_dtype)  # pandas' Int64 and boolean, which would become float64
    X, seen = flatten(X)
    X, y = validate_data(estimator, X, y, reset=reset, multi_output=True, **CHECKS)
    if not sparse.issparse(y) and y.ndim == 2 and y.shape[1] == 1:
        y = column_or_1d(y, warn=True)
    return _canonical(X), y, seen


def _canonical(X: Any) -> Any:
    """Return CSR rows with one entry a cell; the layers bend entries, not their sums."""
    if sparse.issparse(X) and not X.has_canonical_format:
        X = X.copy()
        X.sum_duplicates()
    return X
