"""Two sets of rows that lie apart, as where one of them was transformed and the other was not."""

import numpy as np
import numpy.typing as npt
from scipy import sparse

from .._warn import warn
from ..nn.arena import Array
from ..nn.rows import Index, Matrix

MANY_ROWS, MANY_COLUMNS = 300, 1000  # enough to see it


def warn_if_apart(X: Matrix, X_val: Matrix) -> None:
    """Warn of validation rows that lie far outside of training rows."""
    if how := apart(X, X_val):
        warn(
            f"X_val lies far outside of X. {how} Was X transformed, and X_val not? A Pipeline does not transform an "
            "X_val that is passed as step__X_val: fit its first steps on the training rows, pass "
            "pipe[:-1].transform(X_val), or leave X_val out and let early_stopping hold out rows of X."
        )


def apart(X: Matrix, X_val: Matrix) -> str:
    """Return how validation rows lie far outside of training rows, "" where they do not.

    Quantiles are compared, which do not depend on a few large values. Columns that hold one number in more than 80% of
    the rows, as of rare categories, are left out.
    """
    if X.shape[0] < 10 or X_val.shape[0] < 5:  # quantiles of too few rows
        return ""
    n_columns = min(X.shape[1], X_val.shape[1])  # sequences may have more steps
    all_rows = X
    X, X_val = (rows[_evenly(rows.shape[0], MANY_ROWS)][:, :n_columns] for rows in (X, X_val))
    columns = _columns(X)
    with np.errstate(over="ignore", invalid="ignore"):
        old, new = (np.sort(_dense(rows[:, columns]), axis=0) for rows in (X, X_val))
        if how := _far(old, new, columns) or _wider(old, new) or _stored(X, X_val):
            return how
        how = _beside(old, new)
        return how if how and _is_scaled(all_rows) else ""  # in this order: the latter reads all rows


def _far(old: Array, new: Array, columns: Index) -> str:
    """Return in which columns the median lies beyond all training rows, and 1.5 times their width from their median."""
    low, high, width = _middle(old)
    middle, n = old[len(old) // 2], len(new)
    lower, upper = new[(n - 1) // 2], new[n // 2]
    beyond = (lower > old[-1]) | (upper < old[0])
    distance = np.where(beyond, np.maximum(lower - middle, middle - upper), 0)[width > 0] / width[width > 0]
    n_far = np.count_nonzero(distance > 1.5)
    if n_far == 0 or n_far < len(distance) / 4:
        return ""
    worst = np.flatnonzero(width > 0)[distance.argmax()]
    return (
        f"In {n_far} of {len(distance)} columns its median is far away: in column {columns[worst]} it is "
        f"{upper[worst]:.4g}, and most training rows are between {low[worst]:.4g} and {high[worst]:.4g}."
    )


def _wider(old: Array, new: Array) -> str:
    """Return how much wider, or narrower, the validation rows spread in most columns."""
    width, new_width = _middle(old)[2], _middle(new)[2]
    varying = (width > 0) & (new_width > 0)
    if min(len(old), len(new)) < 20 or not varying.any():
        return ""
    old, new, ratio = old[:, varying], new[:, varying], new_width[varying] / width[varying]
    middle = new[len(new) // 2]
    inside = (old[0] <= middle) & (middle <= old[-1])  # else it may be a later part of a series
    narrower = ((ratio < 0.02) | ((ratio < 0.1) & inside)) & _leaves(old, new)
    wider = (ratio > 5) & _leaves(new, old)
    if max(np.mean(wider), np.mean(narrower)) <= 0.5:
        return ""
    return f"Its columns are about {np.median(ratio):.3g} times as wide as those of X."


def _is_scaled(X: Matrix) -> bool:
    """Return whether all columns have the mean 0, the median 0 or the largest size 1, as from a scaler."""
    if not isinstance(X, np.ndarray):
        return False
    low, high = X.min(axis=0), X.max(axis=0)
    varying = low < high
    if not varying.any():
        return False
    low, high = low[varying], high[varying]
    near = 1e-6 * (high - low)
    if (np.abs(np.maximum(high, -low) - 1) <= near).all():
        return True
    if low.max() > 0 or high.min() < 0:
        return False
    if (np.abs(X.mean(axis=0, dtype=np.float64)[varying]) <= near).all():
        return True
    return bool((np.abs(np.median(X, axis=0)[varying]) <= near).all())


def _beside(old: Array, new: Array) -> str:
    """Return in which columns, after a scaler, the validation rows have another place.

    There a fifth of them is beyond all training rows, or the means differ by more than both standard deviations.
    """
    if min(len(old), len(new)) < 20:
        return ""
    width, new_width = old.std(axis=0), new.std(axis=0)
    varying = width > 0
    shifted = np.abs(new.mean(axis=0) - old.mean(axis=0)) > np.maximum(width, new_width)
    beside = (shifted | (_leaves(new, old) & (min(len(old), len(new)) >= 50)))[varying]
    if not varying.any() or np.mean(beside) <= 0.5:
        return ""
    return f"X is scaled, and in {np.count_nonzero(beside)} of {len(beside)} columns X_val has another place or width."


def _leaves(rows: Array, others: Array) -> npt.NDArray[np.bool_]:
    """Return in which columns a fifth of the rows is larger, or is smaller, than all others."""
    fifth = len(rows) // 5
    return (rows[fifth] < others[0]) | (others[-1] < rows[-1 - fifth])


def _stored(X: Matrix, X_val: Matrix) -> str:
    """Return how much larger, or smaller, the stored entries of sparse validation rows are."""
    if isinstance(X, np.ndarray):
        return ""
    old, new = (np.sort(_mean_of_stored(sparse.csr_array(rows))) for rows in (X, X_val))
    if len(old) < 10 or len(new) < 5:
        return ""
    (low, high, _), (new_low, new_high, _) = _middle(old), _middle(new)
    ratio = float(new[len(new) // 2] / old[len(old) // 2])
    if 1 / 3 <= ratio <= 3 or (new_low <= high and low <= new_high):
        return ""
    return f"Its stored entries are about {ratio:.3g} times as large as those of X."


def _mean_of_stored(X: sparse.csr_array) -> Array:
    """Return the mean size of the stored entries of each row that has some."""
    counts = np.diff(X.indptr)
    return abs(X).sum(axis=1)[counts > 0] / counts[counts > 0]


def _middle(ordered: Array) -> tuple[Array, Array, Array]:
    """Return where the middle 80% of the rows begin and end in each column, and the width between."""
    cut = max(1, len(ordered) // 10)
    low, high = ordered[cut], ordered[-1 - cut]
    return low, high, high - low


def _columns(X: Matrix) -> Index:
    """Return the columns that are compared: of sparse rows those with the most entries."""
    if isinstance(X, np.ndarray):
        return _evenly(X.shape[1], MANY_COLUMNS)
    counts = np.bincount(X.indices[X.data != 0], minlength=X.shape[1])
    return np.sort(np.argsort(-counts, kind="stable")[:MANY_COLUMNS])


def _evenly(n: int, most: int) -> Index:
    return np.unique(np.linspace(0, n - 1, min(n, most)).astype(np.intp))


def _dense(rows: Matrix) -> Array:
    return rows if isinstance(rows, np.ndarray) else rows.toarray()
