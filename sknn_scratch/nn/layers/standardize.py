"""Standardisation of the inputs by a measured mean and scale, with a smooth clipping of outliers."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..arena import Arena, Array
from ..initializers import Ones, Zeros
from .base import Backward, Layer, Mode, Param, Shape, Views

LIMIT = 3.0
HUGE = 1e12  # what is larger is at the limit in any case, and its powers would overflow
LARGE = 1e37  # a mean or scale for which float32 might overflow


@dataclass(frozen=True)
class Standardize(Layer):
    """y = z / sqrt(1 + (z / 3)^2) with z = (x - mean) * scale: mean 0, variance 1, soft clipping (lecture row 23).

    The clipping changes typical values little and bounds the absolute value by 3 (Holzmueller et al. 2024,
    arXiv:2407.04491). There is one mean and one scale for each entry of the last axis: for each column of flat rows,
    for each channel of images. Both are measured on the training data, not trained; initially they are 0 and 1. z is
    computed in the dtype of x, or in float64 if float32 could overflow, so that a float64 column with a large mean does
    not lose accuracy in a float32 network. Sparse rows stay sparse if the mean is 0, as it is when measured on sparse
    rows.
    """

    accepts_sparse = True
    accepts_any_dtype = True
    constant = True

    def plan(self, input_shape: Shape) -> tuple[Shape, dict[str, Param]]:
        channels = input_shape[-1:]
        mean = Param(channels, Zeros(), decay=False, trained=False)
        return input_shape, {"mean": mean, "scale": replace(mean, init=Ones())}

    def forward(self, p: Views, x: Any, mode: Mode) -> tuple[Any, Backward]:
        if x.dtype == np.float32 and not max(np.abs(p.mean).max(), p.scale.max()) < LARGE:
            x = x.astype(np.float64)
        if not isinstance(x, np.ndarray) and p.mean.any():
            x = x.toarray()
        if not isinstance(x, np.ndarray):
            z = x.data * p.scale.astype(x.dtype)[x.indices]
            y = x.astype(mode.arena.dtype)
            y.data, _ = _clip(z.astype(mode.arena.dtype, copy=False), mode.arena)
            y.data = y.data.copy()  # the arena's is lent for one mini-batch
            return y, _no_gradient
        scale = p.scale.astype(x.dtype, copy=False)
        out = mode.arena.empty_like(x) if x.dtype == mode.arena.dtype else None
        z = np.subtract(x, p.mean.astype(x.dtype, copy=False), out=out)
        z *= scale
        y, root = _clip(z.astype(mode.arena.dtype, copy=False), mode.arena)

        def backward(dy: Array, g: Views, need_dx: bool) -> Array | None:
            return dy * scale / (root * root * root) if need_dx else None

        return y, backward


def _clip(z: Array, arena: Arena) -> tuple[Array, Array]:
    """Return z / sqrt(1 + (z / 3)^2), and the root."""
    z = np.clip(z, -HUGE, HUGE, out=arena.empty_like(z))
    root = np.multiply(z, 1 / LIMIT, out=arena.empty_like(z))
    root *= root
    root += 1
    np.sqrt(root, out=root)
    return np.divide(z, root, out=arena.empty_like(z)), root


def _no_gradient(dy: Array, g: Views, need_dx: bool) -> None:
    return None
