"""Rows are a part of the data: inputs, encoded targets and weights of the same samples."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .arena import Arena, Array

Index = npt.NDArray[np.intp]


@dataclass(slots=True)
class Rows:
    """What a network is trained on, or measured on.

    Parameters
    ----------
    X : ndarray or csr_array of shape (n, n_features)
        Inputs.
    target : ndarray of shape (n, n_outputs)
        Encoded targets.
    weight : ndarray of shape (n,), default=None
        Sample weights; None where all are 1.
    """

    X: Any
    target: Array
    weight: Array | None = None

    def __len__(self) -> int:
        return len(self.target)

    def __getitem__(self, index: slice | Index) -> "Rows":
        """Return some of the rows: views for a slice, copies for an array of row numbers."""
        return Rows(self.X[index], self.target[index], None if self.weight is None else self.weight[index])

    def take(self, index: Index, arena: Arena) -> "Rows":
        """Return these rows as a mini-batch, dense inputs in memory of the arena."""
        if isinstance(self.X, np.ndarray):
            X = self.X.take(index, axis=0, out=arena.empty((len(index), *self.X.shape[1:])), mode="clip")
        else:
            X = self.X[index]
        return Rows(X, self.target.take(index, axis=0), None if self.weight is None else self.weight.take(index))
