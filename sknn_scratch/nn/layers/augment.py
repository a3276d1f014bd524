"""Data augmentation: random changes of the images of each training mini-batch.

Augmentations are the first layers of a network, before standardisation.
"""

import math
from dataclasses import dataclass

import numpy as np

from ..arena import Array
from ..settings import check_number, check_whole
from ..warp import Fill, pad, similarity, smooth, warp
from .base import Backward, Layer, Mode, Param, Shape, Views


class Augmentation(Layer):
    """Base of the augmentations (lecture row 19); a subclass defines `augment`. In prediction they are the identity."""

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
            if mode.training and need_dx:
                raise ValueError(f"{type(self).__name__} has no gradient. Put it before all layers with weights.")
            return dy

        return self.augment(x, mode) if mode.training else x, backward

    def augment(self, x: Array, mode: Mode) -> Array:
        """Return the images x of shape (n, h, w, c), each with its own random change."""
        raise NotImplementedError


@dataclass(frozen=True)
class RandomShift(Augmentation):
    """Translation by whole pixels, uniform from -pixels to pixels, independently down and across.

    Equivalent to torchvision's ``RandomCrop(size, padding=pixels)`` for images of that size. The unit is pixels, not
    fractions of the image.

    Parameters
    ----------
    pixels : int or pair of int
        Largest shift, in both directions or (down, across).
    fill : "nearest" or float
        Value of pixels from outside of the image: that of the nearest pixel, or this number.

    Examples
    --------
    Reshape turns flat rows into images:

    >>> from sknn_scratch import NetworkClassifier
    >>> from sknn_scratch.nn.layers import Conv2D, Flatten, RandomShift, ReLU, Reshape
    >>> classifier = NetworkClassifier([Reshape((8, 8, 1)), RandomShift(1), Conv2D(16), ReLU(), Flatten()])
    """

    pixels: int | tuple[int, int] = 2
    fill: Fill = "nearest"

    def __post_init__(self) -> None:
        check_whole(self, "pixels", 0, form="pair")
        _check_fill(self)

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
    """Reflection with probability 1/2.

    Parameters
    ----------
    horizontal : bool
        Whether to swap left and right.
    vertical : bool
        Whether to swap top and bottom, independently.
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
    """Multiplication of each image by a number drawn uniformly from 1 - factor to 1 + factor.

    Equivalent to torchvision's ``ColorJitter(brightness=factor)`` without clipping, since the value of white is
    unknown.

    Parameters
    ----------
    factor : float
        0 <= factor < 1.
    """

    factor: float = 0.2

    def __post_init__(self) -> None:
        check_number(self, "factor", 0, 1)

    def augment(self, x: Array, mode: Mode) -> Array:
        return _multiply(x, self.factor, 1, mode)


@dataclass(frozen=True)
class RandomColor(Augmentation):
    """Multiplication of each channel by a number drawn uniformly from 1 - factor to 1 + factor.

    The proportions of red, green and blue change, as under light of another colour.

    Parameters
    ----------
    factor : float
        0 <= factor < 1.
    """

    factor: float = 0.1

    def __post_init__(self) -> None:
        check_number(self, "factor", 0, 1)

    def augment(self, x: Array, mode: Mode) -> Array:
        return _multiply(x, self.factor, x.shape[3], mode)


class Warping(Augmentation):
    """Base of the augmentations that displace pixels; a subclass defines `displacements`."""

    fill: Fill

    def augment(self, x: Array, mode: Mode) -> Array:
        down, across = self.displacements(x.shape[:3], mode)
        return warp(x, down, across, self.fill, mode.arena)

    def displacements(self, shape: Shape, mode: Mode) -> tuple[Array, Array]:
        """Return the displacements down and across of each pixel's source, two arrays of this shape (n, h, w)."""
        raise NotImplementedError


@dataclass(frozen=True)
class RandomRotation(Warping):
    """Rotation about the centre, by an angle drawn uniformly from -degrees to degrees.

    Parameters
    ----------
    degrees : float
        Largest angle.
    fill : "nearest" or float
        Value of pixels from outside of the image, as in `RandomShift`.
    """

    degrees: float = 10.0
    fill: Fill = "nearest"

    def __post_init__(self) -> None:
        check_number(self, "degrees", 0)
        _check_fill(self)

    def displacements(self, shape: Shape, mode: Mode) -> tuple[Array, Array]:
        angle = np.radians(mode.rng.uniform(-self.degrees, self.degrees, shape[0]))
        return similarity(np.exp(1j * angle), shape, mode.arena.dtype)


@dataclass(frozen=True)
class RandomScaling(Warping):
    """Scaling about the centre, by a number drawn uniformly from 1 - factor to 1 + factor.

    Parameters
    ----------
    factor : float
        0 <= factor < 1.
    fill : "nearest" or float
        Value of pixels from outside of the image, as in `RandomShift`.
    """

    factor: float = 0.1
    fill: Fill = "nearest"

    def __post_init__(self) -> None:
        check_number(self, "factor", 0, 1)
        _check_fill(self)

    def displacements(self, shape: Shape, mode: Mode) -> tuple[Array, Array]:
        growth = mode.rng.uniform(1 - self.factor, 1 + self.factor, shape[0])
        return similarity(1 / growth, shape, mode.arena.dtype)


@dataclass(frozen=True)
class ElasticDistortion(Warping):
    """Elastic distortion by smooth random displacements.

    Displacements down and across are drawn uniformly from -1 to 1 for every pixel, smoothed by a Gaussian of standard
    deviation sigma, and multiplied by alpha (Simard, Steinkraus and Platt 2003). Their own standard deviation is then
    alpha / (sigma sqrt(12 pi)) pixels, for sigma of 1 and more; it is less near the border, outside of which
    the noise is 0.

    Parameters
    ----------
    alpha : float
        Strength. The default is the paper's for handwritten digits of 29 x 29 and sigma = 4: 1.4 pixels.
    sigma : float
        Smoothness, in pixels.
    fill : "nearest" or float
        Value of pixels from outside of the image, as in `RandomShift`.
    """

    alpha: float = 34.0
    sigma: float = 4.0
    fill: Fill = "nearest"

    def __post_init__(self) -> None:
        check_number(self, "alpha", 0)
        check_number(self, "sigma", 0, closed=False)
        _check_fill(self)

    def displacements(self, shape: Shape, mode: Mode) -> tuple[Array, Array]:
        noise = mode.rng.random(out=mode.arena.empty((2, *shape)), dtype=mode.arena.dtype)
        noise -= 0.5
        noise *= 2 * self.alpha
        down, across = smooth(noise, self.sigma)
        return down, across


def _check_fill(recipe: Augmentation) -> None:
    check_number(recipe, "fill", -math.inf, closed=False, words=("nearest",))


def _multiply(x: Array, factor: float, channels: int, mode: Mode) -> Array:
    numbers = mode.rng.uniform(1 - factor, 1 + factor, (len(x), 1, 1, channels)).astype(x.dtype)
    return np.multiply(x, numbers, out=mode.arena.empty(x.shape))
