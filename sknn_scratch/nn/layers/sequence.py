"""Sequences of different lengths: masking of padding, and pooling over the steps."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..arena import Array
from ..settings import check_whole
from .base import Backward, Layer, Mode, Param, Shape, Views


def count_steps(x: Array) -> npt.NDArray[np.intp]:
    """Return the number of steps of each sequence: up to the last one that is not NaN alone.

    Parameters
    ----------
    x : ndarray of shape (n, steps, features)
        Sequences, padded at the end with NaN.

    Returns
    -------
    lengths : ndarray of shape (n,)
    """
    there = np.any(~np.isnan(x), axis=2)
    return np.where(there.any(axis=1), there.shape[1] - there[:, ::-1].argmax(axis=1), 0)


def step_mask(lengths: npt.NDArray[np.integer], n_steps: int) -> npt.NDArray[np.bool_]:
    """Return for each sequence which of so many steps are there, of shape (n, n_steps)."""
    return np.arange(n_steps) < lengths[:, None]


@dataclass(frozen=True)
class Masking(Layer):
    """y = x with padding of NaN replaced by zeros, cut to the longest sequence of the mini-batch.

    Shorter sequences are padded at the end with NaN. Later layers find the number of steps of each sequence in
    ``mode.lengths``, which is None if they are equal.
    """

    def forward(self, p: Views, x: Array, mode: Mode) -> tuple[Array, Backward]:
        lengths = count_steps(x)
        longest = int(lengths.max())
        mode.lengths = None if lengths.min() == longest else lengths
        y = x[:, :longest]
        if mode.lengths is not None:
            y = np.where(np.isnan(y), y.dtype.type(0), y)

        def backward(dy: Array, g: Views, need_dx: bool) -> Array | None:
            if not need_dx:
                return None
            dx = np.zeros(x.shape, dy.dtype)
            dx[:, :longest] = dy
            return dx

        return y, backward


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
        Number of features, at the end, that are states of a layer that reads backwards; their last state is at the
        first step.

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
    """y = the concatenated outputs of several poolings: (n, steps, features) -> (n, poolings * features).

    Parameters
    ----------
    poolings : tuple of StepPooling
        The poolings, such as ``(LastStep(), MaxSteps())``.

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
        share[..., 0] = step_mask(mode.lengths, n_steps) / mode.lengths[:, None]
    return share
