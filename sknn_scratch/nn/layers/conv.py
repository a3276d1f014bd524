"""A kernel slides over an image: with the same numbers at every position, or with numbers of its own at each."""

from dataclasses import dataclass, field

import numpy as np

from ..arena import Arena, Array
from ..initializers import He, Initializer, Zeros
from ..windows import Windows, check_pair, fold, patches, slide, to_rows
from .base import Backward, Layer, Mode, Param, Shape, Views, check_count


@dataclass(frozen=True)
class Kernels(Layer):
    """Base of the layers with kernels; the parameters are described in `Conv2D`."""

    filters: int
    kernel_size: int | tuple[int, int] = 3
    stride: int | tuple[int, int] = 1
    padding: str | int | tuple[int, int] = "valid"
    init: Initializer = field(default_factory=He)

    in_shards = True

    def __post_init__(self) -> None:
        check_count(self, "filters")
        check_pair(self, "kernel_size", 1)
        check_pair(self, "stride", 1)
        check_pair(self, "padding", 0, words=("valid", "same"))

    def windows(self, image: Shape) -> tuple[Windows, Windows]:
        """Return where the kernels stand on an image of this shape, down and across."""
        return slide(type(self).__name__, image, self.kernel_size, self.stride, self.padding)

    def plan(self, input_shape: Shape) -> tuple[Shape, dict[str, Param]]:
        down, across = self.windows(input_shape)
        output_shape = (down.count, across.count, self.filters)
        channels, area = input_shape[2], down.kernel * across.kernel
        kernels = (*self.positions(output_shape), down.kernel, across.kernel, channels, self.filters)
        W = Param(kernels, self.init, fan=(area * channels, area * self.filters))
        b = Param((*self.positions(output_shape), self.filters), Zeros(), decay=False)
        return output_shape, {"W": W, "b": b}

    def positions(self, output_shape: Shape) -> Shape:
        """Return the shape of the positions that have numbers of their own."""
        raise NotImplementedError


@dataclass(frozen=True)
class Conv2D(Kernels):
    """y[i, j, f] = sum over u, v, c of x[i s + u, j s + v, c] W[u, v, c, f], plus b[f] (lecture row 24).

    A correlation, as in all networks: kernels are not turned round. Images are channels last.

    Parameters
    ----------
    filters : int
        Number of kernels, the channels of the output.
    kernel_size : int or pair of int
        Height and width of a kernel.
    stride : int or pair of int
        Distance s from one position to the next.
    padding : "valid", "same", int or pair of int
        Zeros around the image: none; as many as it takes for ceil(size / stride) positions; this number on all sides.
    init : Initializer, default=He()
        Initial values of W, of shape (kh, kw, channels, filters); b starts at zero.

    Examples
    --------
    >>> from sknn_scratch.nn.layers import Conv2D
    >>> Conv2D(8, kernel_size=5).plan((28, 28, 1))[0]
    (24, 24, 8)
    """

    def positions(self, output_shape: Shape) -> Shape:
        return ()

    def forward(self, p: Views, x: Array, mode: Mode) -> tuple[Array, Backward]:
        down, across = windows = self.windows(x.shape[1:])
        rows = to_rows(x, windows, mode.arena)  # (n * oh * ow, kh * kw * c + 1)
        # With b as the weight of a cell that is always 1, y += b and dy.sum() are no passes of their own: 3 to 7%.
        kernels = np.concatenate((p.W.reshape(-1, self.filters), p.b[None]))
        y = mode.arena.empty((len(x), down.count, across.count, self.filters))
        np.dot(rows, kernels, out=y.reshape(-1, self.filters))

        def backward(dy: Array, g: Views, need_dx: bool) -> Array | None:
            d_kernels = np.dot(rows.T, dy.reshape(-1, self.filters))
            g.W, g.b = d_kernels[:-1].reshape(p.W.shape), d_kernels[-1]
            return _input_gradient(dy, p.W, windows, mode.arena) if need_dx else None

        return y, backward


def _input_gradient(dy: Array, W: Array, windows: tuple[Windows, Windows], arena: Arena) -> Array:
    """Return dx[y, x] = sum over u, v of W[u, v] dy[i, j], where window (i, j) sees pixel (y, x) in its cell (u, v).

    The sum over v is part of a matrix product and only that over u is done by hand. One product with the whole
    kernel, folded back over u and v, takes 1.1 (3 x 3, 32 channels) to 1.4 times as long (5 x 5, 8 channels).
    """
    down, across = windows
    n, oh, _, filters = dy.shape
    channels = W.shape[2]
    rows = arena.empty((n, oh, across.size, across.kernel, filters))  # what the windows of a line have for each x and v
    rows[...] = 0
    for v in range(across.kernel):
        positions, xs = across.meet(v)
        rows[:, :, xs, v] = dy[:, :, positions]
    rows = rows.reshape(-1, across.kernel * filters)
    kernel_rows = W.swapaxes(2, 3).reshape(down.kernel, across.kernel * filters, channels)
    share = arena.empty((n, oh, across.size, channels))
    dx = arena.empty((n, down.size, across.size, channels))
    dx[...] = 0
    for u in range(down.kernel):
        lines, ys = down.meet(u)
        np.dot(rows, kernel_rows[u], out=share.reshape(-1, channels))
        dx[:, ys] += share[:, lines]
    return dx


@dataclass(frozen=True)
class LocallyConnected2D(Kernels):
    """y[i, j, f] = sum over u, v, c of x[i s + u, j s + v, c] W[i, j, u, v, c, f], plus b[i, j, f] (lecture row 27).

    A convolution with kernels of their own at every position, for images that have the same thing always at the same
    place, as faces have after alignment (DeepFace, Taigman et al. 2014).

    Parameters
    ----------
    filters : int
        Number of kernels at each position, the channels of the output.
    kernel_size : int or pair of int
        Height and width of a kernel.
    stride : int or pair of int
        Distance s from one position to the next.
    padding : "valid", "same", int or pair of int
        Zeros around the image, as in `Conv2D`.
    init : Initializer, default=He()
        Initial values of W, of shape (oh, ow, kh, kw, channels, filters); b starts at zero.

    Examples
    --------
    >>> from sknn_scratch.nn.layers import LocallyConnected2D
    >>> LocallyConnected2D(8, kernel_size=3).plan((8, 8, 1))[0]
    (6, 6, 8)
    """

    def positions(self, output_shape: Shape) -> Shape:
        return output_shape[:2]

    def forward(self, p: Views, x: Array, mode: Mode) -> tuple[Array, Backward]:
        empty = mode.arena.empty
        windows = self.windows(x.shape[1:])
        seen = patches(x, windows, mode.arena).transpose(1, 2, 0, 3, 4, 5)  # (oh, ow, n, kh, kw, c)
        oh, ow, n, *kernel = seen.shape
        copy = empty(seen.shape)
        np.copyto(copy, seen)
        rows = copy.reshape(oh * ow, n, -1)
        W = p.W.reshape(oh * ow, -1, self.filters)
        Wx = np.matmul(rows, W, out=empty((oh * ow, n, self.filters))).reshape(oh, ow, n, self.filters)
        y = np.add(Wx.transpose(2, 0, 1, 3), p.b, out=empty((n, oh, ow, self.filters)))

        def backward(dy: Array, g: Views, need_dx: bool) -> Array | None:
            d = empty((oh, ow, n, self.filters))
            np.copyto(d, dy.transpose(1, 2, 0, 3))
            d = d.reshape(oh * ow, n, self.filters)
            np.matmul(rows.transpose(0, 2, 1), d, out=g.W.reshape(W.shape))
            np.sum(dy, axis=0, out=g.b)
            if not need_dx:
                return None
            pieces = np.matmul(d, W.transpose(0, 2, 1), out=empty(rows.shape))
            return fold(pieces.reshape(oh, ow, n, *kernel).transpose(2, 0, 1, 3, 4, 5), windows, mode.arena)

        return y, backward
