"""The door: what users pass as X and y, checked by scikit-learn's rules, as the arrays that everything else takes."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeGuard

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.base import BaseEstimator, is_classifier
from sklearn.utils import check_X_y as sk_check_X_y
from sklearn.utils import column_or_1d
from sklearn.utils.validation import validate_data

from .._typing import MatrixLike
from ..nn.arena import Array
from ..nn.rows import Matrix
from .kinds import read_X, read_y
from .shape import RowShape, Shape

CHECKS: dict[str, object] = {"accept_sparse": "csr", "dtype": [np.float64, np.float32], "order": "C"}


@dataclass(frozen=True, eq=False)
class Given:
    """What a user passed to `fit` or `partial_fit`: the training set, and a validation set where there is one.

    Raises
    ------
    ValueError
        If a part of the validation set is missing.
    """

    X: MatrixLike
    y: MatrixLike
    sample_weight: npt.ArrayLike | None = None
    X_val: MatrixLike | None = None
    y_val: MatrixLike | None = None
    sample_weight_val: npt.ArrayLike | None = None
    classes: npt.ArrayLike | None = None  # all labels there will ever be
    X_unlabeled: MatrixLike | None = None

    def __post_init__(self) -> None:
        if (self.X_val is None) != (self.y_val is None):
            raise ValueError("X_val and y_val belong together: pass both or neither.")
        if self.X_val is None and self.sample_weight_val is not None:
            raise ValueError("sample_weight_val is for the rows of X_val. Pass these rows too, or no weights for them.")


def check_X(
    estimator: BaseEstimator, X: MatrixLike, shape: RowShape, fitted: Shape | None, *, reset: bool = False
) -> tuple[Matrix, Shape | None]:
    """Return X as flat rows, and the shape of its rows where it came as an array of them.

    Parameters
    ----------
    estimator : BaseEstimator
        Whose X it is.
    X : array-like or sparse matrix
        What the user passed.
    shape : RowShape
        What a row is.
    fitted : tuple of int or None
        Shape of the rows of the arrays that the estimator was fitted with.
    reset : bool, default=False
        Whether the estimator learns the number and the names of the columns from X.
    """
    if not reset and _is_plain(X, estimator):
        return X, None
    rows: Any
    rows, seen = shape.read(X, fitted)
    if reset or seen is None or not shape.any_length:
        rows = validate_data(estimator, rows, reset=reset, **CHECKS | shape.checks)
    shape.check_rows(rows, seen)
    return _canonical(rows), seen


def check_flat(estimator: BaseEstimator, X: MatrixLike, *, reset: bool = False) -> Matrix:
    """Return X, whose rows can only be flat, as an array or a CSR matrix."""
    return X if not reset and _is_plain(X, estimator) else validate_data(estimator, read_X(X), reset=reset, **CHECKS)


def _is_plain(X: MatrixLike, estimator: BaseEstimator) -> TypeGuard[Array]:
    """Return whether X is an array that scikit-learn's checks for predictions would return as it is.

    They would take 100 microseconds and more.
    """
    return (
        type(X) is np.ndarray
        and X.dtype in (np.float64, np.float32)
        and X.ndim == 2
        and X.shape[1] == estimator.n_features_in_
        and len(X) > 0
        and X.flags.c_contiguous
        and not hasattr(estimator, "feature_names_in_")
        and bool(np.isfinite(X).all())
    )


def check_X_y(
    estimator: BaseEstimator, X: MatrixLike, y: Any, shape: RowShape, fitted: Shape | None, *, reset: bool
) -> tuple[Matrix, Any, Shape | None]:
    """Return X as flat rows, y as an array, and the shape of the rows of X where it came as an array of them."""
    if sparse.issparse(y) and not is_classifier(estimator):
        raise ValueError("Sparse y is for labels. Pass numbers dense, as y.toarray().")
    y = read_y(y, labels=is_classifier(estimator))
    rows, seen = shape.read(X, fitted)
    if reset or seen is None or not shape.any_length:
        rows, y = validate_data(estimator, rows, y, reset=reset, multi_output=True, **CHECKS | shape.checks)
    else:
        rows, y = sk_check_X_y(rows, y, multi_output=True, **CHECKS | shape.checks)
    shape.check_rows(rows, seen)
    if not sparse.issparse(y) and y.ndim == 2 and y.shape[1] == 1:
        y = column_or_1d(y, warn=True)
    return _canonical(rows), y, seen


@contextmanager
def of_validation_set() -> Iterator[None]:
    """Name the validation set, not X and y, in the errors of its checks."""
    try:
        yield
    except (TypeError, ValueError) as error:
        # A column may be called y: such names are in quotation marks, or lines of a list.
        message, n = re.subn(r"(?<!['\"])(?<!^- )\b(X|y|sample_weight)\b(?!['\"])", r"\1_val", str(error), flags=re.M)
        named = n or re.search(r"\b[Xy]_val\b", message)
        error.args = (message if named else f"X_val, y_val: {message}",)
        raise


def _canonical(X: Matrix) -> Matrix:
    """Return CSR rows with one entry a cell; the layers bend entries, not their sums."""
    if sparse.issparse(X) and not X.has_canonical_format:
        X = X.copy()
        X.sum_duplicates()
    return X
