"""The dense layer: every input is connected with every unit."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..arena import Array, ones
from ..initializers import He, Initializer, Zeros
from ..settings import check_whole
from .base import Backward, Layer, Mode, Param, Shape, Views


@dataclass(frozen=True)
class Dense(Layer):
    """y = x W + b, along the last axis of each row (lecture rows 5 and 8).

    Parameters
    ----------
    units : int
        Number of outputs.
    init : Initializer, default=He()
        Initial values of W; b starts at zero.

    Examples
    --------
    >>> from sknn_scratch.nn.layers import Dense
    >>> Dense(3).plan((4,))[0]
    (3,)
    """

    units: int
    init: Initializer = field(default_factory=He)

    accepts_sparse = True

    def __post_init__(self) -> None:
        check_whole(self, "units")

    def plan(self, input_shape: Shape) -> tuple[Shape, dict[str, Param]]:
        *positions, n_in = input_shape
        W = Param((n_in, self.units), self.init, fan=(n_in, self.units))
        return (*positions, self.units), {"W": W, "b": Param((self.units,), Zeros(), decay=False)}

    def forward(self, p: Views, x: Any, mode: Mode) -> tuple[Any, Backward]:
        if x.ndim > 2:
            return self._along_the_last_axis(p, x, mode)
        y = mode.arena.empty((x.shape[0], self.units))
        dense = isinstance(x, np.ndarray)
        if dense:
            np.dot(x, p.W, out=y)  # np.dot: 0.4 microseconds less a call than np.matmul
        else:
            y[...] = x @ p.W
        y += p.b

        def backward(dy: Array, g: Views, need_dx: bool) -> Array | None:
            if dense:
                np.dot(x.T, dy, out=g.W)
            else:
                g.W[...] = x.T @ dy
            np.dot(ones(len(dy), dy.dtype), dy, out=g.b)
            return np.dot(dy, p.W.T, out=mode.arena.empty(x.shape)) if need_dx else None

        return y, backward

    def _along_the_last_axis(self, p: Views, x: Array, mode: Mode) -> tuple[Array, Backward]:
        first = int(x.strides[0] < x.strides[1])  # as in memory: `Arena.steps` is not copied
        x = x.swapaxes(first, 0)
        y, flat_backward = self.forward(p, x.reshape(-1, x.shape[-1]), mode)

        def backward(dy: Array, g: Views, need_dx: bool) -> Array | None:
            dx = flat_backward(dy.swapaxes(first, 0).reshape(y.shape), g, need_dx)
            return None if dx is None else dx.reshape(x.shape).swapaxes(first, 0)

        return y.reshape(*x.shape[:-1], self.units).swapaxes(first, 0), backward
