"""Scaling measures the mean and the standard deviation of rows, for the network's standardisation layer."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.preprocessing import StandardScaler
from sklearn.utils import gen_batches

from ..nn.arena import Array
from ..nn.layers.base import Views
from ..nn.rows import Index, Matrix

ROWS_AT_ONCE = 1024


HUGE = float(np.finfo(np.float64).max ** 0.25)  # squares of larger numbers may overflow, those below 1 / HUGE vanish

TINY = float(np.finfo(np.float64).tiny)  # below it numbers lose digits, and such a column counts as constant


def measure(p: Views, X: Matrix, index: Index, sample_weight: npt.NDArray[np.floating] | None) -> None:
    """Write the weighted mean and 1 / standard deviation of the rows `index` of `X` into a Standardize layer's `p`.

    Columns that do not vary keep scale 1. Sparse rows keep mean 0. Where a row is an image of c channels, flattened,
    there are c means and scales. NaN, where a sequence has ended, does not count.
    """
    channels = len(p.mean)
    images = channels != X.shape[1]
    dense = images or isinstance(X, np.ndarray)  # the network makes sparse images dense too

    def parts() -> Iterator[tuple[Any, Array | None]]:
        for batch in gen_batches(len(index), ROWS_AT_ONCE):
            rows = X[index[batch]].astype(np.float64)
            weight = None if sample_weight is None else sample_weight[index[batch]]
            if images:
                rows = rows if isinstance(rows, np.ndarray) else rows.toarray()
                rows = rows.reshape(-1, channels)
                weight = None if weight is None else np.repeat(weight, X.shape[1] // channels)
                there = ~np.isnan(rows[:, 0])  # no end of a shorter sequence
                if not there.all():
                    rows, weight = rows[there], None if weight is None else weight[there]
            yield rows, weight

    largest = np.max([_largest(rows) for rows, _ in parts()], axis=0)
    unit = np.where((largest > HUGE) | ((largest < 1 / HUGE) & (largest > TINY)), largest, 1.0)
    scaler = StandardScaler(with_mean=dense)
    for rows, weight in parts():
        if (unit != 1).any():
            rows = rows / unit if dense else rows @ sparse.diags_array(1 / unit).tocsr()
        with np.errstate(invalid="ignore"):  # rounding may take a sparse constant column's variance below 0
            scaler.partial_fit(rows, sample_weight=weight)
    p.mean = scaler.mean_ * unit if dense else np.zeros(channels)
    p.scale = 1 / scaler.scale_ / unit


def measure_edges(p: Views, x: Array) -> None:
    """Write quantiles of the columns of x into a PiecewiseEmbedding layer's `p`."""
    p.edges = np.quantile(x, np.linspace(0, 1, p.edges.shape[1]), axis=0).T


def _largest(rows: Any) -> Array:
    """Return the largest absolute value of each column."""
    largest = abs(rows).max(axis=0)
    return largest if isinstance(largest, np.ndarray) else largest.toarray().ravel()
