"""The elastic-net penalty on weights: its value, its subgradient, and projection onto an orthant."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .arena import Array


@dataclass(frozen=True)
class ElasticNet:
    """alpha [l1_ratio sum |w| + (1 - l1_ratio) / 2 sum w^2] (lecture row 16; Zou and Hastie 2005).

    It is added to the mean loss, so its effect depends neither on the number of rows nor on the size of a batch.

    Parameters
    ----------
    alpha : float, default=0.0
        Strength.
    l1_ratio : float, default=0.0
        Share of the absolute values.
    per_noise : float, default=0.0
        How much alpha grows with the share of noise, from 0 to 1, that training measures.
    """

    alpha: float = 0.0
    l1_ratio: float = 0.0
    per_noise: float = 0.0

    def at(self, noise: float) -> "ElasticNet":
        """Return the penalty for this share of noise."""
        return ElasticNet(self.alpha + self.per_noise * noise, self.l1_ratio)

    @cached_property
    def l1(self) -> float:
        """Strength of the sum of absolute values."""
        return self.alpha * self.l1_ratio

    @cached_property
    def l2(self) -> float:
        """Strength of half the sum of squares."""
        return self.alpha * (1 - self.l1_ratio)

    def value(self, w: Array) -> float:
        """Return the penalty of the weights."""
        value = 0.5 * self.l2 * float(np.dot(w, w)) if self.l2 else 0.0
        return value + self.l1 * float(np.abs(w).sum()) if self.l1 else value

    def add_gradient(self, w: Array, g: Array) -> None:
        """Add the gradient of the penalty to the gradient `g` of the loss, in place.

        Where w = 0 the L1 part has a kink, and g becomes the subgradient of least norm: 0 as long as |g| <= l1, so a
        weight leaves zero only if that lowers the loss more than it raises the penalty (Andrew and Gao 2007).
        """
        if self.l2:
            g += self.l2 * w
        if self.l1:
            at_zero = np.sign(g) * np.maximum(np.abs(g) - self.l1, 0)
            g += self.l1 * np.sign(w)
            np.copyto(g, at_zero, where=w == 0)

    def orthant(self, w: Array, g: Array) -> Array | None:
        """Return the sign each weight may have after a step: its own, or at 0 that of the direction of descent."""
        return np.where(w == 0, -np.sign(g), np.sign(w)) if self.l1 else None

    def project(self, w: Array, orthant: Array | None) -> None:
        """Set the weights that left their orthant to exactly zero."""
        if orthant is not None:
            w[np.sign(w) != orthant] = 0
