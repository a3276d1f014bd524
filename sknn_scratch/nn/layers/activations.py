"""An activation bends every number on its own: y = f(x). Its slope is written in terms of y."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit

from ..arena import Array
from .base import Backward, Layer, Mode, Views


class Activation(Layer):
    """Base of the elementwise layers; one more needs `activate` and `slope`, two formulas (lecture row 4)."""

    def activate(self, x: Array, out: Array) -> Array:
        """Write f(x) into `out` and return it.

        Parameters
        ----------
        x : ndarray
            Numbers, which stay as they are.
        out : ndarray
            Where the result goes.

        Returns
        -------
        ndarray
            The `out`.
        """
        raise NotImplementedError

    def slope(self, y: Array) -> Array:
        """Return f'(x) where f(x) = y.

        Parameters
        ----------
        y : ndarray
            What `activate` returned.

        Returns
        -------
        ndarray
            The slope at each number, in the form of y.
        """
        raise NotImplementedError

    def forward(self, p: Views, x: Any, mode: Mode) -> tuple[Any, Backward]:
        y = self.activate(x, mode.arena.empty_like(x))

        def backward(dy: Array, g: Views, need_dx: bool) -> Array | None:
            if not need_dx:
                return None
            dy *= self.slope(y)
            return dy

        return y, backward


@dataclass(frozen=True)
class Identity(Activation):
    """f(x) = x."""

    def forward(self, p: Views, x: Any, mode: Mode) -> tuple[Any, Backward]:
        return x, lambda dy, g, need_dx: dy


@dataclass(frozen=True)
class Logistic(Activation):
    """f(x) = 1 / (1 + exp(-x)), the lectures' sigmoid."""

    def activate(self, x: Array, out: Array) -> Array:
        return expit(x, out=out)

    def slope(self, y: Array) -> Array:
        return y * (1 - y)


@dataclass(frozen=True)
class Tanh(Activation):
    """f(x) = tanh(x)."""

    def activate(self, x: Array, out: Array) -> Array:
        return np.tanh(x, out=out)

    def slope(self, y: Array) -> Array:
        return 1 - y * y


@dataclass(frozen=True)
class ReLU(Activation):
    """f(x) = max(0, x)."""

    def activate(self, x: Array, out: Array) -> Array:
        return np.maximum(x, 0, out=out)

    def slope(self, y: Array) -> Array:
        return y > 0


@dataclass(frozen=True)
class LeakyReLU(Activation):
    """f(x) = x for x > 0, else a x (Maas et al. 2013).

    Parameters
    ----------
    a : float
        Slope below zero, 0 < a < 1.
    """

    a: float = 0.01

    def __post_init__(self) -> None:
        if not 0 < self.a < 1:
            raise ValueError(f"LeakyReLU needs 0 < a < 1, got a={self.a}.")

    def activate(self, x: Array, out: Array) -> Array:
        return np.maximum(x, np.multiply(x, self.a, out=out), out=out)

    def slope(self, y: Array) -> Array:
        return np.where(y > 0, y.dtype.type(1), y.dtype.type(self.a))


@dataclass(frozen=True)
class ELU(Activation):
    """f(x) = x for x > 0, else exp(x) - 1 (Clevert et al. 2016, arXiv:1511.07289)."""

    def activate(self, x: Array, out: Array) -> Array:
        np.expm1(np.minimum(x, 0, out=out), out=out)
        return np.maximum(x, out, out=out)  # expm1(x) >= x, with equality at 0: the larger one is f for x > 0 too

    def slope(self, y: Array) -> Array:
        return np.minimum(y, 0) + 1


@dataclass(frozen=True)
class Softplus(Activation):
    """f(x) = log(1 + exp(x)), a smooth ReLU."""

    def activate(self, x: Array, out: Array) -> Array:
        return np.logaddexp(x, 0, out=out)

    def slope(self, y: Array) -> Array:
        return -np.expm1(-y)


@dataclass(frozen=True)
class Step(Activation):
    """f(x) = 1 where x > 0, else 0: the perceptron as a logic gate (lecture rows 1 and 2).

    It has no useful gradient, so a network with it can be given weights by hand but not trained.
    """

    def activate(self, x: Array, out: Array) -> Array:
        return np.greater(x, 0, out=out, casting="unsafe")

    def slope(self, y: Array) -> Array:
        raise ValueError(
            "Step has no gradient, so a network with it cannot be trained. Use Logistic() or ReLU() to train."
        )


ACTIVATIONS = {
    "identity": Identity,
    "logistic": Logistic,
    "tanh": Tanh,
    "relu": ReLU,
    "leaky_relu": LeakyReLU,
    "elu": ELU,
    "softplus": Softplus,
}
