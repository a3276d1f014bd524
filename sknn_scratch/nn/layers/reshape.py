"""Layers that change only the shape of a row."""

import math
from dataclasses import dataclass

from ..arena import Array
from ..settings import check_whole
from .base import Backward, Layer, Mode, Param, Shape, Views


@dataclass(frozen=True)
class Reshape(Layer):
    """y = x with each row reshaped to `shape`, in C order.

    Parameters
    ----------
    shape : tuple of int
        Shape of one row.

    Examples
    --------
    >>> from sknn_scratch.nn.layers import Reshape
    >>> Reshape((8, 8, 1)).plan((64,))[0]
    (8, 8, 1)
    """

    shape: tuple[int, ...]

    constant = True

    def __post_init__(self) -> None:
        check_whole(self, "shape", form="tuple")

    def plan(self, input_shape: Shape) -> tuple[Shape, dict[str, Param]]:
        if math.prod(self.shape) != math.prod(input_shape):
            raise ValueError(
                f"Reshape to {self.shape} needs rows of {math.prod(self.shape)} numbers, got rows of shape "
                f"{input_shape}, which are {math.prod(input_shape)}."
            )
        return self.shape, {}

    def forward(self, p: Views, x: Array, mode: Mode) -> tuple[Array, Backward]:
        return x.reshape(len(x), *self.shape), lambda dy, g, need_dx: dy.reshape(x.shape)


@dataclass(frozen=True)
class Flatten(Layer):
    """y = x with each row flattened, in C order, as for dense layers after convolutions.

    Examples
    --------
    >>> from sknn_scratch.nn.layers import Flatten
    >>> Flatten().plan((4, 4, 16))[0]
    (256,)
    """

    constant = True

    def plan(self, input_shape: Shape) -> tuple[Shape, dict[str, Param]]:
        return (math.prod(input_shape),), {}

    def forward(self, p: Views, x: Array, mode: Mode) -> tuple[Array, Backward]:
        y = mode.arena.empty((len(x), math.prod(x.shape[1:])))
        y.reshape(x.shape)[...] = x

        def backward(dy: Array, g: Views, need_dx: bool) -> Array:
            dx = mode.arena.empty_like(x)
            dx[...] = dy.reshape(x.shape)
            return dx

        return y, backward
