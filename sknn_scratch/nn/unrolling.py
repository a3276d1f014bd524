"""A recurrent layer unrolled over the steps of a mini-batch: one product a step, forwards and backwards."""

from collections.abc import Iterator

import numpy as np

from .arena import Arena, Array
from .packing import Packing


class Unrolled:
    """The products of a recurrent layer, step by step: (x[t], 1, h[t-1]) times a matrix.

    Input, bias and state have one product in common, so nothing has to be added up afterwards, and the gradient of the
    matrix is one product over all steps. Arrays of one step have the shape (n, units), those of several gates
    (k, n, units): each gate is contiguous.

    Parameters
    ----------
    packing : Packing
        Where the steps are.
    entering : ndarray of shape (size, n_in + 1 + units)
        The packed (x[t], 1, h[t-1]), the states of which are written here.
    units : int
        Size of a state.
    mask : ndarray of shape (n_rows, units) or None
        What states are multiplied by where they enter, in the order in which rows are packed.
    arena : Arena
        Memory.
    """

    def __init__(self, packing: Packing, entering: Array, units: int, mask: Array | None, arena: Arena) -> None:
        self.packing = packing
        self.entering = entering
        self.units = units
        self.mask = mask
        self.arena = arena

    def empty(self, n_arrays: int) -> Array:
        """Return some packed arrays, of shape (n_arrays, size, units)."""
        return self.arena.empty((n_arrays, self.packing.size, self.units))

    def before(self, packed: Array) -> list[Array]:
        """Return for each step a view of the step before, of the rows that go on; zeros for the first step."""
        zeros = self.arena.empty((self.packing.n_rows, self.units))
        zeros[...] = 0
        return [zeros, *self.packing.before(self.packing.views(packed))]

    def forwards(self, matrix: Array, h: Array) -> Iterator[Array]:
        """Yield for each step its product; the caller then writes the state into the step's view of h.

        Parameters
        ----------
        matrix : ndarray of shape (n_in + 1 + units, k * units)
            What (x[t], 1, h[t-1]) is multiplied by.
        h : ndarray of shape (size, units)
            The packed states.

        Yields
        ------
        product : ndarray of shape (k, n, units)
        """
        views, units = self.packing.views, self.units
        states = self.entering[:, -units:]
        states[: self.packing.n_rows] = 0
        entering, states_before = views(self.entering), self.packing.before(views(h))
        memory = self.arena.empty((self.packing.n_rows, matrix.shape[1]))
        for t, next_state in enumerate([*views(states)[1:], None]):
            product = np.dot(entering[t], matrix, out=memory[: self.packing.counts[t]])
            yield product.reshape(len(product), -1, units).swapaxes(0, 1)
            if next_state is None:
                return
            if self.mask is None:
                next_state[...] = states_before[t]
            else:
                np.multiply(states_before[t], self.mask[: len(next_state)], out=next_state)

    def backwards(self, matrix: Array, dh: Array, d: Array) -> Iterator[tuple[int, Array]]:
        """Yield for each step, last step first, its number and its view of d, for the caller to write.

        Parameters
        ----------
        matrix : ndarray of shape (units, k * units)
            What h[t-1] is multiplied by.
        dh : ndarray of shape (size, units)
            The derivatives with respect to the states; what goes through the products is added.
        d : ndarray of shape (size, k * units)
            For the derivatives with respect to the products.

        Yields
        ------
        t : int
        d : ndarray of shape (k, n, units)
        """
        dh_before, d_views = self.packing.before(self.packing.views(dh)), self.packing.views(d)
        memory = self.arena.empty((self.packing.n_rows, self.units))
        for t in range(len(d_views) - 1, -1, -1):
            d_t = d_views[t]
            yield t, d_t.reshape(len(d_t), -1, self.units).swapaxes(0, 1)
            if t:
                through = np.dot(d_t, matrix.T, out=memory[: len(d_t)])
                if self.mask is not None:
                    through *= self.mask[: len(d_t)]
                dh_before[t - 1] += through  # a view
