"""Planes w x + b, trained by the perceptron rule (Rosenblatt 1958): only mistakes change them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from .arena import Array
from .learner import Diverged, Learner, State, StopAfter
from .rows import Index, Matrix, Rows
from .workers import in_one_thread

ROWS_AT_ONCE = 64  # fewer mean more calls, more a larger Gram matrix
NOT_LATER = np.tri(ROWS_AT_ONCE, dtype=bool)  # where column j does not come after row i


class Planes:
    """Planes with all parameters in one vector, ``theta = [coef | intercept]``.

    Parameters
    ----------
    shape : pair of int
        (n_planes, n_features).
    dtype : dtype
        float32 or float64.
    order : {"C", "F"}
        Memory layout of `coef`. For sparse rows F, since scipy copies the transpose of the other.
    bias : float
        The input of the intercept: 1, or 0 for a constant intercept.
    """

    def __init__(self, shape: tuple[int, int], dtype: npt.DTypeLike, order: Literal["C", "F"], bias: float) -> None:
        n_planes, n_features = shape
        self.theta: Array = np.zeros(n_planes * (n_features + 1), dtype)
        self.coef = self.theta[:-n_planes].reshape(shape, order=order)
        self.intercept = self.theta[-n_planes:]
        self.bias = bias

    def corrections(self, x: Matrix, sign: Array, step: Array) -> Array:
        """Return what the rule adds to each plane, row by row, as multiples of the rows: (n_planes, n_rows).

        A mistake on row i changes the decision value of a later row j by step_i y_i (x_i x_j + 1). So one product gives
        all decision values, one the Gram matrix. Which rows are mistakes depends on which earlier ones are: start with
        the mistakes of the planes as they are and correct for those until they stay the same. Each round is right about
        at least one row more, and in practice about several.
        """
        margin = self.coef @ x.T
        margin += self.intercept[:, None]
        margin *= sign
        change = np.zeros_like(margin)
        if not np.isfinite(margin.sum()):
            raise Diverged
        wrong = margin <= 0
        if not np.count_nonzero(wrong):
            return change
        n_rows = len(step)
        gram = x @ x.T if isinstance(x, np.ndarray) else (x @ x.T).toarray()
        gram += self.bias
        np.putmask(gram, NOT_LATER[:n_rows, :n_rows], 0)  # a factor 0 would leave nan where a square overflows
        forward = sign * step
        mistakes = None
        while mistakes != (mistakes := wrong.tobytes()):
            np.multiply(forward, wrong, out=change)
            after = change @ gram
            after *= sign
            after += margin
            wrong = after <= 0
        if not np.isfinite(after.sum()):
            raise Diverged
        return change

    def move(self, change: Array, x: Matrix) -> None:
        """Add multiples of rows, of shape (n_planes, n_rows), to the planes."""
        if isinstance(x, np.ndarray):
            self.coef += change @ x
        else:  # only the columns with entries in these rows
            moved = (sparse.csr_array(change) @ x).tocoo()
            self.coef[moved.row, moved.col] += moved.data
        self.intercept += self.bias * change.sum(axis=1)


@dataclass(frozen=True)
class PlanesEpoch:
    """Result of one epoch, which the session's observer reads.

    Parameters
    ----------
    n_mistakes : int
        Mistakes, summed over the planes.
    share : float
        Weighted share of the mistakes.
    """

    n_mistakes: int
    share: float


class PerceptronRule(Learner[PlanesEpoch]):
    """The perceptron rule, row by row, with the average of the planes over all steps.

    With A_j the sum of the weights before step j and A that of all, the average of w = sum_j delta_j over all steps is
    sum_j (A - A_j) delta_j / A = w - lag / A, lag = sum_j A_j delta_j: only mistakes need work.

    Parameters
    ----------
    planes : Planes
        What is trained.
    signs : ndarray of shape (n_planes, n_classes)
        Whether a class lies above (1) or below (-1) a plane.
    eta : float
        Length of a step on a row of weight 1.
    averaged : bool
        Whether to average.
    shuffle : bool
        Whether each epoch visits the rows in a new order.
    seed : int
        The order is a function of this and the number of the epoch.

    Attributes
    ----------
    lag : Planes
        The lag above, in float64.
    seen : float
        A.
    n_epochs : int
        Epochs so far.
    """

    converged_because = "an epoch had no mistake"

    def __init__(self, planes: Planes, signs: Array, eta: float, averaged: bool, shuffle: bool, seed: int) -> None:
        self.planes = planes
        self.theta = planes.theta
        self.signs = signs
        self.eta = eta
        self.averaged = averaged
        self.shuffle = shuffle
        self.seed = seed
        order: Literal["C", "F"] = "C" if planes.coef.flags.c_contiguous else "F"
        self.lag = Planes(planes.coef.shape, np.float64, order, planes.bias)
        self.seen = 0.0
        self.n_epochs = 0

    def run(self, rows: Rows, index: Index, max_epochs: int, stop_after: StopAfter[PlanesEpoch]) -> None:
        """Train on the rows `index`, whose targets are columns of `signs`; all rows have weights."""
        n_rows, n_planes = min(ROWS_AT_ONCE, len(index)), len(self.signs)
        n_terms = rows.X.shape[1] if isinstance(rows.X, np.ndarray) else n_planes  # sparse products are not BLAS's
        with in_one_thread(n_rows * max(n_rows, n_planes) * n_terms):
            for _ in range(max_epochs):
                if stop_after(self.epoch(rows, index)):
                    return

    def epoch(self, rows: Rows, index: Index) -> PlanesEpoch:
        """Visit the rows once."""
        X, weight = rows.X, rows.weight
        assert weight is not None
        step = (self.eta * weight).astype(self.theta.dtype)
        worst = len(self.signs) * step[index].sum(dtype=np.float64)  # all steps, where everything is a mistake
        order = np.random.default_rng([self.seed, self.n_epochs]).permutation(index) if self.shuffle else index
        n_mistakes, share = 0, 0.0
        for first in range(0, len(order), ROWS_AT_ONCE):
            now = order[first : first + ROWS_AT_ONCE]
            x = X.take(now, axis=0) if isinstance(X, np.ndarray) else X[now]
            change = self.planes.corrections(x, self.signs.take(rows.target.take(now), axis=1), step.take(now))
            n_wrong = int(np.count_nonzero(change))
            if n_wrong:
                self.planes.move(change, x)
                n_mistakes += n_wrong
                share += float(np.abs(change).sum()) / worst
            if self.averaged:
                after = self.seen + np.cumsum(weight.take(now))
                if n_wrong:
                    self.lag.move(change * (after - weight.take(now)), x)
                self.seen = after[-1]
        self.n_epochs += 1
        self.converged = n_mistakes == 0
        return PlanesEpoch(n_mistakes, share)

    def learned(self) -> tuple[Array, Array]:
        """Return weights and intercepts to predict with: the last ones, or their averages over all steps."""
        planes, lag = self.planes, self.lag
        if not self.averaged:
            return planes.coef, planes.intercept
        return planes.coef - lag.coef / self.seen, planes.intercept - lag.intercept / self.seen

    def state(self) -> State:
        return {"lag": self.lag.theta, "seen": self.seen, "n_epochs": self.n_epochs}

    def restore(self, state: State) -> None:
        self.lag.theta[:] = state["lag"]
        self.seen, self.n_epochs = float(state["seen"]), int(state["n_epochs"])
