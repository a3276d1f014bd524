"""Base of the layers: recipes with settings, whose parameters are arrays of the network."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arena import Arena, Array
from ..initializers import Initializer, Shape

Backward = Callable[[Array, "Views", bool], Array | None]


@dataclass(frozen=True)
class Param:
    """Specification of one array of a layer.

    Parameters
    ----------
    shape : tuple of int
        Shape of the array.
    init : Initializer
        Its initial values.
    fan : pair of int
        Number of connections into one unit and out of it.
    decay : bool
        Whether it is in the penalty.
    trained : bool
        Whether it is trained.
    bias : bool, default=None
        Whether it is one of the biases (`intercepts_`) rather than of the weights (`coefs_`); None for the opposite of
        `decay`. An array that is not trained is neither.
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

    An assignment writes into the view: ``g.W = array`` sets this layer's part of the gradient. A wrong name or shape is
    an error.
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
    """Context of a forward pass.

    Parameters
    ----------
    training : bool
        Whether it is for training or for prediction.
    rng : Generator
        For random numbers that are drawn for each row.
    batch_rng : Generator
        For random numbers that are drawn once for a mini-batch.
    arena : Arena
        Memory for temporary arrays: ``arena.empty(shape)``, ``arena.empty_like(x)``.
    lengths : ndarray of int of shape (n,), default=None
        Number of steps of each row, at least 1 and at most the number of steps of x; None if all rows have that number.
        Steps after the end of a row have no effect on any result.
    """

    training: bool
    rng: np.random.Generator
    batch_rng: np.random.Generator
    arena: Arena
    lengths: Array | None = None


def keep_mask(x: Array, rate: float, mode: Mode, rng: np.random.Generator) -> Array:
    """Return for each entry of x, independently, 0 with probability `rate`, else 1 / (1 - rate)."""
    mask = mode.arena.empty_like(x)
    rng.random(out=mask.ravel("K"), dtype=mode.arena.dtype)
    np.greater_equal(mask, rate, out=mask, casting="unsafe")
    mask /= 1 - rate
    return mask


class Layer:
    """Base of the layers; a subclass is a frozen dataclass of settings that defines `forward` and, if needed, `plan`.

    `plan` is needed if the layer has arrays or changes the shape of a row. `forward` returns the function `backward`,
    so that a formula and its derivative are in the same scope, and nothing is stored in the layer. Requirements:
    `forward` does not modify x (`backward` may modify dy); the prediction for a row does not depend on other rows; for
    x from -1e30 to 1e30, y, dx and the gradients are finite, and no intermediate result overflows.
    """

    accepts_sparse = False  # whether x may be a CSR array
    accepts_any_dtype = False  # whether x may have another dtype than the network
    is_random = False  # whether training draws random numbers
    constant = False  # whether training does what prediction does; before the first weights it is then done once
    in_shards = False  # whether mini-batches are divided into shards, for several threads
    own_weights = False  # whether each position of y has weights of its own
    rises = False  # whether y is a non-decreasing function of each entry of x

    def plan(self, input_shape: Shape) -> tuple[Shape, dict[str, Param]]:
        """Return the shape of the output for rows of `input_shape`, and the arrays that are needed.

        Parameters
        ----------
        input_shape : tuple of int
            Shape of one row.

        Returns
        -------
        output_shape : tuple of int
            Shape of the output for one row.
        params : dict of Param
            The arrays by name, such as W and b.

        Raises
        ------
        ValueError
            If the layer does not accept rows of this shape.
        """
        return input_shape, {}

    def width(self, input_shape: Shape) -> int:
        """Return about how many numbers of one row are in memory at the same time.

        Parameters
        ----------
        input_shape : tuple of int
            Shape of one row.

        Returns
        -------
        int
            Their number.
        """
        return math.prod(self.plan(input_shape)[0])

    def forward(self, p: Views, x: Any, mode: Mode) -> tuple[Any, Backward]:
        """Return y and a function for backpropagation.

        Parameters
        ----------
        p : Views
            The layer's arrays by name.
        x : ndarray of n rows
            Each of the layer's `input_shape`; CSR rows too where `accepts_sparse`.
        mode : Mode
            Training or prediction, random numbers, memory.

        Returns
        -------
        y : ndarray of n rows
            The output, each of the layer's `output_shape`.
        backward : callable
            ``backward(dy, g, need_dx) -> dx`` writes the gradients of the layer's arrays to g; it returns dx, or None
            where `need_dx` is False.
        """
        raise NotImplementedError
