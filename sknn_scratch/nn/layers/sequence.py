"""Sequences: flat rows become steps, and the steps of a row become one vector."""

from dataclasses import dataclass

import numpy as np

from ..arena import Array
from ..settings import check_whole
from .base import Backward, Layer, Mode, Param, Shape, Views


def unpad(x: Array, n_features: int) -> tuple[Array, Array]:
    """Return what flat rows hold, the steps of a sequence and their number.

    Parameters
    ----------
    x : ndarray of shape (n, n_steps * n_features + 1)
        Rows: the steps, padded with zeros to equal lengths, and in the last column the length.
    n_features : int
        Numbers of a step.

    Returns
    -------
    steps : ndarray of shape (n, n_steps, n_features)
        A view.
    lengths : ndarray of int of shape (n,)
    """
    return x[:, :-1].reshape(len(x), -1, n_features), x[:, -1].astype(np.intp)


@dataclass(frozen=True)
class Sequence(Layer):
    """y = the steps of each row, where x holds them one after the other, then zeros, and last their number.

    A mini-batch is cut to its longest sequence, so y may have fewer steps than planned. The numbers of steps become
    ``mode.lengths``, for the layers that follow. Rows may be shorter or longer than those of the plan.

    Parameters
    ----------
    n_features : int
        Numbers of a step.

    Examples
    --------
    >>> from sknn_scratch.nn.layers import Sequence
    >>> Sequence(12).plan((29 * 12 + 1,))[0]
    (29, 12)
    """

    n_features: int

    accepts_any_dtype = True
    sets_lengths = True

    def __post_init__(self) -> None:
        check_whole(self, "n_features")

    def plan(self, input_shape: Shape) -> tuple[Shape, dict[str, Param]]:
        n_steps, rest = divmod(input_shape[0] - 1, self.n_features) if len(input_shape) == 1 else (0, 0)
        if n_steps < 1 or rest:
            raise ValueError(
                f"Sequence needs flat rows of n_steps * {self.n_features} numbers and the length, got rows of shape "
                f"{input_shape}."
            )
        return (n_steps, self.n_features), {}

    def forward(self, p: Views, x: Array, mode: Mode) -> tuple[Array, Backward]:
        steps, mode.lengths = unpad(x, self.n_features)
        longest = mode.lengths.max(initial=0)

        def backward(dy: Array, g: Views, need_dx: bool) -> Array | None:
            if not need_dx:
                return None
            dx = np.zeros(x.shape, dy.dtype)
            unpad(dx, self.n_features)[0][:, :longest] = dy
            return dx

        return steps[:, :longest], backward


@dataclass(frozen=True)
class StepPooling(Layer):
    """Base of the layers that make one vector of the steps of each row: (n, steps, features) -> (n, features)."""

    def plan(self, input_shape: Shape) -> tuple[Shape, dict[str, Param]]:
        if len(input_shape) != 2:
            raise ValueError(
                f"{type(self).__name__} needs rows of shape (n_steps, n_features), got {input_shape}. "
                "A recurrent layer before it needs return_sequences=True."
            )
        return input_shape[1:], {}


@dataclass(frozen=True)
class LastStep(StepPooling):
    """y = the last step of each row.

    Parameters
    ----------
    n_reversed : int, default=0
        How many features, those at the end, are states of a layer that read the sequence from its end. Their last one
        is at the first step.

    Examples
    --------
    >>> from sknn_scratch.nn.layers import LastStep
    >>> LastStep().plan((29, 12))[0]
    (12,)
    """

    n_reversed: int = 0

    def __post_init__(self) -> None:
        check_whole(self, "n_reversed", 0)

    def forward(self, p: Views, x: Array, mode: Mode) -> tuple[Array, Backward]:
        rows, n_forward = np.arange(len(x)), x.shape[2] - self.n_reversed
        last = x.shape[1] - 1 if mode.lengths is None else mode.lengths - 1

        def backward(dy: Array, g: Views, need_dx: bool) -> Array | None:
            if not need_dx:
                return None
            dx = mode.arena.empty_like(x)
            dx[...] = 0
            dx[rows, last, :n_forward] = dy[:, :n_forward]
            dx[:, 0, n_forward:] = dy[:, n_forward:]
            return dx

        return np.concatenate([x[rows, last, :n_forward], x[:, 0, n_forward:]], axis=1), backward


@dataclass(frozen=True)
class MeanSteps(StepPooling):
    """y = the mean of the steps of each row: global average pooling over time.

    Examples
    --------
    >>> from sknn_scratch.nn.layers import MeanSteps
    >>> MeanSteps().plan((29, 12))[0]
    (12,)
    """

    def forward(self, p: Views, x: Array, mode: Mode) -> tuple[Array, Backward]:
        share = _share(x, mode)
        shares = np.multiply(x, share, out=mode.arena.empty_like(x))

        def backward(dy: Array, g: Views, need_dx: bool) -> Array | None:
            return np.multiply(dy[:, None], share, out=mode.arena.empty_like(x)) if need_dx else None

        return shares.sum(axis=1), backward


@dataclass(frozen=True)
class MaxSteps(StepPooling):
    """y = for each feature the maximum over the steps of each row: global max pooling over time.

    The gradient goes to the first of equal maxima.

    Examples
    --------
    >>> from sknn_scratch.nn.layers import MaxSteps
    >>> MaxSteps().plan((29, 12))[0]
    (12,)
    """

    def forward(self, p: Views, x: Array, mode: Mode) -> tuple[Array, Backward]:
        there = x
        if mode.lengths is not None:
            there = mode.arena.empty_like(x)
            there[...] = x
            there[np.arange(x.shape[1]) >= mode.lengths[:, None]] = -np.inf
        largest = there.argmax(axis=1)[:, None]

        def backward(dy: Array, g: Views, need_dx: bool) -> Array | None:
            if not need_dx:
                return None
            dx = mode.arena.empty_like(x)
            dx[...] = 0
            np.put_along_axis(dx, largest, dy[:, None], axis=1)
            return dx

        return np.take_along_axis(there, largest, axis=1)[:, 0], backward


@dataclass(frozen=True)
class StepPoolings(StepPooling):
    """y = the outputs of several poolings side by side: (n, steps, features) -> (n, poolings * features).

    Parameters
    ----------
    poolings : tuple of StepPooling
        Such as ``(LastStep(), MaxSteps())``.

    Examples
    --------
    >>> from sknn_scratch.nn.layers import LastStep, MaxSteps, StepPoolings
    >>> StepPoolings((LastStep(), MaxSteps())).plan((29, 12))[0]
    (24,)
    """

    poolings: tuple[StepPooling, ...]

    def plan(self, input_shape: Shape) -> tuple[Shape, dict[str, Param]]:
        (n_features,), params = super().plan(input_shape)
        return (len(self.poolings) * n_features,), params

    def forward(self, p: Views, x: Array, mode: Mode) -> tuple[Array, Backward]:
        outputs, backwards = zip(*(pooling.forward(p, x, mode) for pooling in self.poolings), strict=True)

        def backward(dy: Array, g: Views, need_dx: bool) -> Array | None:
            if not need_dx:
                return None
            dx = mode.arena.empty_like(x)
            dx[...] = 0
            for part, of_part in zip(np.split(dy, len(backwards), axis=1), backwards, strict=True):
                dx += of_part(part, g, True)
            return dx

        return np.concatenate(outputs, axis=1), backward


def _share(x: Array, mode: Mode) -> Array:
    """Return the share of each step in the mean of its row, of shape (n, steps, 1): 0 where no step is."""
    n_rows, n_steps = x.shape[:2]
    share = mode.arena.empty((n_rows, n_steps, 1))
    if mode.lengths is None:
        share[...] = 1 / n_steps
    else:
        share[..., 0] = (np.arange(n_steps) < mode.lengths[:, None]) / mode.lengths[:, None]
    return share
