"""Embeddings of numeric columns: several numbers in place of one, so that a network can bend sharply along a column."""

import math
from dataclasses import dataclass

import numpy as np

from ..arena import Array
from ..initializers import Initializer, LeCun, Normal
from ..settings import check_whole
from .base import Backward, Layer, Mode, Param, Shape, Views

FASTEST = 1e6  # beyond this angle a cosine in float32 is noise


@dataclass(frozen=True)
class Angles(Initializer):
    """Uniform in a whole turn, from -pi to pi."""

    def __call__(self, rng: np.random.Generator, shape: Shape, fan: tuple[int, int]) -> Array:
        return rng.uniform(-math.pi, math.pi, shape)


@dataclass(frozen=True)
class PeriodicEmbedding(Layer):
    """y = [x, cos(x_j f_j + s_j) W_j for each column j of `columns`].

    The frequencies f_j, the shifts s_j and the weights W_j of each column are learned (Gorishniy et al. 2022,
    arXiv:2203.05556; with x beside the cosines: Holzmueller et al. 2024, arXiv:2407.04491).

    Parameters
    ----------
    columns : tuple of int
        The columns that are embedded.
    n_frequencies : int, default=16
        Number of cosines of a column.
    size : int, default=3
        Number of outputs of a column, beside the column itself.
    std : float, default=0.6
        Standard deviation of the frequencies at the start, in radians for one unit of x.

    Examples
    --------
    >>> from sknn_scratch.nn.layers import PeriodicEmbedding
    >>> PeriodicEmbedding(columns=(0, 2)).plan((5,))[0]
    (11,)
    """

    columns: tuple[int, ...]
    n_frequencies: int = 16
    size: int = 3
    std: float = 0.6

    def __post_init__(self) -> None:
        check_whole(self, "n_frequencies")
        check_whole(self, "size")

    def plan(self, input_shape: Shape) -> tuple[Shape, dict[str, Param]]:
        (n_features,) = input_shape
        if not all(0 <= column < n_features for column in self.columns):
            raise ValueError(f"columns must be from 0 to {n_features - 1}, got {self.columns}.")
        n, k = len(self.columns), self.n_frequencies
        f = Param((n, 1, k), Normal(self.std), decay=False, bias=False)
        s = Param((n, 1, k), Angles(), decay=False)
        W = Param((n, k, self.size), LeCun(), fan=(k, self.size))
        return (n_features + n * self.size,), {"f": f, "s": s, "W": W}

    def width(self, input_shape: Shape) -> int:
        return 2 * len(self.columns) * self.n_frequencies

    def forward(self, p: Views, x: Array, mode: Mode) -> tuple[Array, Backward]:
        (n_rows, n_features), n = x.shape, len(self.columns)
        columns = list(self.columns)
        picked = x.T[columns, :, None]
        angles = picked * p.f
        angles += p.s
        np.clip(angles, -FASTEST, FASTEST, out=angles)
        cosines = np.cos(angles)
        y = mode.arena.empty((n_rows, n_features + n * self.size))
        y[:, :n_features] = x
        y[:, n_features:].reshape(n_rows, n, self.size)[...] = np.matmul(cosines, p.W).swapaxes(0, 1)

        def backward(dy: Array, g: Views, need_dx: bool) -> Array | None:
            d = np.ascontiguousarray(dy[:, n_features:].reshape(n_rows, n, self.size).swapaxes(0, 1))
            g.W = np.matmul(cosines.swapaxes(1, 2), d)
            d_angles = np.matmul(d, p.W.swapaxes(1, 2))
            d_angles *= -np.sin(angles)
            g.s = d_angles.sum(axis=1, keepdims=True)
            g.f = np.matmul(picked.swapaxes(1, 2), d_angles)
            if not need_dx:
                return None
            dx = dy[:, :n_features].copy()
            np.add.at(dx.T, columns, np.matmul(d_angles, p.f.swapaxes(1, 2))[:, :, 0])
            return dx

        return y, backward
