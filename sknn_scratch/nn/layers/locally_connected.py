"""A locally connected layer looks at an image as a convolution does, with a kernel of its own at every position."""

from dataclasses import dataclass, field

import numpy as np

from ..initializers import He, Initializer, Zeros
from ..windows import fold, patches, slide
from .base import Layer, Param


@dataclass(frozen=True)
class LocallyConnected2D(Layer):
    """y[i, j, f] = sum over u, v, c of x[i s + u, j s + v, c] W[i, j, u, v, c, f], plus b[i, j, f] (lecture row 27).

    For images in which the same thing is always at the same place, as faces are after alignment (DeepFace, Taigman
    et al. 2014). Images are channels last.

    Parameters
    ----------
    filters : int
        Number of kernels at each position, the channels of the output.
    kernel_size : int or pair of int
        Height and width of a kernel.
    stride : int or pair of int
        Distance s from one position to the next.
    padding : "valid", "same", int or pair of int
        Zeros around the image: none; as many as it takes for ceil(size / stride) positions; this number on all sides.
    init : Initializer
        Initial values of W, of shape (oh, ow, kh, kw, channels, filters); b starts at zero.

    Examples
    --------
    >>> from sknn_scratch.nn.layers import LocallyConnected2D
    >>> LocallyConnected2D(8, kernel_size=3).plan((8, 8, 1))[0]
    (6, 6, 8)
    """

    filters: int
    kernel_size: int | tuple[int, int] = 3
    stride: int | tuple[int, int] = 1
    padding: str | int | tuple[int, int] = "valid"
    init: Initializer = field(default_factory=He)

    in_shards = True

    def _windows(self, image):
        return slide("LocallyConnected2D", image, self.kernel_size, self.stride, self.padding)

    def plan(self, input_shape):
        down, across = self._windows(input_shape)
        positions = (down.count, across.count)
        kernel = (down.kernel, across.kernel, input_shape[2])
        area = down.kernel * across.kernel
        fan = (area * input_shape[2], area * self.filters)
        W = Param((*positions, *kernel, self.filters), self.init, fan)
        output_shape = (*positions, self.filters)
        return output_shape, {"W": W, "b": Param(output_shape, Zeros(), decay=False)}

    def forward(self, p, x, mode):
        empty = mode.arena.empty
        windows = self._windows(x.shape[1:])
        seen = patches(x, windows, mode.arena).transpose(1, 2, 0, 3, 4, 5)
        oh, ow, n, *kernel = seen.shape
        rows = empty(seen.shape)
        np.copyto(rows, seen)
        rows = rows.reshape(oh * ow, n, -1)
        W = p.W.reshape(oh * ow, -1, self.filters)
        Wx = np.matmul(rows, W, out=empty((oh * ow, n, self.filters)))
        y = np.add(Wx.reshape(oh, ow, n, -1).transpose(2, 0, 1, 3), p.b, out=empty((n, oh, ow, self.filters)))

        def backward(dy, g, need_dx):
            d = empty((oh, ow, n, self.filters))
            np.copyto(d, dy.transpose(1, 2, 0, 3))
            d = d.reshape(oh * ow, n, self.filters)
            np.matmul(rows.transpose(0, 2, 1), d, out=g.W.reshape(W.shape))
            np.sum(dy, axis=0, out=g.b)
            if not need_dx:
                return None
            pieces = np.matmul(d, W.transpose(0, 2, 1), out=empty(rows.shape))
            return fold(pieces.reshape(oh, ow, n, *kernel).transpose(2, 0, 1, 4, 3, 5), windows, mode.arena)

        return y, backward
