"""An augmentation shows each image of a training batch a little changed, afresh every time it is seen.

Augmentations come first in a network: they see images as they are, before these are standardised.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np

from ..arena import Array
from ..warp import Fill, pad, similarity, smooth, warp
from .base import Backward, Layer, Mode, Param, Shape, Views


def _is_whole(pixels: Any) -> bool:
    pair = pixels if isinstance(pixels, tuple) else (pixels, pixels)
    return len(pair) == 2 and all(isinstance(n, Integral) for n in pair) and min(pair) >= 0


def _is_known(fill: Any) -> bool:
    return fill == "nearest" or (isinstance(fill, Real) and math.isfinite(fill))


# What a setting of this name has to be, in whichever augmentation.
LIMITS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "pixels": (_is_whole, "a whole number of pixels from 0 on or a pair of them (down, across)"),
    "degrees": (lambda degrees: 0 <= degrees < math.inf, "0 <= degrees < inf"),
    "factor": (lambda factor: 0 <= factor < 1, "0 <= factor < 1"),
    "alpha": (lambda alpha: 0 <= alpha < math.inf, "0 <= alpha < inf"),
    "sigma": (lambda sigma: 0 < sigma < math.inf, "0 < sigma < inf"),
    "fill": (_is_known, 'fill="nearest" or a number'),
}


class Augmentation(Layer):
    """Base of the augmentations (lecture row 19): another one is another `augment`. Prediction leaves x as it is."""

    is_random = True
    in_shards = True

    def __post_init__(self) -> None:
        for name, (holds, what) in LIMITS.items():
            if hasattr(self, name) and not holds(getattr(self, name)):
                raise ValueError(f"{type(self).__name__} needs {what}, got {name}={getattr(self, name)!r}.")

    def plan(self, input_shape: Shape) -> tuple[Shape, dict[str, Param]]:
        if len(input_shape) != 3:
            raise ValueError(
                f"{type(self).__name__} needs images (height, width, channels), got rows of shape {input_shape}. "
                "Put Reshape((height, width, channels)) before it."
            )
        return input_shape, {}

    def forward(self, p: Views, x: Array, mode: Mode) -> tuple[Array, Backward]:
        def backward(dy: Array, g: Views, need_dx: bool) -> Array:
            if mode.training and need_dx:
                raise ValueError(f"{type(self).__name__} has no gradient. Put it before all layers with weights.")
            return dy

        return self.augment(x, mode) if mode.training else x, backward

    def augment(self, x: Array, mode: Mode) -> Array:
        """Return the images x of shape (n, h, w, c), each changed in its own way."""
        raise NotImplementedError


@dataclass(frozen=True)
class RandomShift(Augmentation):
    """Images move by whole pixels, uniformly from -pixels to pixels, down and across on their own.

    What torchvision's ``RandomCrop(size, padding=pixels)`` does to images of that size; not fractions of the image.

    Parameters
    ----------
    pixels : int or pair of int
        Longest way, in both directions or (down, across).
    fill : "nearest" or float
        What comes in past the border: the pixel nearest to it, or this number.

    Examples
    --------
    Reshape makes images of flat rows:

    >>> from sknn_scratch import NetworkClassifier
    >>> from sknn_scratch.nn.layers import Conv2D, Flatten, RandomShift, ReLU, Reshape
    >>> classifier = NetworkClassifier([Reshape((8, 8, 1)), RandomShift(1), Conv2D(16), ReLU(), Flatten()])
    """

    pixels: int | tuple[int, int] = 2
    fill: Fill = "nearest"

    def augment(self, x: Array, mode: Mode) -> Array:
        n, h, w, _ = x.shape
        down, across = self.pixels if isinstance(self.pixels, tuple) else (self.pixels, self.pixels)
        corners = mode.rng.integers((2 * down + 1, 2 * across + 1), size=(n, 2)).tolist()
        y = mode.arena.empty(x.shape)
        for image, padded, (i, j) in zip(y, pad(x, down, across, self.fill), corners, strict=True):
            image[...] = padded[i : i + h, j : j + w]
        return y


@dataclass(frozen=True)
class RandomFlip(Augmentation):
    """Images are mirrored with probability 1/2.

    Parameters
    ----------
    horizontal : bool
        Whether left and right change places.
    vertical : bool
        Whether top and bottom change places, on its own.
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
    """Images are multiplied by numbers drawn uniformly from 1 - factor to 1 + factor.

    As torchvision's ``ColorJitter(brightness=factor)``, but nothing is clipped: what is white is not known here.

    Parameters
    ----------
    factor : float
        0 <= factor < 1.
    """

    factor: float = 0.2

    def augment(self, x: Array, mode: Mode) -> Array:
        return _multiply(x, self.factor, 1, mode)


@dataclass(frozen=True)
class RandomColor(Augmentation):
    """Channels are multiplied, each on its own, by numbers drawn uniformly from 1 - factor to 1 + factor.

    So red, green and blue change against each other, as under a light of another colour.

    Parameters
    ----------
    factor : float
        0 <= factor < 1.
    """

    factor: float = 0.1

    def augment(self, x: Array, mode: Mode) -> Array:
        return _multiply(x, self.factor, x.shape[3], mode)


class Warping(Augmentation):
    """Base of the augmentations that take each pixel from somewhere near: another one is other `displacements`."""

    fill: Fill

    def augment(self, x: Array, mode: Mode) -> Array:
        down, across = self.displacements(x.shape[:3], mode)
        return warp(x, down, across, self.fill, mode.arena)

    def displacements(self, shape: Shape, mode: Mode) -> tuple[Array, Array]:
        """Return how far down and across each pixel of n images looks, two arrays of this shape (n, h, w)."""
        raise NotImplementedError


@dataclass(frozen=True)
class RandomRotation(Warping):
    """Images turn round their centre, by angles drawn uniformly from -degrees to degrees.

    Parameters
    ----------
    degrees : float
        Largest angle.
    fill : "nearest" or float
        What comes in past the border, as in `RandomShift`.
    """

    degrees: float = 10.0
    fill: Fill = "nearest"

    def displacements(self, shape: Shape, mode: Mode) -> tuple[Array, Array]:
        angle = np.radians(mode.rng.uniform(-self.degrees, self.degrees, shape[0]))
        return similarity(np.exp(1j * angle), shape, mode.arena.dtype)


@dataclass(frozen=True)
class RandomScaling(Warping):
    """Images grow from their centre, by numbers drawn uniformly from 1 - factor to 1 + factor.

    Parameters
    ----------
    factor : float
        0 <= factor < 1.
    fill : "nearest" or float
        What comes in past the border, as in `RandomShift`.
    """

    factor: float = 0.1
    fill: Fill = "nearest"

    def displacements(self, shape: Shape, mode: Mode) -> tuple[Array, Array]:
        growth = mode.rng.uniform(1 - self.factor, 1 + self.factor, shape[0])
        return similarity(1 / growth, shape, mode.arena.dtype)


@dataclass(frozen=True)
class ElasticDistortion(Warping):
    """Images are pulled about like rubber, by displacements that are random but smooth.

    Displacements down and across are drawn uniformly from -1 to 1 for every pixel, smoothed by a Gaussian of standard
    deviation sigma, and multiplied by alpha (Simard, Steinkraus and Platt 2003). Their own standard deviation is then
    alpha / (sigma sqrt(12 pi)) pixels, for sigma of 1 and more; it is less near the border, where the Gaussian meets
    zeros.

    Parameters
    ----------
    alpha : float
        Strength. The default is the paper's for handwritten digits of 29 x 29 and sigma = 4: 1.4 pixels.
    sigma : float
        Smoothness, in pixels.
    fill : "nearest" or float
        What comes in past the border, as in `RandomShift`.
    """

    alpha: float = 34.0
    sigma: float = 4.0
    fill: Fill = "nearest"

    def displacements(self, shape: Shape, mode: Mode) -> tuple[Array, Array]:
        noise = mode.rng.random(out=mode.arena.empty((2, *shape)), dtype=mode.arena.dtype)
        noise -= 0.5
        noise *= 2 * self.alpha
        down, across = smooth(noise, self.sigma)
        return down, across


def _multiply(x: Array, factor: float, channels: int, mode: Mode) -> Array:
    numbers = mode.rng.uniform(1 - factor, 1 + factor, (len(x), 1, 1, channels)).astype(x.dtype)
    return np.multiply(x, numbers, out=mode.arena.empty(x.shape))
