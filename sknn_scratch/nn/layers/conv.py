"""Convolution, with the same kernels at every position, and locally connected layers, with separate kernels at each."""

from dataclasses import dataclass, field

import numpy as np

from ..arena import Arena, Array
from ..initializers import He, Initializer, Zeros
from ..settings import check_whole
from ..windows import Windows, fold, slide, stack, unfold
from .base import Backward, Layer, Mode, Param, Shape, Views


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
        check_whole(self, "filters")
        check_whole(self, "kernel_size", form="pair")
        check_whole(self, "stride", form="pair")
        check_whole(self, "padding", 0, form="pair", words=("valid", "same"))

    def windows(self, image: Shape) -> tuple[Windows, Windows]:
        """Return the positions of the kernels on an image of this shape, down and across."""
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
        """Return the shape of the positions with kernels of their own."""
        raise NotImplementedError


@dataclass(frozen=True)
class Conv2D(Kernels):
    """y[i, j, f] = sum over u, v, c of x[i s + u, j s + v, c] W[u, v, c, f], plus b[f] (lecture row 24).

    As usual in neural networks, this is a cross-correlation: kernels are not flipped. Images have channels last.

    Parameters
    ----------
    filters : int
        Number of kernels, the channels of the output.
    kernel_size : int or pair of int
        Height and width of a kernel.
    stride : int or pair of int
        Distance s from one position to the next.
    padding : "valid", "same", int or pair of int
        Zero padding of the image: none; as much as needed for ceil(size / stride) positions; or this number of zeros on
        each side.
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
        n, arena = len(x), mode.arena
        seen = stack(unfold(x, windows, arena), down.kernel, down.stride, down.count)  # (oh, kh * kw * c, ow * n)
        y = arena.images((n, down.count, across.count, self.filters))
        lines = arena.lines(y).reshape(down.count, self.filters, -1)
        np.matmul(p.W.reshape(-1, self.filters).T, seen, out=lines)
        lines += p.b[:, None]

        def backward(dy: Array, g: Views, need_dx: bool) -> Array | None:
            d_lines = arena.lines(dy).reshape(lines.shape)
            # One product for each line, then their sum.
            dW = np.matmul(seen, d_lines.swapaxes(1, 2), out=arena.empty((*seen.shape[:2], self.filters)))
            np.sum(dW.reshape(down.count, *p.W.shape), axis=0, out=g.W)
            np.sum(d_lines, axis=(0, 2), out=g.b)
            return fold(_back(d_lines, p.W, down, arena), windows, n, arena) if need_dx else None

        return y, backward


def _back(dy: Array, W: Array, down: Windows, arena: Arena) -> Array:
    """Return for each line of the image the sum of W[u] dy[i] over the windows i with this line in their cell u.

    This is a convolution, by the flipped kernels, of dy with zeros around it and, for strides, in between.
    """
    _, filters, width = dy.shape
    spread = Windows(down.size + down.kernel - 1, 1, down.stride, down.before - down.kernel + 1, down.count)
    lines = arena.empty((spread.size, filters, width))
    lines[...] = 0
    seen, places = spread.meet(0)
    lines[places] = dy[seen]
    W = W[::-1].transpose(1, 2, 0, 3).reshape(-1, down.kernel * filters)  # (kw * c, kh * filters)
    return np.matmul(W, stack(lines, down.kernel, 1, down.size), out=arena.empty((down.size, len(W), width)))


@dataclass(frozen=True)
class LocallyConnected2D(Kernels):
    """y[i, j, f] = sum over u, v, c of x[i s + u, j s + v, c] W[i, j, u, v, c, f], plus b[i, j, f] (lecture row 27).

    A convolution without weight sharing: each position has its own kernels. It is for images with the same object in
    the same place, such as aligned faces (DeepFace, Taigman et al. 2014).

    Parameters
    ----------
    filters : int
        Number of kernels at each position, the channels of the output.
    kernel_size : int or pair of int
        Height and width of a kernel.
    stride : int or pair of int
        Distance s from one position to the next.
    padding : "valid", "same", int or pair of int
        Zero padding of the image, as in `Conv2D`.
    init : Initializer, default=He()
        Initial values of W, of shape (oh, ow, kh, kw, channels, filters); b starts at zero.

    Examples
    --------
    >>> from sknn_scratch.nn.layers import LocallyConnected2D
    >>> LocallyConnected2D(8, kernel_size=3).plan((8, 8, 1))[0]
    (6, 6, 8)
    """

    own_weights = True

    def positions(self, output_shape: Shape) -> Shape:
        return output_shape[:2]

    def forward(self, p: Views, x: Array, mode: Mode) -> tuple[Array, Backward]:
        down, across = windows = self.windows(x.shape[1:])
        n, arena = len(x), mode.arena
        seen = stack(unfold(x, windows, arena), down.kernel, down.stride, down.count)
        seen = seen.reshape(down.count, -1, across.count, n).swapaxes(1, 2)  # (oh, ow, kh * kw * c, n)
        y = arena.images((n, down.count, across.count, self.filters))
        W = p.W.reshape(down.count, across.count, -1, self.filters)
        np.matmul(W.swapaxes(2, 3), seen, out=y.transpose(1, 2, 3, 0))
        y += p.b

        def backward(dy: Array, g: Views, need_dx: bool) -> Array | None:
            np.matmul(seen, dy.transpose(1, 2, 0, 3), out=g.W.reshape(W.shape))
            np.sum(dy, axis=0, out=g.b)
            if not need_dx:
                return None
            pieces = np.matmul(W, dy.transpose(1, 2, 3, 0), out=arena.empty(seen.shape))
            pieces = pieces.reshape(down.count, across.count, down.kernel, -1, n)
            lines = arena.empty((down.size, pieces.shape[3], across.count, n))
            lines[...] = 0
            for u in range(down.kernel):
                positions, ys = down.meet(u)
                lines[ys] += pieces[positions, :, u].swapaxes(1, 2)
            return fold(lines, windows, n, arena)

        return y, backward
