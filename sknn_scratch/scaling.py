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
    flat = not sparse.issparse(X)
    scaler = StandardScaler(with_mean=flat)
    # Numbers whose squares would overflow are measured in a smaller unit.
    unit = 1.0 if abs(X).max() < np.finfo(np.float64).max ** 0.25 else float(abs(X).max())
    for batch in gen_batches(len(index), ROWS_AT_ONCE):
        rows = X[index[batch]].astype(np.float64) / unit
        weight = None if sample_weight is None else sample_weight[index[batch]]
        if flat and channels != X.shape[1]:
            pixels = X.shape[1] // channels
            rows, weight = rows.reshape(-1, channels), None if weight is None else np.repeat(weight, pixels)
        scaler.partial_fit(rows, sample_weight=weight)
    p.mean = scaler.mean_ * unit if flat else np.zeros(channels)
    p.scale = 1 / scaler.scale_ / unit
