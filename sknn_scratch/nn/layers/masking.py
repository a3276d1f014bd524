"""Masking: sequences of different lengths, padded with NaN, become steps and lengths."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..arena import Array
from .base import Backward, Layer, Mode, Views


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


@dataclass(frozen=True)
class Masking(Layer):
    """y = x with zeros in place of NaN, cut to the longest sequence of the mini-batch.

    NaN at the end of a sequence means that it has fewer steps than others. Later layers find the number of steps of
    each sequence in ``mode.lengths``: None where they are equal.
    """

    sets_lengths = True

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
