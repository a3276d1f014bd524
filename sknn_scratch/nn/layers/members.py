"""Layers of several networks that are trained together, the members of an ensemble: a row has an axis of members."""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..arena import Array, ones
from ..initializers import He, Initializer, Zeros
from ..links import LINKS
from ..settings import check_whole
from .base import Backward, Layer, Mode, Param, Shape, Views


@dataclass(frozen=True)
class Signs(Initializer):
    """-1 or 1, each with probability 1/2."""

    def __call__(self, rng: np.random.Generator, shape: Shape, fan: tuple[int, int]) -> Array:
        return rng.choice([-1.0, 1.0], shape)


@dataclass(frozen=True)
class MemberScaling(Layer):
    """y_i = x * s_i for each member i, with learned scales s_i that start at random as -1 or 1.

    The layers behind it, such as `Dense`, have the same weights for all members: TabM-mini of Gorishniy, Kotelnikov and
    Babenko 2025, arXiv:2410.24210. The scales of all members are one array, member after member.

    Parameters
    ----------
    n_members : int
        Number of members.

    Examples
    --------
    >>> from sknn_scratch.nn.layers import MemberScaling
    >>> MemberScaling(8).plan((5,))[0]
    (8, 5)
    """

    n_members: int

    def __post_init__(self) -> None:
        check_whole(self, "n_members")

    def plan(self, input_shape: Shape) -> tuple[Shape, dict[str, Param]]:
        (n_in,) = input_shape
        s = Param((self.n_members * n_in,), Signs(), decay=False, bias=False)
        return (self.n_members, n_in), {"s": s}

    def forward(self, p: Views, x: Array, mode: Mode) -> tuple[Array, Backward]:
        s = p.s.reshape(self.n_members, -1)
        y = np.multiply(x[:, None], s, out=mode.arena.empty((len(x), *s.shape)))

        def backward(dy: Array, g: Views, need_dx: bool) -> Array | None:
            g.s = np.einsum("nkd,nd->kd", dy, x).ravel()
            return np.einsum("nkd,kd->nd", dy, s) if need_dx else None

        return y, backward


@dataclass(frozen=True)
class MemberDense(Layer):
    """y_i = x_i W_i + b_i for each member i, with weights of its own; of flat rows, all members see the same x.

    W has a block of `units` columns for each member: ``W.reshape(n_in, n_members, units)[:, i]`` is W_i.

    Parameters
    ----------
    units : int
        Number of outputs of a member.
    n_members : int
        Number of members.
    init : Initializer, default=He()
        Initial values of each W_i; b starts at zero.

    Examples
    --------
    >>> from sknn_scratch.nn.layers import MemberDense
    >>> MemberDense(3, n_members=8).plan((5,))[0]
    (8, 3)
    """

    units: int
    n_members: int
    init: Initializer = field(default_factory=He)

    accepts_sparse = True
    own_weights = True

    def __post_init__(self) -> None:
        check_whole(self, "units")
        check_whole(self, "n_members")

    def plan(self, input_shape: Shape) -> tuple[Shape, dict[str, Param]]:
        *members, n_in = input_shape
        if members not in ([], [self.n_members]):
            raise ValueError(
                f"{self} needs flat rows, or rows of {self.n_members} members, got rows of shape {input_shape}."
            )
        width = self.n_members * self.units
        W = Param((n_in, width), self.init, fan=(n_in, self.units))
        return (int(self.n_members), int(self.units)), {"W": W, "b": Param((width,), Zeros(), decay=False)}

    def forward(self, p: Views, x: Any, mode: Mode) -> tuple[Array, Backward]:
        y = mode.arena.empty((x.shape[0], self.n_members, self.units))
        flat = y.reshape(-1, self.n_members * self.units)
        dense = isinstance(x, np.ndarray)
        if x.ndim > 2:
            np.matmul(x.swapaxes(0, 1), self._by_member(p.W), out=y.swapaxes(0, 1))
        elif dense:
            np.dot(x, p.W, out=flat)
        else:
            flat[...] = x @ p.W
        flat += p.b

        def backward(dy: Array, g: Views, need_dx: bool) -> Array | None:
            flat_dy = dy.reshape(flat.shape)
            np.dot(ones(len(dy), dy.dtype), flat_dy, out=g.b)
            if x.ndim > 2:
                np.matmul(x.transpose(1, 2, 0), dy.swapaxes(0, 1), out=self._by_member(g.W))
            elif dense:
                np.dot(x.T, flat_dy, out=g.W)
            else:
                g.W[...] = x.T @ flat_dy
            if not need_dx:
                return None
            dx = mode.arena.empty(x.shape)
            if x.ndim > 2:
                np.matmul(dy.swapaxes(0, 1), self._by_member(p.W).swapaxes(1, 2), out=dx.swapaxes(0, 1))
                return dx
            return np.dot(flat_dy, p.W.T, out=dx)

        return y, backward

    def _by_member(self, W: Array) -> Array:
        """Return a view of the weights of each member, of shape (n_members, n_in, units)."""
        return W.reshape(-1, self.n_members, self.units).swapaxes(0, 1)


@dataclass(frozen=True)
class MemberMean(Layer):
    """y with f(y) = the mean over the members of f(x_i), where f is a link: members' probabilities are averaged.

    Parameters
    ----------
    link : {"identity", "softmax", "logistic", "exp", "sorted"}, default="identity"
        The link of the loss, which makes predictions of y.

    Examples
    --------
    >>> from sknn_scratch.nn.layers import MemberMean
    >>> MemberMean("softmax").plan((8, 3))[0]
    (3,)
    """

    link: str = "identity"

    constant = True

    def __post_init__(self) -> None:
        if self.link not in LINKS:
            raise ValueError(f"MemberMean needs link to be one of {', '.join(map(repr, LINKS))}, got {self.link!r}.")

    def plan(self, input_shape: Shape) -> tuple[Shape, dict[str, Param]]:
        return input_shape[1:], {}

    def forward(self, p: Views, x: Array, mode: Mode) -> tuple[Array, Backward]:
        log = LINKS[self.link].log_predict
        n_members = x.shape[1]
        if self.link == "identity":
            return x.mean(axis=1), lambda dy, g, need_dx: np.repeat(dy[:, None] / n_members, n_members, axis=1)
        if self.link == "sorted":
            y, places = np.sort(x).mean(axis=1), x.argsort(axis=2).argsort(axis=2)
            return y, lambda dy, g, need_dx: np.take_along_axis(dy[:, None], places, axis=2) / n_members
        if self.link == "exp":
            y, shares = _log_mean(x)
            return y, lambda dy, g, need_dx: dy[:, None] * shares
        y, shares = _log_mean(log(x))
        if self.link == "softmax":

            def of_softmax(dy: Array, g: Views, need_dx: bool) -> Array:
                d_log = dy[:, None] * shares
                return d_log - np.exp(log(x)) * d_log.sum(axis=2, keepdims=True)

            return y, of_softmax
        log_other, shares_of_other = _log_mean(log(-x))

        def of_logistic(dy: Array, g: Views, need_dx: bool) -> Array:
            return dy[:, None] * (shares * np.exp(log(-x)) + shares_of_other * np.exp(log(x)))

        return y - log_other, of_logistic


def _log_mean(logs: Array) -> tuple[Array, Array]:
    """Return the logarithm of the mean over the members, and the share of each in it."""
    largest = logs.max(axis=1, keepdims=True)
    shares = np.exp(logs - largest)
    total = shares.sum(axis=1, keepdims=True)
    shares /= total
    return (largest + np.log(total))[:, 0] - math.log(logs.shape[1]), shares
