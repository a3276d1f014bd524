"""A warp takes each pixel of an image from somewhere near. Past the border lies the nearest pixel or a constant."""

from typing import Any

import numpy as np

from .arena import Arena, Array

Fill = float | str  # a number, or "nearest"


def pad(x: Array, height: int, width: int, fill: Fill) -> Array:
    """Return images of shape (n, h, w, c) with this many pixels more on each side."""
    widths = ((0, 0), (height, height), (width, width), (0, 0))
    return np.pad(x, widths, mode="edge") if fill == "nearest" else np.pad(x, widths, constant_values=fill)


def warp(x: Array, down: Array, across: Array, fill: Fill, arena: Arena) -> Array:
    """Return y[k, i, j] = x[k, i + down[k, i, j], j + across[k, i, j]], between pixels by bilinear interpolation.

    As `scipy.ndimage.map_coordinates` of order 1 does it in mode "nearest" or "grid-constant", 2 to 4 times as fast.

    Parameters
    ----------
    x : ndarray of shape (n, h, w, c)
        Images.
    down, across : ndarray of shape (n, h, w)
        How far each pixel looks; written to.
    fill : "nearest" or float
        What lies past the border.
    arena : Arena
        Where y lies.
    """
    n, h, w, c = x.shape
    image = np.arange(n)[:, None, None] * (h + 2)
    # A border of one pixel is enough: what lies further out has the same number.
    corner = (image + _split(down, np.arange(h)[:, None], h)) * (w + 2) + _split(across, np.arange(w), w)
    channels = pad(x, 1, 1, fill).reshape(-1, c).T.copy()  # one after the other: 1.4 times as fast for three of them
    y = arena.empty(x.shape)
    for k, channel in enumerate(channels):
        top, top_right, bottom, bottom_right = (channel.take(corner + far) for far in (0, 1, w + 2, w + 3))
        y[..., k] = _between(_between(top, top_right, across), _between(bottom, bottom_right, across), down)
    return y


def _split(offset: Array, start: Any, size: int) -> Array:
    """Return the whole part of 1 + start + offset, within 0 to size, and leave the fraction in offset."""
    offset += (start + 1).astype(offset.dtype)
    np.clip(offset, 0, size + 1, out=offset)
    whole = np.minimum(offset.astype(np.intp), size)
    offset -= whole
    return whole


def _between(a: Array, b: Array, fraction: Array) -> Array:
    """Write a + fraction (b - a) into a."""
    b -= a
    b *= fraction
    a += b
    return a
