"""Sequences packed step by step: all first steps, all second ones, ..., without the steps that are not there."""

from itertools import pairwise
from typing import Any

import numpy as np

from .arena import Arena, Array


class Packing:
    """Where the steps of a mini-batch are in a packed array, of shape (n_packed, features).

    The rows are sorted, longest sequence first, so the rows that have a step t are the first ones of those that have a
    step t - 1: each step is one slice, and what it takes from the step before is one slice too. Rows of one length
    keep their order.

    Parameters
    ----------
    n_rows, n_steps : int
        Shape of the mini-batch.
    lengths : ndarray of int of shape (n_rows,) or None
        Steps of each row; None for n_steps.
    reverse : bool
        Whether each sequence is read from its own last step to its first.

    Attributes
    ----------
    steps : list of slice
        Where the steps are in a packed array.
    kept : list of slice
        Where the rows that have a step t are among those of step t - 1, for all t but the first.
    """

    def __init__(self, n_rows: int, n_steps: int, lengths: Array | None, reverse: bool) -> None:
        self.shape = n_rows, n_steps
        self.reverse = reverse
        self.equal = lengths is None or int(lengths.min()) == n_steps
        if self.equal:
            starts = list(range(0, (n_steps + 1) * n_rows, n_rows))
        else:
            assert lengths is not None
            self._order = np.argsort(-lengths, kind="stable")
            longest_first = lengths[self._order]
            self._at, of = np.nonzero(np.arange(n_steps)[:, None] < longest_first)
            self._rows = self._order[of]
            if reverse:
                self._at = longest_first[of] - 1 - self._at
            starts = [0, *np.searchsorted(-longest_first, -np.arange(n_steps)).cumsum().tolist()]
            self._last = np.empty_like(self._order)
            self._last[self._order] = np.array(starts)[longest_first - 1] + np.arange(n_rows)
            starts = starts[: int(longest_first[0]) + 1]
        self.steps = [slice(a, b) for a, b in pairwise(starts)]
        self.kept = [
            slice(a, a + c - b) for a, b, c in zip(starts, starts[1:], starts[2:], strict=False)
        ]  # of the step from a to b those that go on in the step from b to c
        self.size = starts[-1]

    def sort(self, rows: Array) -> Array:
        """Return rows of the mini-batch in the order in which they are packed."""
        return rows if self.equal else rows[self._order]

    def pack(self, x: Array, arena: Arena) -> Array:
        """Return the steps of x, of shape (n_rows, n_steps, features), as a packed array; it may be a view."""
        if not self.equal:
            return x[self._rows, self._at]
        by_step = x.transpose(1, 0, 2)[:: -1 if self.reverse else 1]
        if not by_step.flags.c_contiguous:
            packed = arena.empty(by_step.shape)
            packed[...] = by_step
            by_step = packed
        return by_step.reshape(self.size, -1)

    def unpack(self, packed: Array, arena: Arena) -> Array:
        """Return an array of shape (n_rows, n_steps, features), 0 where no step is; it may be a view."""
        n_rows, n_steps = self.shape
        if self.equal:
            return packed.reshape(n_steps, n_rows, -1)[:: -1 if self.reverse else 1].transpose(1, 0, 2)
        x = arena.steps((n_rows, n_steps, packed.shape[1]))
        x[...] = 0
        x[self._rows, self._at] = packed
        return x

    def before(self, packed: Array) -> Array:
        """Return what was there a step earlier, for all steps but the first ones: a packed array without those."""
        if self.equal:
            return packed[: self.size - self.shape[0]]
        return np.concatenate([packed[:0], *(packed[kept] for kept in self.kept)])

    def last(self) -> Any:
        """Return the index of the last step that is read of each row."""
        return self.steps[-1] if self.equal else self._last
