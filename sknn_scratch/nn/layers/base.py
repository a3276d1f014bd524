"""A layer turns x into y and, on the way back, dy into dx. It holds settings; its numbers live in the network."""

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np

from ..arena import Arena, Array
from ..initializers import Initializer, Shape

Backward = Callable[[Array, "Views", bool], Array | None]


@dataclass(frozen=True)
class Param:
    """What a layer asks of the network for one of its arrays.

    Parameters
    ----------
    shape : tuple of int
        Shape of the array.
    init : Initializer
        Its first values.
    fan : pair of int
        How many numbers flow into one unit and out of it.
    decay : bool
        Whether the penalty counts it.
    trained : bool
        Whether the solver moves it.
    bias : bool, default=None
        Whether it is one of the biases (`intercepts_`) rather than of the weights (`coefs_`); None: a bias is what
        the penalty does not count. What is not trained is neither.
    """

    shape: Shape
    init: Initializer
    fan: tuple[int, int] = (1, 1)
    decay: bool = True
    trained: bool = True
    bias: bool | None = None

    @property
    def is_bias(self) -> bool:
        """Whether it is one of the biases."""
        return self.trained and (not self.decay if self.bias is None else self.bias)

    @property
    def is_weight(self) -> bool:
        """Whether it is one of the weights."""
        return self.trained and not self.is_bias


class Views:
    """The arrays of one layer by name, as views into a vector of the network.

    Assigning writes into the view: ``g.W = array`` fills this layer's part of the gradient, and a wrong name or
    shape is an error instead of a number that is silently lost.
    """

    def __init__(self, views: dict[str, Array]) -> None:
        self.__dict__.update(views)

    def __setattr__(self, name: str, value: Any) -> None:
        view = self.__dict__.get(name)
        if view is None:
            raise AttributeError(f"no array {name!r} in this layer, only {sorted(self.__dict__)}")
        if np.shape(value) != view.shape:
            raise ValueError(f"{name} has shape {view.shape}, got {np.shape(value)}")
        view[...] = value

    def __getattr__(self, name: str) -> Any:  # only reached where the name is missing
        raise AttributeError(f"no array {name!r} in this layer, only {sorted(self.__dict__)}")


@dataclass
class Mode:
    """How a pass through the network is made.

    Parameters
    ----------
    training : bool
        For training, or for prediction.
    rng : Generator
        For what is drawn afresh for every row.
    batch_rng : Generator
        For what is drawn once for a whole mini-batch.
    arena : Arena
        Memory for temporaries: ``arena.empty(shape)``, ``arena.empty_like(x)``.
    """

    training: bool
    rng: np.random.Generator
    batch_rng: np.random.Generator
    arena: Arena


class Layer:
    """Base of all layers: frozen dataclasses that never contain an array.

    Laws: never write into x; writing into dy is allowed; prediction does not depend on the other rows.
    """

    accepts_sparse = False  # whether x may be a CSR array
    is_random = False  # whether training draws random numbers
    in_shards = False  # whether mini-batches go through in shards, shared out among threads
    rises = False  # whether no number of y ever falls where numbers of x rise

    def plan(self, input_shape: Shape) -> tuple[Shape, dict[str, Param]]:
        """Say what comes out for rows of `input_shape`, and which arrays are needed.

        Parameters
        ----------
        input_shape : tuple of int
            Shape of one row.

        Returns
        -------
        output_shape : tuple of int
            Shape of what one row becomes.
        params : dict of Param
            The arrays by name, such as W and b.

        Raises
        ------
        ValueError
            For rows of a shape that the layer cannot take.
        """
        return input_shape, {}

    def forward(self, p: Views, x: Any, mode: Mode) -> tuple[Any, Backward]:
        """Return y, and a function that takes the gradient back.

        Parameters
        ----------
        p : Views
            The layer's arrays by name.
        x : ndarray of n rows
            Each of the layer's `input_shape`; CSR rows too where `accepts_sparse`.
        mode : Mode
            Training or prediction, randomness, memory.

        Returns
        -------
        y : ndarray of n rows
            What they become, each of the layer's `output_shape`.
        backward : callable
            ``backward(dy, g, need_dx) -> dx`` fills the layer's gradients g and returns dx, or None where `need_dx`
            is False.
        """
        raise NotImplementedError


def check_count(layer: Layer, name: str) -> None:
    """Refuse a setting that is not a whole number from 1 on."""
    value = getattr(layer, name)
    if not isinstance(value, Integral) or value < 1:
        raise ValueError(f"{type(layer).__name__} needs a whole number of {name} >= 1, got {name}={value!r}.")
