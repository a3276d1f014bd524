"""Sequences packed step by step: all first steps, all second ones, ..., without the steps that are not there."""

from typing import Any

import numpy as np

from .arena import Arena, Array


class Packing:
    """Where the steps of a mini-batch are in a packed array, of shape (size, features).

    The rows are sorted, longest sequence first, so the rows that have a step t + 1 are the first ones of those that
    have a step t: each step is one slice, and what it takes from the step before is one slice too. Rows of equal
    lengths keep their order.

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
    counts : list of int
        Rows of each step.
    size : int
        Steps of all rows.
    """

    def __init__(self, n_rows: int, n_steps: int, lengths: Array | None, reverse: bool) -> None:
        self.n_rows, self.n_steps, self.reverse = n_rows, n_steps, reverse
        self.equal = lengths is None or int(lengths.min()) == n_steps
        if self.equal:
            self.counts, self.size = [n_rows] * n_steps, n_steps * n_rows
            return
        assert lengths is not None
        self._order = np.argsort(-lengths, kind="stable")
        lengths = lengths[self._order]
        steps, rows = np.nonzero(np.arange(lengths[0])[:, None] < lengths)
        self._rows = self._order[rows]
        self._steps = lengths[rows] - 1 - steps if reverse else steps
        counts = np.bincount(steps)
        starts = np.cumsum(counts) - counts
        self._last = np.empty_like(self._order)
        self._last[self._order] = starts[lengths - 1] + np.arange(n_rows)
        self._starts, self.counts, self.size = starts.tolist(), counts.tolist(), len(steps)

    def sort(self, rows: Array) -> Array:
        """Return rows of the mini-batch in the order in which they are packed."""
        return rows if self.equal else rows[self._order]

    def pack(self, x: Array, out: Array) -> None:
        """Write the steps of x, of shape (n_rows, n_steps, features), into a packed array."""
        if self.equal:
            out.reshape(self.n_steps, self.n_rows, -1)[...] = x.transpose(1, 0, 2)[:: -1 if self.reverse else 1]
        else:
            out[...] = x[self._rows, self._steps]

    def unpack(self, packed: Array, arena: Arena) -> Array:
        """Return an array of shape (n_rows, n_steps, features), 0 where no step is; it may be a view."""
        if self.equal:
            by_step = packed.reshape(self.n_steps, self.n_rows, -1)
            return by_step[:: -1 if self.reverse else 1].transpose(1, 0, 2)
        x = arena.steps((self.n_rows, self.n_steps, packed.shape[1]))
        x[...] = 0
        x[self._rows, self._steps] = packed
        return x

    def last(self) -> Any:
        """Return the index in a packed array of the last step of each row, in the order in which it is read."""
        return slice(self.size - self.n_rows, self.size) if self.equal else self._last

    def views(self, packed: Array) -> list[Array]:
        """Return a view of each step of a packed array, or of several, of shape (k, size, features)."""
        if not self.equal:
            return [packed[..., a : a + n, :] for a, n in zip(self._starts, self.counts, strict=True)]
        *several, _, n_features = packed.shape
        by_step = packed.reshape(*several, self.n_steps, self.n_rows, n_features)
        return list(by_step.swapaxes(0, 1) if several else by_step)

    def before(self, views: list[Array]) -> list[Array]:
        """Return for each step but the first the view of the step before, of the rows that go on."""
        return views[:-1] if self.equal else [a[:n] for a, n in zip(views, self.counts[1:], strict=False)]

    def shifted(self, packed: Array, arena: Arena) -> Array:
        """Return a packed array of what was there a step earlier, 0 for the first step."""
        shifted = arena.empty(packed.shape)
        shifted[: self.n_rows] = 0
        for now, before in zip(self.views(shifted)[1:], self.before(self.views(packed)), strict=True):
            now[...] = before
        return shifted
