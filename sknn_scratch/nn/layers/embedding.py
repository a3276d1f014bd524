"""Embeddings of numeric columns: several features for each, so that a network can fit steeper functions of a column."""

import math
from dataclasses import dataclass

import numpy as np

from ..arena import Array
from ..initializers import Initializer, LeCun, Normal
from ..settings import check_number, check_whole
from .base import Backward, Layer, Mode, Param, Shape, Views

LARGEST = 1e12  # a number beyond it is beyond all edges
NARROWEST = 1e-3  # of the bins between quantiles, where many rows have the same number


@dataclass(frozen=True)
class Angles(Initializer):
    """Uniform in a whole turn, from -pi to pi."""

    def __call__(self, rng: np.random.Generator, shape: Shape, fan: tuple[int, int]) -> Array:
        return rng.uniform(-math.pi, math.pi, shape)


@dataclass(frozen=True)
class Embedding(Layer):
    """Base of the embeddings: y = [x, h(x_j) for each column j of `columns`], with `size` numbers in h."""

    columns: tuple[int, ...]
    size: int

    def __post_init__(self) -> None:
        check_whole(self, "columns", 0, form="tuple")
        check_whole(self, "size")

    def _check(self, input_shape: Shape) -> tuple[int, int]:
        """Return the number of features and that of embedded columns."""
        (n_features,) = input_shape
        if not all(0 <= column < n_features for column in self.columns):
            raise ValueError(f"columns must be from 0 to {n_features - 1}, got {self.columns}.")
        return n_features, len(self.columns)

    def _joined(self, x: Array, h: Array, mode: Mode) -> Array:
        """Return [x, h] for h of shape (n_columns, n_rows, size)."""
        n_rows, n_features = x.shape
        y = mode.arena.empty((n_rows, n_features + len(h) * self.size))
        y[:, :n_features] = x
        y[:, n_features:].reshape(n_rows, len(h), self.size)[...] = h.swapaxes(0, 1)
        return y

    def _parts(self, dy: Array, x: Array) -> tuple[Array, Array]:
        """Return the derivatives with respect to x itself and to h."""
        dh = dy[:, x.shape[1] :].reshape(len(x), len(self.columns), self.size)
        return dy[:, : x.shape[1]], dh.swapaxes(0, 1)


@dataclass(frozen=True)
class PeriodicEmbedding(Embedding):
    """y = [x, cos(x_j f_j + s_j) W_j for each column j of `columns`].

    The frequencies f_j, the shifts s_j and the weights W_j of each column are learned (Gorishniy et al. 2022,
    arXiv:2203.05556; with x beside the cosines: Holzmueller et al. 2024, arXiv:2407.04491).

    Parameters
    ----------
    columns : tuple of int
        The columns that are embedded.
    size : int, default=3
        Number of outputs for each column, in addition to the column itself.
    n_frequencies : int, default=8
        Number of cosines for each column.
    std : float, default=0.6
        Standard deviation of the initial frequencies, in radians per unit of x.

    Examples
    --------
    >>> from sknn_scratch.nn.layers import PeriodicEmbedding
    >>> PeriodicEmbedding(columns=(0, 2)).plan((5,))[0]
    (11,)
    """

    size: int = 3
    n_frequencies: int = 8
    std: float = 0.6

    def __post_init__(self) -> None:
        super().__post_init__()
        check_whole(self, "n_frequencies")
        check_number(self, "std", 0)

    def plan(self, input_shape: Shape) -> tuple[Shape, dict[str, Param]]:
        (n_features, n), k = self._check(input_shape), self.n_frequencies
        f = Param((n, k), Normal(self.std), decay=False, bias=False)
        s = Param((n, k), Angles(), decay=False)
        W = Param((n, k, self.size), LeCun(), fan=(k, self.size))
        return (int(n_features + n * self.size),), {"f": f, "s": s, "W": W}

    def width(self, input_shape: Shape) -> int:
        return 2 * len(self.columns) * self.n_frequencies

    def forward(self, p: Views, x: Array, mode: Mode) -> tuple[Array, Backward]:
        picked = x.T[list(self.columns), :, None]
        angles = picked * p.f[:, None]
        angles += p.s[:, None]
        cosines = np.cos(angles)

        def backward(dy: Array, g: Views, need_dx: bool) -> Array | None:
            dx, dh = self._parts(dy, x)
            g.W = np.matmul(cosines.swapaxes(1, 2), dh)
            d_angles = np.matmul(dh, p.W.swapaxes(1, 2))
            d_angles *= -np.sin(angles)
            g.s = d_angles.sum(axis=1)
            g.f = np.matmul(picked.swapaxes(1, 2), d_angles)[:, 0]
            if not need_dx:
                return None
            dx = dx.copy()
            np.add.at(dx.T, list(self.columns), np.matmul(d_angles, p.f[:, :, None])[:, :, 0])
            return dx

        return self._joined(x, np.matmul(cosines, p.W), mode), backward


@dataclass(frozen=True)
class PiecewiseEmbedding(Embedding):
    """y = [x, clip((x_j - b_t) / (b_t+1 - b_t), 0, 1) - 1/2 for each bin t of each column j of `columns`].

    The edges b_0 <= b_1 <= ... of the bins are quantiles of the training data and are not trained (Gorishniy et al.
    2022, arXiv:2203.05556, without the 1/2, which centres the numbers). The next layer can learn a different slope in
    each bin.

    Parameters
    ----------
    columns : tuple of int
        The columns that are embedded.
    size : int, default=8
        Number of bins.

    Examples
    --------
    >>> from sknn_scratch.nn.layers import PiecewiseEmbedding
    >>> PiecewiseEmbedding(columns=(0, 2)).plan((5,))[0]
    (21,)
    """

    size: int = 8

    def plan(self, input_shape: Shape) -> tuple[Shape, dict[str, Param]]:
        n_features, n = self._check(input_shape)
        edges = Param((n, self.size + 1), Normal(1.0), decay=False, trained=False)
        return (int(n_features + n * self.size),), {"edges": edges}

    def bins(self, p: Views) -> tuple[Array, Array]:
        """Return the bins.

        Parameters
        ----------
        p : Views
            Parameters of the layer.

        Returns
        -------
        lower : ndarray of shape (n_columns, size)
            Lower edges.
        widths : ndarray of shape (n_columns, size)
            Widths.
        """
        edges = np.sort(p.edges, axis=1)
        return edges[:, :-1], np.maximum(np.diff(edges, axis=1), NARROWEST)

    def forward(self, p: Views, x: Array, mode: Mode) -> tuple[Array, Backward]:
        edges, widths = (each[:, None] for each in self.bins(p))
        picked = x.T[list(self.columns), :, None]
        shares = (np.clip(picked, -LARGEST, LARGEST) - edges) / widths
        h = np.clip(shares, 0, 1)

        def backward(dy: Array, g: Views, need_dx: bool) -> Array | None:
            if not need_dx:
                return None
            dx, dh = self._parts(dy, x)
            dx = dx.copy()
            np.add.at(dx.T, list(self.columns), (dh * (h == shares) / widths).sum(axis=2))
            return dx

        return self._joined(x, h - 0.5, mode), backward
