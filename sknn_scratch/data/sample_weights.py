"""Sample weights as multiples of their mean: how large all of them are together has no influence on training."""

import numpy as np
import numpy.typing as npt

from .._typing import Floats
from ..nn.rows import Index


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
