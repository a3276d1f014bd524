"""Standardisation of the inputs by a measured mean and scale, with a smooth clipping of outliers."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..arena import Array
from ..initializers import Ones, Zeros
from .base import Backward, Layer, Mode, Param, Shape, Views

LIMIT = 3.0


@dataclass(frozen=True)
class Standardize(Layer):
    """y = 3 tanh((x - mean) * scale / 3): mean 0, variance 1, outliers clipped smoothly (lecture row 23).

    Small values stay nearly linear, and all are bounded by 3; the idea is that of
    Holzmueller et al. 2024 (arXiv:2407.04491), who use x / sqrt(1 + (x / 3)^2). There is one mean and one scale for
    each entry of the last axis: for each column of flat rows, for each channel of images. Both are kept in theta
    without being trained, 0 and 1 until they are measured. Sparse rows are scaled but not shifted, so they stay sparse.
    """

    accepts_sparse = True

    def plan(self, input_shape: Shape) -> tuple[Shape, dict[str, Param]]:
        channels = input_shape[-1:]
        mean = Param(channels, Zeros(), decay=False, trained=False)
        return input_shape, {"mean": mean, "scale": replace(mean, init=Ones())}

    def forward(self, p: Views, x: Any, mode: Mode) -> tuple[Any, Backward]:
        if not isinstance(x, np.ndarray):
            y = x.copy()
            y.data = LIMIT * np.tanh(x.data * p.scale[x.indices] / LIMIT)
            return y, _no_gradient
        clipped = np.subtract(x, p.mean, out=mode.arena.empty_like(x))
        clipped *= p.scale / LIMIT
        np.tanh(clipped, out=clipped)
        y = np.multiply(clipped, LIMIT, out=mode.arena.empty_like(x))

        def backward(dy: Array, g: Views, need_dx: bool) -> Array | None:
            return dy * (1 - clipped * clipped) * p.scale if need_dx else None

        return y, backward


def _no_gradient(dy: Array, g: Views, need_dx: bool) -> None:
    return None
