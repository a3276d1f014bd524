"""Samples: their inputs, encoded targets and weights."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from .arena import Arena, Array

Index = npt.NDArray[np.intp]
Matrix = Array | sparse.csr_array  # what X is, once it is checked


@dataclass(slots=True)
class Rows:
    """Inputs, encoded targets and weights of some samples.

    Parameters
    ----------
    X : ndarray or csr_array of shape (n, n_features)
        Inputs.
    target : ndarray or csr_array of shape (n, n_outputs)
        Encoded targets.
    weight : ndarray of shape (n,), default=None
        Sample weights; None where all are 1.
    """

    X: Matrix
    target: Any  # scipy's stubs know no common interface of dense and sparse arrays
    weight: Array | None = None

    def __len__(self) -> int:
        return len(self.target)

    def __getitem__(self, index: slice | Index) -> "Rows":
        """Return some of the rows: views for a slice, copies for an array of indices."""
        return Rows(self.X[index], self.target[index], None if self.weight is None else self.weight[index])

    def take(self, index: Index, arena: Arena) -> "Rows":
        """Return these rows as a mini-batch, dense inputs in memory of the arena, sparse targets made dense."""
        X: Matrix
        if isinstance(self.X, np.ndarray) and self.X.dtype == arena.dtype:
            X = self.X.take(index, axis=0, out=arena.empty((len(index), *self.X.shape[1:])), mode="clip")
        else:
            X = self.X[index]
        dense = isinstance(self.target, np.ndarray)
        target = self.target.take(index, axis=0) if dense else self.target[index].toarray()
        return Rows(X, target, None if self.weight is None else self.weight.take(index))
