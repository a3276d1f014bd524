"""The target of an autoencoder: X itself, as it is or brought to mean 0 and variance 1."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

from .._typing import Floats
from .._warn import warn
from ..nn.arena import Array
from ..nn.layers.base import Views
from .scaling import measure
from .targets import Quantities


@dataclass(eq=False)
class Itself(Quantities):
    """Rows of X as targets, dense or sparse.

    Parameters
    ----------
    scaled : bool, default=True
        Whether each column is brought to mean 0 (sparse rows: not shifted) and variance 1.
    bounded : bool, default=False
        Whether they are numbers from 0 to 1; others are cut off there.
    """

    scaled: bool = True
    bounded: bool = False

    penalty = 0.0  # the code, if it is small, is restriction enough

    def numbers(self, y: Any, name: str = "X") -> Any:
        return y

    def measured(self, numbers: Any, sample_weight: Floats | None) -> Self:
        if not self.scaled:
            return self
        views = Views({"mean": np.zeros(self.n_outputs), "scale": np.ones(self.n_outputs)})
        measure(views, numbers, np.arange(numbers.shape[0]), sample_weight)
        return replace(self, mean=views.mean, scale=1 / views.scale)

    def encode(self, numbers: Any) -> Any:
        if self.scaled:
            dense = isinstance(numbers, np.ndarray)
            return super().encode(numbers) if dense else numbers @ sparse.diags_array(1 / self.scale).tocsr()
        if not self.bounded:
            return numbers
        if isinstance(numbers, np.ndarray):
            return numbers.clip(0, 1)
        return sparse.csr_array((numbers.data.clip(0, 1), numbers.indices, numbers.indptr), shape=numbers.shape)

    def encode_checked(self, numbers: Any, sample_weight: Floats | None, dtype: npt.DTypeLike) -> Any:
        if self.bounded and (numbers.min() < 0 or numbers.max() > 1):
            warn(
                f"The output is between 0 and 1, and X goes from {numbers.min():g} to {numbers.max():g}: it is "
                "reconstructed as if cut off at 0 and 1. Scale X, or use output='identity'."
            )
        encoded = self.encode(numbers)
        if (largest := max(encoded.max(), -encoded.min())) > np.sqrt(np.finfo(dtype).max / np.prod(numbers.shape)):
            raise ValueError(f"X is as large as {largest:g}, too large for squares in {np.dtype(dtype)}. Scale it.")
        return encoded.astype(dtype, copy=False)

    def strata(self, encoded: Any) -> Array:
        return np.zeros(encoded.shape[0])

    def score(self, truth: Floats, raw: Floats, sample_weight: Floats | None) -> float:
        """Return minus the mean squared error of a row."""
        return -float(np.average(self.errors(truth, raw), weights=sample_weight))

    def errors(self, truth: Floats, raw: Floats) -> Floats:
        """Return the squared error of each row, summed over the columns, in the units of the network."""
        error = truth - self.loss.predict(raw)
        return np.einsum("ij,ij->i", error, error)
