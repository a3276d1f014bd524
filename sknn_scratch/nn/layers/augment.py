"""An augmentation shows each image of a training batch a little changed, afresh every time it is seen.

Augmentations come first in a network: they see images (height, width, channels) before these are standardised. What
has no pixel to come from, past the border, is filled with the nearest pixel or with a constant (`fill`).
"""

import math
from dataclasses import dataclass, field
from functools import lru_cache
from numbers import Integral, Real
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter1d

from ..arena import Arena, Array
from ..warp import Fill, pad, warp
from .base import Backward, Layer, Mode, Param, Shape, Views


class Augmentation(Layer):
    """Base of the augmentations (lecture row 19): one of them is one `augment`, and prediction leaves x as it is."""

    is_random = True
    in_shards = True

    def plan(self, input_shape: Shape) -> tuple[Shape, dict[str, Param]]:
        if len(input_shape) != 3:
            raise ValueError(
                f"{type(self).__name__} needs images (height, width, channels), got rows of shape {input_shape}. "
                "Put Reshape((height, width, channels)) before it."
            )
        return input_shape, {}

    def forward(self, p: Views, x: Array, mode: Mode) -> tuple[Array, Backward]:
        def backward(dy: Array, g: Views, need_dx: bool) -> Array:
            if need_dx and mode.training:
                raise ValueError(f"{type(self).__name__} has no gradient. Put it before all layers with weights.")
            return dy

        return self.augment(x, mode) if mode.training else x, backward

    def augment(self, x: Array, mode: Mode) -> Array:
        """Return the images x of shape (n, h, w, c), each changed in its own way."""
        raise NotImplementedError


@dataclass(frozen=True)
class RandomShift(Augmentation):
    """Images move by whole pixels, uniformly from -pixels to pixels, down and across on their own.

    A crop at random from the image with `pixels` more on each side, as in torchvision's ``RandomCrop(size, padding)``
    and in Keras' ``width_shift_range=int``; fractions of the image are not understood.

    Parameters
    ----------
    pixels : int or pair of int
        Longest way, for both directions or for (down, across).
    fill : "nearest" or float
        What comes in at the border: the nearest pixel of the image, or this number.

    Examples
    --------
    >>> from sknn_scratch import NetworkClassifier
    >>> from sknn_scratch.nn.layers import Conv2D, Flatten, RandomShift, ReLU, Reshape
    >>> layers = [Reshape((8, 8, 1)), RandomShift(1), Conv2D(16), ReLU(), Flatten()]
    >>> classifier = NetworkClassifier(layers)
    """

    pixels: int | tuple[int, int] = 2
    fill: Fill = field(default="nearest", kw_only=True)

    def __post_init__(self) -> None:
        whole = len(self._pair) == 2 and all(isinstance(n, Integral) and n >= 0 for n in self._pair)
        _check(self, whole, "a whole number of pixels from 0 on or a pair (down, across)")
        _check_fill(self)

    @property
    def _pair(self) -> tuple[int, int]:
        return self.pixels if isinstance(self.pixels, tuple) else (self.pixels, self.pixels)

    def augment(self, x: Array, mode: Mode) -> Array:
        n, h, w, _ = x.shape
        down, across = self._pair
        corners = mode.rng.integers((2 * down + 1, 2 * across + 1), size=(n, 2)).tolist()
        padded = pad(x, down, across, self.fill)
        y = mode.arena.empty(x.shape)
        for image, source, (i, j) in zip(y, padded, corners, strict=True):
            image[...] = source[i : i + h, j : j + w]
        return y


@dataclass(frozen=True)
class RandomFlip(Augmentation):
    """Images are mirrored with probability 1/2.

    Parameters
    ----------
    horizontal, vertical : bool
        Whether left and right, and whether top and bottom, may change places; each on its own.
    """

    horizontal: bool = True
    vertical: bool = False

    def augment(self, x: Array, mode: Mode) -> Array:
        y = mode.arena.empty(x.shape)
        y[...] = x
        for wanted, mirrored in ((self.horizontal, y[:, :, ::-1]), (self.vertical, y[:, ::-1])):
            if wanted:
                chosen = mode.rng.random(len(x)) < 0.5
                y[chosen] = mirrored[chosen]
        return y


@dataclass(frozen=True)
class RandomBrightness(Augmentation):
    """Images are multiplied by a number drawn uniformly from 1 - factor to 1 + factor, so black (0) stays black.

    The brightness of torchvision's ``ColorJitter``, but nothing is clipped: which numbers mean white is not known here.

    Parameters
    ----------
    factor : float
        0 <= factor < 1.
    """

    factor: float = 0.2

    def __post_init__(self) -> None:
        _check_factor(self)

    def augment(self, x: Array, mode: Mode) -> Array:
        return np.multiply(x, _around_1(self.factor, (len(x), 1, 1, 1), mode), out=mode.arena.empty(x.shape))


@dataclass(frozen=True)
class RandomColor(Augmentation):
    """Each channel is multiplied by its own number drawn uniformly from 1 - factor to 1 + factor: light has a colour.

    Parameters
    ----------
    factor : float
        0 <= factor < 1.
    """

    factor: float = 0.1

    def __post_init__(self) -> None:
        _check_factor(self)

    def augment(self, x: Array, mode: Mode) -> Array:
        shape = (len(x), 1, 1, x.shape[3])
        return np.multiply(x, _around_1(self.factor, shape, mode), out=mode.arena.empty(x.shape))


@dataclass(frozen=True)
class Geometric(Augmentation):
    """Base of the augmentations that take each pixel from somewhere near: one of them is one field of displacements."""

    fill: Fill = field(default="nearest", kw_only=True)

    def __post_init__(self) -> None:
        _check_fill(self)

    def displacements(self, n: int, h: int, w: int, mode: Mode) -> tuple[Array, Array]:
        """Return how far down and how far across each pixel of n images looks, two arrays of shape (n, h, w)."""
        raise NotImplementedError

    def augment(self, x: Array, mode: Mode) -> Array:
        down, across = self.displacements(*x.shape[:3], mode)
        return warp(x, down, across, self.fill, mode.arena)


@dataclass(frozen=True)
class RandomRotation(Geometric):
    """Images turn about their centre by an angle drawn uniformly from -degrees to degrees.

    Parameters
    ----------
    degrees : float
        Largest angle.
    fill : "nearest" or float
        What comes in at the border: the nearest pixel of the image, or this number.
    """

    degrees: float = 10.0

    def __post_init__(self) -> None:
        super().__post_init__()
        _check(self, 0 <= self.degrees < math.inf, "0 <= degrees < inf")

    def displacements(self, n: int, h: int, w: int, mode: Mode) -> tuple[Array, Array]:
        angle = np.radians(mode.rng.uniform(-self.degrees, self.degrees, n))
        return _similarity(np.exp(1j * angle), h, w, mode.arena)


@dataclass(frozen=True)
class RandomScaling(Geometric):
    """Images grow about their centre by a number drawn uniformly from 1 - factor to 1 + factor; their size stays.

    Parameters
    ----------
    factor : float
        0 <= factor < 1.
    fill : "nearest" or float
        What comes in at the border: the nearest pixel of the image, or this number.
    """

    factor: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_factor(self)

    def displacements(self, n: int, h: int, w: int, mode: Mode) -> tuple[Array, Array]:
        return _similarity(1 / mode.rng.uniform(1 - self.factor, 1 + self.factor, n), h, w, mode.arena)


@dataclass(frozen=True)
class ElasticDistortion(Geometric):
    """Images are distorted like rubber, by random displacements that a Gaussian has smoothed.

    Displacements down and across are drawn uniformly from -1 to 1 for each pixel, convolved with a Gaussian of
    standard deviation sigma and multiplied by alpha (Simard, Steinkraus and Platt 2003, who take 34 and 4 for images
    of 29 x 29). So their standard deviation is about alpha / (sigma sqrt(12 pi)) pixels, 1.4 for these numbers; less
    near the border, past which there are none.

    Parameters
    ----------
    alpha : float
        How strongly.
    sigma : float
        How smoothly, in pixels: small ones crumple, large ones move the whole image.
    fill : "nearest" or float
        What comes in at the border: the nearest pixel of the image, or this number.
    """

    alpha: float = 34.0
    sigma: float = 4.0

    def __post_init__(self) -> None:
        super().__post_init__()
        _check(self, 0 <= self.alpha < math.inf, "0 <= alpha < inf")
        _check(self, 0 < self.sigma < math.inf, "0 < sigma < inf")

    def displacements(self, n: int, h: int, w: int, mode: Mode) -> tuple[Array, Array]:
        dtype = mode.arena.dtype
        noise = mode.rng.random(out=mode.arena.empty((2, n, h, w)), dtype=dtype)
        noise -= 0.5
        noise *= 2 * self.alpha
        smoother = np.matmul(_gaussian(h, self.sigma, dtype), noise, out=mode.arena.empty(noise.shape))
        down, across = np.matmul(smoother, _gaussian(w, self.sigma, dtype).T, out=noise)
        return down, across


@lru_cache(maxsize=8)
def _gaussian(size: int, sigma: float, dtype: Any) -> Array:
    """Return the matrix that smooths an axis of this size: 10 times as fast for a batch as filtering its images."""
    matrix = gaussian_filter1d(np.eye(size), sigma, axis=0, mode="constant").astype(dtype)
    matrix.flags.writeable = False
    return matrix


def _similarity(factor: Array, h: int, w: int, arena: Arena) -> tuple[Array, Array]:
    """Return the displacements that multiply each place, seen from the centre as across + i down, by a factor."""
    place = (np.arange(w) - (w - 1) / 2) + 1j * (np.arange(h) - (h - 1) / 2)[:, None]
    moved = np.multiply.outer(factor - 1, place)  # (n, h, w)
    return moved.imag.astype(arena.dtype), moved.real.astype(arena.dtype)


def _around_1(factor: float, shape: Shape, mode: Mode) -> Array:
    return mode.rng.uniform(1 - factor, 1 + factor, shape).astype(mode.arena.dtype)


def _check(recipe: Layer, holds: bool, what: str) -> None:
    if not holds:
        raise ValueError(f"{type(recipe).__name__} needs {what}, got {recipe}.")


def _check_factor(recipe: Any) -> None:
    _check(recipe, 0 <= recipe.factor < 1, "0 <= factor < 1")


def _check_fill(recipe: Any) -> None:
    known = recipe.fill == "nearest" or (isinstance(recipe.fill, Real) and math.isfinite(recipe.fill))
    _check(recipe, known, 'fill="nearest" or a number')
