"""Sample weights as multiples of their mean: how large all of them are together has no influence on training."""

import numpy as np
import numpy.typing as npt

from .._compat import check_sample_weight
from .._typing import Floats
from ..nn.rows import Index, Matrix
from .kinds import read_X


def read_weight(sample_weight: npt.ArrayLike | None, X: Matrix) -> Floats | None:
    """Return a weight for each row of X, checked, or None where all are 1."""
    return None if sample_weight is None else check_sample_weight(read_X(sample_weight, "sample_weight"), X)


def mean_weight(weight: Floats | None, index: Index) -> float:
    """Return the mean weight of the rows `index`; None stands for weights of 1."""
    if weight is None:
        return 1.0
    largest = weight.max()  # divided by first, so that the sum is finite
    return float(largest * (weight / largest)[index].mean())


def in_units(weight: Floats | None, unit: float, n_rows: int, dtype: npt.DTypeLike) -> Floats | None:
    """Return the weights of so many rows as multiples of a unit, None where all are 1."""
    if weight is None and unit == 1:
        return None
    return ((np.ones(n_rows) if weight is None else weight) / unit).astype(dtype)
