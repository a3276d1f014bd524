"""Pooling of windows to their maximum, mean or L2 norm, and maxout."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial, reduce
from itertools import repeat
from typing import Any

import numpy as np

from ..arena import Arena, Array
from ..settings import check_whole
from ..windows import Windows, slide
from .base import Backward, Layer, Mode, Param, Shape, Views

Pooled = tuple[Array, Callable[[], Iterable[Any]]]  # y; its derivative in the first cell of each window, the second ...


@dataclass(frozen=True)
class Pool2D(Layer):
    """Base of the poolings: first along the height, then along the width. Parameters: see `MaxPool2D`."""

    size: int | tuple[int, int] = 2
    stride: int | tuple[int, int] | None = None

    constant = True
    in_shards = True

    def __post_init__(self) -> None:
        check_whole(self, "size", form="pair")
        if self.stride is not None:
            check_whole(self, "stride", form="pair")

    def windows(self, image: Shape) -> tuple[Windows, Windows]:
        """Return the windows of an image of this shape, down and across."""
        stride = self.size if self.stride is None else self.stride
        return slide(type(self).__name__, image, self.size, stride, "valid")

    def plan(self, input_shape: Shape) -> tuple[Shape, dict[str, Param]]:
        down, across = self.windows(input_shape)
        return (down.count, across.count, input_shape[2]), {}

    def forward(self, p: Views, x: Array, mode: Mode) -> tuple[Array, Backward]:
        down, across = self.windows(x.shape[1:])
        bands, slopes_down = self.pool(x, 1, down, mode.arena)  # (n, oh, w, c)
        y, slopes_across = self.pool(bands, 2, across, mode.arena)  # (n, oh, ow, c)

        def backward(dy: Array, g: Views, need_dx: bool) -> Array | None:
            if not need_dx:
                return None
            d_bands = _spread(dy, slopes_across(), bands, 2, across, mode.arena)
            return _spread(d_bands, slopes_down(), x, 1, down, mode.arena)

        return y, backward

    def pool(self, x: Array, axis: int, windows: Windows, arena: Arena) -> Pooled:
        """Pool this axis of x; return y and its slopes."""
        raise NotImplementedError


@dataclass(frozen=True)
class MaxPool2D(Pool2D):
    """y = the maximum of each window of each channel; the gradient goes to exactly one entry (lecture row 25).

    Parameters
    ----------
    size : int or pair of int
        Height and width of a window.
    stride : int or pair of int, default=None
        Distance from one window to the next; None for `size`. Windows overlap if it is smaller. Pixels at the bottom
        and on the right that do not fill a window are ignored.

    Examples
    --------
    >>> from sknn_scratch.nn.layers import MaxPool2D
    >>> MaxPool2D(2).plan((7, 7, 16))[0]
    (3, 3, 16)
    """

    def pool(self, x: Array, axis: int, windows: Windows, arena: Arena) -> Pooled:
        return _largest(x, axis, windows, arena)


@dataclass(frozen=True)
class AveragePool2D(Pool2D):
    """y = the mean of each window of each channel (lecture row 25).

    Parameters
    ----------
    size : int or pair of int
        Height and width of a window.
    stride : int or pair of int, default=None
        Distance from one window to the next, as in `MaxPool2D`.
    """

    def pool(self, x: Array, axis: int, windows: Windows, arena: Arena) -> Pooled:
        y = _pooled(x, axis, windows, arena)
        np.divide(reduce(partial(np.add, out=y), _cells(x, axis, windows)), windows.kernel, out=y)
        return y, lambda: repeat(1 / windows.kernel, windows.kernel)


@dataclass(frozen=True)
class L2Pool2D(Pool2D):
    """y = the square root of the sum of squares of each window of each channel (lecture row 25).

    At y = 0, where the derivative does not exist, it is taken as 0.

    Parameters
    ----------
    size : int or pair of int
        Height and width of a window.
    stride : int or pair of int, default=None
        Distance from one window to the next, as in `MaxPool2D`.
    """

    def pool(self, x: Array, axis: int, windows: Windows, arena: Arena) -> Pooled:
        cells, y = _cells(x, axis, windows), _pooled(x, axis, windows, arena)
        reduce(partial(np.hypot, out=y), cells, 0.0)  # hypot does not overflow

        def slopes() -> Iterable[Array]:
            length = np.maximum(y, np.finfo(y.dtype).tiny)
            return (cell / length for cell in cells)

        return y, slopes


@dataclass(frozen=True)
class Maxout(Layer):
    """y = the maximum of each group of `pieces` neighbours on the last axis (Goodfellow et al. 2013, arXiv:1302.4389).

    Unlike the other poolings, it pools over channels instead of positions: ``Dense(units * pieces)`` followed by
    ``Maxout(pieces)`` is a dense maxout layer, ``Conv2D(filters * pieces)`` followed by ``Maxout(pieces)`` a
    convolutional one.

    Parameters
    ----------
    pieces : int
        Size of a group; the length of the last axis must be a multiple of it.

    Examples
    --------
    >>> from sknn_scratch.nn.layers import Maxout
    >>> Maxout(3).plan((12,))[0]
    (4,)
    """

    pieces: int = 2

    constant = True
    rises = True

    def __post_init__(self) -> None:
        check_whole(self, "pieces")

    def plan(self, input_shape: Shape) -> tuple[Shape, dict[str, Param]]:
        *positions, channels = input_shape
        if channels % self.pieces:
            raise ValueError(
                f"Maxout(pieces={self.pieces}) cannot cut {channels} channels into groups of {self.pieces}. Let the "
                "layer before it have units * pieces units or filters * pieces filters."
            )
        return (*positions, channels // self.pieces), {}

    def forward(self, p: Views, x: Array, mode: Mode) -> tuple[Array, Backward]:
        channels = x.shape[-1]
        windows = Windows(channels, self.pieces, self.pieces, before=0, count=channels // self.pieces)
        y, won = _largest(x, x.ndim - 1, windows, mode.arena)

        def backward(dy: Array, g: Views, need_dx: bool) -> Array | None:
            return _spread(dy, won(), x, x.ndim - 1, windows, mode.arena) if need_dx else None

        return y, backward


def _pooled(x: Array, axis: int, windows: Windows, arena: Arena) -> Array:
    """Return an array for one number of each window along this axis."""
    return arena.empty_like(x, (*x.shape[:axis], windows.count, *x.shape[axis + 1 :]))


def _cells(x: Array, axis: int, windows: Windows) -> list[Array]:
    """Return views of the first number of each window along this axis, of the second, ..."""
    before = (slice(None),) * axis
    return [x[*before, windows.meet(j)[1]] for j in range(windows.kernel)]


def _spread(dy: Array, slopes: Iterable[Any], x: Array, axis: int, windows: Windows, arena: Arena) -> Array:
    """Return for each pixel of x the sum over the windows that contain it of dy times the slope of its cell."""
    dx = arena.empty_like(x)
    apart = windows.stride >= windows.kernel
    if not apart or windows.count * windows.kernel < windows.size:
        dx[...] = 0
    for cell, slope in zip(_cells(dx, axis, windows), slopes, strict=True):
        if apart:
            np.multiply(dy, slope, out=cell)
        else:
            cell += dy * slope
    return dx


def _largest(x: Array, axis: int, windows: Windows, arena: Arena) -> Pooled:
    """Pool this axis of x by the maximum."""
    cells = _cells(x, axis, windows)
    y = reduce(partial(np.maximum, out=_pooled(x, axis, windows, arena)), cells)
    return y, partial(_winners, cells, y)


def _winners(cells: list[Array], y: Array) -> list[Array]:
    """Return for each cell the windows of which it is the maximum, of equal ones the first."""
    won = [np.equal(cells[0], y)]
    for cell in cells[1:-1]:
        won.append(np.equal(cell, y) & ~reduce(np.logical_or, won))
    if len(cells) > 1:
        won.append(~reduce(np.logical_or, won))  # all others: no comparison is needed
    return won
