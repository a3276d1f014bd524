"""Windows slide over an image: where they stand, the patches under them as rows, and patches folded back."""

import math
from dataclasses import dataclass
from functools import lru_cache
from numbers import Integral
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .arena import Arena, Array

# Up to here the matrix of patches is filled transposed, channel by channel, so that its inner runs are rows of the
# image: 4 to 7 times as fast with 1 channel, 1.4 to 2.2 times with 3, no faster with 8.
FEW_CHANNELS = 4


@dataclass(frozen=True)
class Windows:
    """Windows along one axis of an image, `count` of them, the first one beginning `before` pixels outside."""

    size: int  # pixels of the image along this axis
    kernel: int  # cells of a window
    stride: int
    before: int
    count: int

    def meet(self, cell: int) -> tuple[slice, slice]:
        """Return which windows have this cell inside the image, and the pixels they see through it."""
        offset = cell - self.before
        first = max(0, -(offset // self.stride))
        end = max(first, min(self.count, (self.size - 1 - offset) // self.stride + 1))
        pixel = first * self.stride + offset
        return slice(first, end), slice(pixel, pixel + (end - first) * self.stride, self.stride)


def check_pair(layer: Any, name: str, least: int, words: tuple[str, ...] = ()) -> None:
    """Refuse a setting that is neither a number or a pair of them, from `least` on, nor one of these words."""
    value = getattr(layer, name)
    if value in words:
        return
    pair = _pair(value)
    if len(pair) != 2 or not all(isinstance(n, Integral) and int(n) >= least for n in pair):
        choices = ", ".join([*map(repr, words), f"a whole number from {least} on or a pair of them (down, across)"])
        raise ValueError(f"{type(layer).__name__} needs {name} to be {choices}, got {name}={value!r}.")


def _pair(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value, value)


@lru_cache(maxsize=256)  # 12 microseconds, for every layer and shard
def slide(layer: str, image: tuple[int, ...], kernel: Any, stride: Any, padding: Any) -> tuple[Windows, Windows]:
    """Place windows on an image, from its top left corner on; pixels that no whole window reaches are left out.

    Parameters
    ----------
    layer : str
        Who asks, for the errors.
    image : tuple of int
        (height, width, channels).
    kernel, stride : int or pair of int
        Size of a window, and distance from one to the next.
    padding : "valid", "same", int or pair of int
        Zeros around the image: none; as many as it takes for ceil(size / stride) windows, an odd one at the bottom
        and on the right; this number on all sides.

    Returns
    -------
    down, across : Windows
        Along the height and along the width.

    Raises
    ------
    ValueError
        Where this is no image, or no window fits into it.
    """
    if len(image) != 3:
        raise ValueError(
            f"{layer} needs images (height, width, channels), got rows of shape {image}. "
            "Put Reshape((height, width, channels)) before it."
        )
    down, across = map(_along, image[:2], *map(_pair, (kernel, stride, padding)))
    if down.count < 1 or across.count < 1:
        raise ValueError(
            f"{layer}: no window of {down.kernel} x {across.kernel} fits into an image of {down.size} x {across.size} "
            f"with padding={padding!r}. Take smaller windows, more padding, or fewer poolings and strides before it."
        )
    return down, across


def _along(size: int, kernel: Any, stride: Any, padding: Any) -> Windows:
    """Return the windows along one axis, by the one formula for the size of an output."""
    if padding == "same":
        zeros = max(0, (-(-size // stride) - 1) * stride + kernel - size)
    else:
        zeros = 0 if padding == "valid" else 2 * padding
    count = (size + zeros - kernel) // stride + 1
    return Windows(size, int(kernel), int(stride), before=int(zeros // 2), count=int(count))


def patches(x: Array, windows: tuple[Windows, Windows], arena: Arena) -> Array:
    """Return what each window sees, 0 outside of the image, as a view of shape (n, oh, ow, kh, kw, c)."""
    n, h, w, c = x.shape
    down, across = windows
    height, width = (max(v.before + v.size, (v.count - 1) * v.stride + v.kernel) for v in windows)
    if (height, width) != (h, w) or c <= FEW_CHANNELS:
        if c <= FEW_CHANNELS:
            image = arena.empty((c, n, height, width)).transpose(1, 2, 3, 0)
        else:
            image = arena.empty((n, height, width, c))
        image[...] = 0
        image[:, down.before : down.before + h, across.before : across.before + w] = x
    else:
        image = x
    to_row, to_line, to_pixel, to_channel = image.strides
    return as_strided(
        image,
        (n, down.count, across.count, down.kernel, across.kernel, c),
        (to_row, to_line * down.stride, to_pixel * across.stride, to_line, to_pixel, to_channel),
        writeable=False,
    )


def to_rows(x: Array, windows: tuple[Windows, Windows], arena: Arena) -> Array:
    """Return what each window sees as a row of a matrix of shape (n * oh * ow, kh * kw * c + 1), the last column 1.

    Times kernels with their biases below them it is a convolution, bias and all.
    """
    seen = patches(x, windows, arena)
    n_rows, n_columns = math.prod(seen.shape[:3]), math.prod(seen.shape[3:])
    if x.shape[-1] <= FEW_CHANNELS:
        rows = arena.empty((n_columns + 1, n_rows)).T
        np.copyto(rows[:, :-1].T.reshape(*seen.shape[3:], *seen.shape[:3]), seen.transpose(3, 4, 5, 0, 1, 2))
    else:
        rows = arena.empty((n_rows, n_columns + 1))
        np.copyto(rows[:, :-1].reshape(seen.shape), seen)
    rows[:, -1] = 1
    return rows


def fold(pieces: Array, windows: tuple[Windows, Windows], arena: Arena) -> Array:
    """Add up for each pixel what all windows have for it: the reverse of `patches`, from the same shape."""
    down, across = windows
    image = arena.empty((len(pieces), down.size, across.size, pieces.shape[-1]))
    image[...] = 0
    for i in range(down.kernel):
        lines, ys = down.meet(i)
        for j in range(across.kernel):
            positions, xs = across.meet(j)
            image[:, ys, xs] += pieces[:, lines, positions, i, j]
    return image
