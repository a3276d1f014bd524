"""Memory for the temporary arrays of one mini-batch, used again for the next one."""

import math
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Arena:
    """Reusable memory for the temporary arrays of one thread.

    Every mini-batch needs arrays of the same shapes in the same order, so the n-th request returns the n-th array of
    the previous batch. Without it, temporaries above 128 kB go back to the operating system and are page-faulted in
    again at every batch. No array that outlives the mini-batch may be in an arena.
    """

    def __init__(self, dtype: npt.DTypeLike) -> None:
        self.dtype: Any = np.dtype(dtype)
        self._arrays: list[Array] = []
        self._buffers: list[Array] = []
        self._next = 0

    def reset(self) -> None:
        """Begin a new mini-batch: all arrays may be overwritten from now on."""
        self._next = 0

    def empty(self, shape: tuple[int, ...]) -> Array:
        """Return an uninitialised array of this shape, which is valid until the next `reset`."""
        i = self._next
        self._next = i + 1
        if i == len(self._arrays):
            self._arrays.append(np.empty(shape, self.dtype))
            self._buffers.append(self._arrays[i].reshape(-1))
        elif self._arrays[i].shape != shape:  # the shorter last batch of an epoch
            size = math.prod(shape)
            if size > self._buffers[i].size:
                self._buffers[i] = np.empty(size, self.dtype)
            self._arrays[i] = self._buffers[i][:size].reshape(shape)
        return self._arrays[i]

    def images(self, shape: tuple[int, ...]) -> Array:
        """Return an array for images of shape (n, h, w, c) whose layout in memory is (h, c, w, n).

        Images have this layout from the first convolution to `Flatten` or `Reshape`. What layers copy, compare and add
        up is then contiguous over many images; with channels last in memory too, poolings take 3 times as long.
        """
        n, h, w, c = shape
        return self.empty((h, c, w, n)).transpose(3, 0, 2, 1)

    def steps(self, shape: tuple[int, ...]) -> Array:
        """Return an array for sequences of shape (n, steps, features) whose layout in memory is (steps, n, features).

        Recurrent layers need all rows of one step after the other, as one contiguous array.
        """
        n, n_steps, n_features = shape
        return self.empty((n_steps, n, n_features)).transpose(1, 0, 2)

    def empty_like(self, x: Array, shape: tuple[int, ...] | None = None) -> Array:
        """Return an array of this shape, or that of x, with the memory layout of x: `images`, `steps` or `empty`."""
        allocate = self.empty
        if x.ndim == 4 and x.strides[0] == x.itemsize:
            allocate = self.images
        elif x.ndim == 3 and x.strides[0] < x.strides[1]:
            allocate = self.steps
        return allocate(x.shape if shape is None else shape)

    def lines(self, x: Array) -> Array:
        """Return images as an array of shape (h, c, w, n): a view if they have the layout of `images`, else a copy."""
        lines = x.transpose(1, 3, 2, 0)
        if not lines.flags.c_contiguous:
            image = lines
            lines = self.empty(image.shape)
            lines[...] = image
        return lines


@lru_cache(maxsize=16)
def ones(n: int, dtype: Any) -> Array:
    """Return n ones: a sum as a product with them takes a half to a quarter of the time of `numpy.sum`."""
    array = np.ones(n, dtype)
    array.flags.writeable = False
    return array
