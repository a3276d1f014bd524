"""Activations: elementwise functions y = f(x)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit, ndtr

from ..arena import Array
from ..settings import check_number
from .base import Backward, Layer, Mode, Views


class Activation(Layer):
    """Base of the activations, elementwise layers; a subclass defines `activate` and `slope` (lecture row 4).

    Requirements: each element of y depends only on the same element of x; x is not modified; float32 inputs give
    float32 outputs; for x from -1e30 to 1e30 results are finite, and no intermediate result overflows. With ``rises =
    True``, f must be non-decreasing: it then commutes with max pooling, and inputs that maximise x maximise f(x).
    """

    constant = True

    def activate(self, x: Array, out: Array) -> Array:
        """Write f(x) into `out` and return it.

        Parameters
        ----------
        x : ndarray
            Input; not modified.
        out : ndarray
            Array of the shape and dtype of x for the result.

        Returns
        -------
        ndarray
            `out`.
        """
        raise NotImplementedError

    def slope(self, x: Array, y: Array) -> Array:
        """Return the derivative f'(x), computed from x or from y = f(x), whichever is cheaper.

        Parameters
        ----------
        x : ndarray
            Input; not modified.
        y : ndarray
            Output f(x); not modified.

        Returns
        -------
        ndarray
            A new array of the shape of x.
        """
        raise NotImplementedError

    def forward(self, p: Views, x: Any, mode: Mode) -> tuple[Any, Backward]:
        y = self.activate(x, mode.arena.empty_like(x))

        def backward(dy: Array, g: Views, need_dx: bool) -> Array | None:
            if not need_dx:
                return None
            dy *= self.slope(x, y)
            return dy

        return y, backward


@dataclass(frozen=True)
class Identity(Activation):
    """f(x) = x."""

    rises = True

    def forward(self, p: Views, x: Any, mode: Mode) -> tuple[Any, Backward]:
        return x, lambda dy, g, need_dx: dy


@dataclass(frozen=True)
class Logistic(Activation):
    """f(x) = 1 / (1 + exp(-x)), the lectures' sigmoid."""

    rises = True

    def activate(self, x: Array, out: Array) -> Array:
        return expit(x, out=out)

    def slope(self, x: Array, y: Array) -> Array:
        return y * (1 - y)


@dataclass(frozen=True)
class Tanh(Activation):
    """f(x) = tanh(x)."""

    rises = True

    def activate(self, x: Array, out: Array) -> Array:
        return np.tanh(x, out=out)

    def slope(self, x: Array, y: Array) -> Array:
        return 1 - y * y


@dataclass(frozen=True)
class ReLU(Activation):
    """f(x) = max(0, x)."""

    rises = True

    def activate(self, x: Array, out: Array) -> Array:
        return np.maximum(x, 0, out=out)

    def slope(self, x: Array, y: Array) -> Array:
        return y > 0


@dataclass(frozen=True)
class LeakyReLU(Activation):
    """f(x) = x for x > 0, else a x (Maas et al. 2013).

    Parameters
    ----------
    a : float
        Slope below zero, 0 < a < 1.
    """

    rises = True

    a: float = 0.01

    def __post_init__(self) -> None:
        check_number(self, "a", 0, 1, closed=False)

    def activate(self, x: Array, out: Array) -> Array:
        return np.maximum(x, np.multiply(x, self.a, out=out), out=out)

    def slope(self, x: Array, y: Array) -> Array:
        return np.where(y > 0, y.dtype.type(1), y.dtype.type(self.a))


@dataclass(frozen=True)
class ELU(Activation):
    """f(x) = x for x > 0, else exp(x) - 1 (Clevert et al. 2016, arXiv:1511.07289)."""

    rises = True

    def activate(self, x: Array, out: Array) -> Array:
        np.expm1(np.minimum(x, 0, out=out), out=out)
        return np.maximum(x, out, out=out)  # expm1(x) >= x, with equality at 0: the larger one is f for x > 0 too

    def slope(self, x: Array, y: Array) -> Array:
        return np.minimum(y, 0) + 1


@dataclass(frozen=True)
class Softplus(Activation):
    """f(x) = log(1 + exp(x)), a smooth ReLU."""

    rises = True

    def activate(self, x: Array, out: Array) -> Array:
        return np.logaddexp(x, 0, out=out)

    def slope(self, x: Array, y: Array) -> Array:
        return -np.expm1(-y)


@dataclass(frozen=True)
class GELU(Activation):
    """f(x) = x Phi(x), exact, with the normal distribution function Phi (Hendrycks, Gimpel 2016, arXiv:1606.08415)."""

    def activate(self, x: Array, out: Array) -> Array:
        return np.multiply(x, ndtr(x, out=out), out=out)

    def slope(self, x: Array, y: Array) -> Array:
        z = np.clip(x, -40, 40)  # beyond, the density is 0; the square of a large x would overflow
        density = np.exp(-0.5 * z * z)
        density *= (2 * np.pi) ** -0.5
        density *= z
        density += ndtr(z)
        return density


@dataclass(frozen=True)
class SiLU(Activation):
    """f(x) = x / (1 + exp(-x)) (Elfwing et al. 2018, arXiv:1702.03118).

    Also called swish (Ramachandran et al. 2017, arXiv:1710.05941).
    """

    def activate(self, x: Array, out: Array) -> Array:
        return np.multiply(x, expit(x, out=out), out=out)

    def slope(self, x: Array, y: Array) -> Array:
        p = expit(x)
        return p * (1 + x * (1 - p))  # y + p (1 - y) is shorter but cancels for large x


@dataclass(frozen=True)
class Mish(Activation):
    """f(x) = x tanh(log(1 + exp(x))) (Misra 2019, arXiv:1908.08681).

    With u = exp(x) and n = u (u + 2), tanh(log(1 + u)) = ((1 + u)^2 - 1) / ((1 + u)^2 + 1) = n / (n + 2). For x >= 20
    this rounds to 1, so u is computed from min(x, 20), which does not overflow.
    """

    def activate(self, x: Array, out: Array) -> Array:
        np.exp(np.minimum(x, 20, out=out), out=out)
        out *= out + 2
        out /= out + 2
        out *= x
        return out

    def slope(self, x: Array, y: Array) -> Array:
        z = np.minimum(x, 20)
        u = np.exp(z)
        n = u * (u + 2)
        return (n + 4 * z * u * (1 + u) / (n + 2)) / (n + 2)


@dataclass(frozen=True)
class Step(Activation):
    """f(x) = 1 for x > 0, else 0: the perceptron as a logic gate (lecture rows 1 and 2).

    Its derivative is 0, so a network with it cannot be trained; `set_weights` sets its weights.
    """

    rises = True

    def activate(self, x: Array, out: Array) -> Array:
        return np.greater(x, 0, out=out, casting="unsafe")

    def slope(self, x: Array, y: Array) -> Array:
        raise ValueError(
            "Step has no gradient, so a network with it cannot be trained. Use Logistic() or ReLU() to train."
        )
