"""Regularisation by noise: dropout, DropConnect and Gaussian noise, in training only."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..arena import Array
from ..settings import check_number
from .base import Backward, Layer, Mode, Param, Shape, Views, keep_mask


def _pass(dy: Array, g: Views, need_dx: bool) -> Array:
    return dy


@dataclass(frozen=True)
class Dropout(Layer):
    """Dropout: set entries to 0 with probability `rate`, and divide the others by 1 - rate (lecture row 20).

    A new mask is drawn for every row of every mini-batch. Scaling in training ("inverted dropout") preserves the
    expected input of the next layer, so in prediction the layer is the identity (Srivastava et al. 2014).

    Parameters
    ----------
    rate : float
        Probability of dropping an entry, 0 <= rate < 1.
    per_sequence : bool, default=False
        Whether to use the same mask for all steps of a row of shape (n_steps, n_features) (Gal and Ghahramani 2016).
    """

    rate: float = 0.5
    per_sequence: bool = field(default=False, kw_only=True)

    accepts_sparse = True
    is_random = True

    def __post_init__(self) -> None:
        check_number(self, "rate", 0, 1)

    def forward(self, p: Views, x: Any, mode: Mode) -> tuple[Any, Backward]:
        if not mode.training or self.rate == 0:
            return x, _pass
        if not isinstance(x, np.ndarray):
            y = x.copy()
            y.data *= keep_mask(x.data, self.rate, mode, mode.rng)
            return y, _pass
        if self.per_sequence:
            mask = keep_mask(x[:, 0], self.rate, mode, mode.rng)[:, None]
        else:
            mask = keep_mask(x, self.rate, mode, mode.rng)

        def backward(dy: Array, g: Views, need_dx: bool) -> Array | None:
            dy *= mask
            return dy

        return np.multiply(x, mask, out=mode.arena.empty_like(x)), backward


@dataclass(frozen=True)
class GaussianNoise(Layer):
    """y = x + N(0, std^2) in training (lecture row 18; Bishop 1995).

    Parameters
    ----------
    std : float
        Standard deviation of the noise.
    """

    std: float = 0.1

    is_random = True

    def __post_init__(self) -> None:
        check_number(self, "std", 0)

    def forward(self, p: Views, x: Any, mode: Mode) -> tuple[Any, Backward]:
        if not mode.training or self.std == 0:
            return x, _pass
        y = mode.arena.empty_like(x)
        mode.rng.standard_normal(out=y.ravel("K"), dtype=mode.arena.dtype)
        y *= self.std
        y += x
        return y, _pass


def _dropped(params: dict[str, Param]) -> list[str]:
    """Return which arrays DropConnect drops: the weights of connections, not the gain of a unit."""
    return [name for name, param in params.items() if param.is_weight and len(param.shape) >= 2]


@dataclass(frozen=True)
class DropConnect(Layer):
    """A layer whose weights are dropped with probability `rate`: y = (W * M) x + b (lecture row 21).

    A new mask M is drawn for each mini-batch, and the kept weights are divided by 1 - rate. Prediction uses W, the mean
    (Wan et al. 2013, with the mean instead of their Gaussian approximation).

    Parameters
    ----------
    layer : Layer
        A layer with weights, such as Dense or Conv2D.
    rate : float
        Probability of dropping a weight.
    """

    layer: Layer
    rate: float = 0.5

    is_random = True

    @property
    def accepts_sparse(self) -> bool:  # type: ignore[override]
        """Whether the layer inside accepts CSR rows."""
        return self.layer.accepts_sparse

    @property
    def in_shards(self) -> bool:  # type: ignore[override]
        """Whether mini-batches are divided into shards, as for the layer inside."""
        return self.layer.in_shards

    @property
    def own_weights(self) -> bool:  # type: ignore[override]
        """Whether each position has weights of its own, as in the layer inside."""
        return self.layer.own_weights

    def __post_init__(self) -> None:
        check_number(self, "rate", 0, 1)

    def plan(self, input_shape: Shape) -> tuple[Shape, dict[str, Param]]:
        shape, params = self.layer.plan(input_shape)
        if not _dropped(params):
            raise ValueError(f"DropConnect drops weights, and {self.layer} has none. Use Dropout, or give it a Dense.")
        return shape, params

    def forward(self, p: Views, x: Any, mode: Mode) -> tuple[Any, Backward]:
        if not mode.training or self.rate == 0:
            return self.layer.forward(p, x, mode)
        params = self.layer.plan(x.shape[1:])[1]
        masks = {name: keep_mask(getattr(p, name), self.rate, mode, mode.batch_rng) for name in _dropped(params)}
        masked = {
            name: np.multiply(getattr(p, name), mask, out=mode.arena.empty(mask.shape)) for name, mask in masks.items()
        }
        y, inner = self.layer.forward(Views({**vars(p), **masked}), x, mode)

        def backward(dy: Array, g: Views, need_dx: bool) -> Array | None:
            dx = inner(dy, g, need_dx)
            for name, mask in masks.items():
                window = getattr(g, name)
                window *= mask
            return dx

        return y, backward
