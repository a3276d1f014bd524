"""Resampling of images by displacements of their pixels, with bilinear interpolation."""

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d

from .arena import Arena, Array

Fill = float | str  # a number, or "nearest"


def pad(x: Array, height: int, width: int, fill: Fill) -> Array:
    """Return images of shape (n, h, w, c) with this many pixels more on each side."""
    widths = ((0, 0), (height, height), (width, width), (0, 0))
    return np.pad(x, widths, mode="edge") if fill == "nearest" else np.pad(x, widths, constant_values=fill)


def warp(x: Array, down: Array, across: Array, fill: Fill, arena: Arena) -> Array:
    """Return y[k, i, j] = x[k, i + down[k, i, j], j + across[k, i, j]], between pixels by bilinear interpolation.

    Equal to `scipy.ndimage.map_coordinates` of each image with order 1 and mode "nearest" or "grid-constant", 3 times
    as fast.

    Parameters
    ----------
    x : ndarray of shape (n, h, w, c)
        Images.
    down, across : ndarray of shape (n, h, w)
        Displacement of each pixel's source; overwritten.
    fill : "nearest" or float
        Value outside of the images.
    arena : Arena
        Memory for y.

    Returns
    -------
    y : ndarray of shape (n, h, w, c)
        Images.
    """
    n, h, w, c = x.shape
    down += np.arange(h, dtype=down.dtype)[:, None]
    across += np.arange(w, dtype=across.dtype)
    corner = _split(down, h) * (w + 4) + _split(across, w)  # top left of the four pixels around a place
    corner += np.arange(0, n * (h + 4) * (w + 4), (h + 4) * (w + 4))[:, None, None]
    # Channel by channel: for three of them 1.4 times as fast as all at once.
    channels = pad(x, 2, 2, fill).reshape(-1, c).T.copy()
    y = arena.empty(x.shape)
    for k, channel in enumerate(channels):
        top, top_right, bottom, bottom_right = (
            channel[offset:].take(corner, mode="clip")  # none is clipped, but none is checked either
            for offset in (0, 1, w + 4, w + 5)
        )
        y[..., k] = _between(_between(top, top_right, across), _between(bottom, bottom_right, across), down)
    return y


def similarity(factor: Array, shape: tuple[int, ...], dtype: npt.DTypeLike) -> tuple[Array, Array]:
    """Return the displacements that rotate and scale images about their centre.

    The source of a pixel is its position, x to the right and y down from the centre, times the complex number of its
    image: (a + ib)(x + iy) = (ax - by) + i(ay + bx).

    Parameters
    ----------
    factor : ndarray of shape (n,)
        a + ib: exp(i angle) rotates to the left, 1 / 2 doubles the size.
    shape : tuple (n, h, w)
        Shape of the images.
    dtype : dtype
        Of the displacements.

    Returns
    -------
    down, across : ndarray of shape (n, h, w)
        Displacement of each pixel's source.
    """
    a, b = (part.astype(dtype)[:, None, None] for part in ((factor - 1).real, factor.imag))
    _, h, w = shape
    x = np.arange(w, dtype=dtype) - (w - 1) / 2
    y = (np.arange(h, dtype=dtype) - (h - 1) / 2)[:, None]
    return a * y + b * x, a * x - b * y


def smooth(noise: Array, sigma: float) -> Array:
    """Return `scipy.ndimage.gaussian_filter` of the last two axes, with zeros past the border, 9 times as fast."""
    h, w = noise.shape[-2:]
    return _gaussian(h, sigma, noise.dtype) @ noise @ _gaussian(w, sigma, noise.dtype).T


@lru_cache(maxsize=8)
def _gaussian(size: int, sigma: float, dtype: Any) -> Array:
    """Return the matrix that smooths along an axis of this size."""
    matrix = gaussian_filter1d(np.eye(size), sigma, axis=0, mode="constant").astype(dtype)
    matrix.flags.writeable = False
    return matrix


def _split(place: Array, size: int) -> Array:
    """Return the integer part of each position, in the padded image, and leave the fraction in `place`.

    Two pixels of padding are enough: further out the image is constant.
    """
    np.clip(place, -1, size, out=place)
    before = np.floor(place)
    place -= before
    return before.astype(np.intp) + 2


def _between(a: Array, b: Array, fraction: Array) -> Array:
    """Write a + fraction (b - a) into a."""
    b -= a
    b *= fraction
    a += b
    return a
