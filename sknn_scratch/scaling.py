"""Scaling measures the mean and the standard deviation of rows, for the network's standardisation layer."""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.preprocessing import StandardScaler
from sklearn.utils import gen_batches

from .nn.layers.base import Views

ROWS_AT_ONCE = 1024


def measure(p: Views, X: Any, index: npt.NDArray[np.intp], sample_weight: npt.NDArray[np.floating] | None) -> None:
    """Write the weighted mean and 1 / standard deviation of the rows `index` of `X` into a Standardize layer's `p`.

    Columns that do not vary keep scale 1. Sparse rows keep mean 0. Where a row is an image of c channels, flattened,
    there are c means and scales.
    """
    channels = len(p.mean)
    images = channels != X.shape[1]
    dense = images or not sparse.issparse(X)  # the network makes sparse images dense too
    scaler = StandardScaler(with_mean=dense)
    # Numbers whose squares would overflow are measured in a smaller unit.
    unit = 1.0 if abs(X).max() < np.finfo(np.float64).max ** 0.25 else float(abs(X).max())
    for batch in gen_batches(len(index), ROWS_AT_ONCE):
        rows = X[index[batch]].astype(np.float64) / unit
        weight = None if sample_weight is None else sample_weight[index[batch]]
        if images:
            rows = rows if isinstance(rows, np.ndarray) else rows.toarray()
            rows = rows.reshape(-1, channels)
            weight = None if weight is None else np.repeat(weight, X.shape[1] // channels)
        scaler.partial_fit(rows, sample_weight=weight)
    p.mean = scaler.mean_ * unit if dense else np.zeros(channels)
    p.scale = 1 / scaler.scale_ / unit
