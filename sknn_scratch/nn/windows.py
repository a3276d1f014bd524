"""Windows of convolution and pooling: their positions, their contents, and sums over windows for each pixel."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from numpy.lib.stride_tricks import as_strided

from .arena import Arena, Array


@dataclass(frozen=True)
class Windows:
    """Windows along one axis of an image: `count` of them, the first one starting `before` pixels outside."""

    size: int  # pixels of the image along this axis
    kernel: int  # cells of a window
    stride: int
    before: int
    count: int

    @property
    def end(self) -> int:
        """The end of the last window, counted from the start of the first one."""
        return (self.count - 1) * self.stride + self.kernel

    @property
    def outside(self) -> bool:
        """Whether any window reaches outside of the image."""
        return self.before > 0 or self.end > self.size

    def meet(self, cell: int) -> tuple[slice, slice]:
        """Return the windows that have this cell inside the image, and its pixels."""
        offset = cell - self.before
        first = max(0, -(offset // self.stride))
        end = max(first, min(self.count, (self.size - 1 - offset) // self.stride + 1))
        pixel = first * self.stride + offset
        return slice(first, end), slice(pixel, pixel + (end - first) * self.stride, self.stride)


def _pair(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value, value)


@lru_cache(maxsize=256)  # 12 microseconds, for every layer and shard
def slide(layer: str, image: tuple[int, ...], kernel: Any, stride: Any, padding: Any) -> tuple[Windows, Windows]:
    """Return the windows of an image, from its top left corner on; pixels that no whole window covers are left out.

    Parameters
    ----------
    layer : str
        Name of the layer, for errors.
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
        If this is no image, or no window fits into it.
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
    """Return the windows along one axis; all output sizes follow from this formula."""
    if padding == "same":
        zeros = max(0, (-(-size // stride) - 1) * stride + kernel - size)
    else:
        zeros = 0 if padding == "valid" else 2 * padding
    count = (size + zeros - kernel) // stride + 1
    return Windows(size, int(kernel), int(stride), before=int(zeros // 2), count=int(count))


def unfold(x: Array, windows: tuple[Windows, Windows], arena: Arena) -> Array:
    """Return the contents of the windows across an image for each of its lines, with zeros outside.

    Entry [i, v * c + k, j * n + m] is cell v of window j in line i of channel k of image m. A whole window is a `stack`
    of lines, which is a view: so a copy kw times as large as the image is enough, where a copy of each window (im2col)
    would be kh kw times as large (Cho and Brand 2017, arXiv:1706.06873).
    """
    down, across = windows
    image = arena.lines(x)
    h, c, _, n = image.shape
    lines = arena.empty((max(down.before + h, down.end), across.kernel, c, across.count, n))
    if down.outside or across.outside:
        lines[...] = 0
    for v in range(across.kernel):
        positions, xs = across.meet(v)
        lines[down.before : down.before + h, v, :, positions] = image[:, :, xs]
    return lines.reshape(len(lines), across.kernel * c, across.count * n)


def fold(lines: Array, windows: tuple[Windows, Windows], n: int, arena: Arena) -> Array:
    """Return for each pixel the sum over the windows across that contain it: the adjoint of `unfold`."""
    down, across = windows
    lines = lines.reshape(down.size, across.kernel, -1, across.count, n)
    x = arena.images((n, down.size, across.size, lines.shape[2]))
    image = arena.lines(x)
    image[...] = 0
    for v in range(across.kernel):
        positions, xs = across.meet(v)
        image[:, :, xs] += lines[:, v, :, positions]
    return x


def stack(lines: Array, kernel: int, stride: int, count: int) -> Array:
    """Return `count` stacks of `kernel` lines, `stride` lines from one to the next, as a view.

    From lines of shape (height, a, b) come stacks of shape (count, kernel * a, b).
    """
    _, a, b = lines.shape
    to_line, to_a, to_b = lines.strides
    return as_strided(lines, (count, kernel * a, b), (to_line * stride, to_a, to_b), writeable=False)
