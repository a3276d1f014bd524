"""Full-batch training by scipy's L-BFGS-B."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

from .arena import Arena, Array
from .layers.base import Mode
from .learner import Diverged, Learner, StopAfter
from .objective import Objective
from .penalty import ElasticNet
from .rows import Index, Rows
from .trainer import Epoch

EPS = float(np.finfo(np.float64).eps)
ROWS_AT_ONCE = 4096  # so that memory does not grow with the number of rows


class FullBatch:
    """The objective over the rows `index`, evaluated in pieces, with the raw output of the last evaluation."""

    def __init__(self, objective: Objective, rows: Rows, index: Index) -> None:
        self.objective = objective
        self.rows = rows
        self.index = index
        network = objective.network
        rng = np.random.default_rng(0)  # never drawn from: L-BFGS refuses layers that are random
        self.mode = Mode(training=True, rng=rng, batch_rng=rng, arena=Arena(network.theta.dtype))
        shape = rows.target.shape[1:] if objective.keeps_raw else (0,)
        self.raw = np.zeros((len(index), *shape), network.theta.dtype)
        self.gradient_norm = 0.0

    def value_and_gradient(self) -> tuple[float, Array]:
        """Return the objective and its gradient at the current parameters."""
        network, n = self.objective.network, len(self.index)
        value, gradient = 0.0, np.zeros(network.n_trained)
        for start in range(0, n, ROWS_AT_ONCE):
            piece = slice(start, start + ROWS_AT_ONCE)
            self.mode.arena.reset()
            rows = self.rows.take(self.index[piece], self.mode.arena)
            share = len(rows) / n
            out = self.raw[piece] if self.objective.keeps_raw else None
            value += share * self.objective.value_and_gradient(rows, self.mode, out)
            gradient += share * network.gradient
        self.gradient_norm = float(np.linalg.norm(gradient))
        return value, gradient


@dataclass(frozen=True)
class SignSplit:
    """w = u - v with u, v >= 0, which makes l1 sum |w| = l1 sum (u + v) smooth: z = [u | without penalty | v].

    At the minimum one of u and v is zero, and both are zero where the weight is.

    Parameters
    ----------
    n : int
        How many parameters are split, the first ones; 0 without an L1 penalty, and z is theta.
    l1 : float or ndarray of shape (n,)
        Strength of the L1 penalty, on all of them or on each.
    """

    n: int
    l1: float | Array

    def split(self, theta: Array) -> Array:
        """Return z for these parameters."""
        w = theta[: self.n]
        return np.concatenate([np.maximum(w, 0), theta[self.n :], np.maximum(-w, 0)]) if self.n else theta

    def join(self, z: Array) -> Array:
        """Return the parameters for this z."""
        theta = z[: len(z) - self.n].copy()
        theta[: self.n] -= z[len(theta) :]
        return theta

    def bounds(self, z: Array) -> list[tuple[float | None, None]] | None:
        """Return the lowest and the largest value of each entry of z."""
        if not self.n:
            return None
        positive: list[tuple[float | None, None]] = [(0, None)] * self.n
        return positive + [(None, None)] * (len(z) - 2 * self.n) + positive

    def add_penalty(self, z: Array, value: float, gradient: Array) -> tuple[float, Array]:
        """Return value and gradient with the L1 part, in terms of z."""
        if not self.n:
            return value, gradient
        value += float(np.sum(self.l1 * (z[: self.n] + z[len(gradient) :])))
        gradient = np.concatenate([gradient, self.l1 - gradient[: self.n]])
        gradient[: self.n] += self.l1
        return value, gradient

    def excess(self, z: Array) -> float:
        """Return by how much u + v exceeds |w| in the penalty: before convergence both may be positive."""
        return 2 * float(np.sum(self.l1 * np.minimum(z[: self.n], z[len(z) - self.n :])))


class LBFGS(Learner[Epoch]):
    """Full-batch minimisation by scipy's L-BFGS-B (Byrd et al. 1995); one iteration counts as an epoch.

    Parameters
    ----------
    objective : Objective
        What is minimised.
    tol : float
        Ends where no component of the projected gradient is larger.
    max_fun : int
        Ends after this many evaluations of the objective.

    Attributes
    ----------
    n_epochs : int
        Iterations so far.
    converged : bool
        Whether the last run ended at a minimum.
    """

    rate = float("nan")  # there is no learning rate

    def __init__(self, objective: Objective, tol: float, max_fun: int) -> None:
        if random := [layer for layer in objective.network.layers if layer.is_random]:
            raise ValueError(
                f"L-BFGS compares values of one objective, and {random} make it another one at every evaluation. Use "
                "a stochastic solver such as solver='adam', or no dropout and no noise."
            )
        self.objective = objective
        self.alpha = objective.penalty.alpha
        self.theta = objective.network.theta
        self.tol = tol
        self.max_fun = max_fun
        self.n_epochs = 0

    def run(self, rows: Rows, index: Index, max_epochs: int, stop_after: StopAfter[Epoch]) -> None:
        """Minimise for at most `max_epochs` iterations, or until `stop_after` returns True."""
        network, penalty = self.objective.network, self.objective.penalty
        split = SignSplit(network.n_decayed, self.objective.l1()) if penalty.l1 else SignSplit(0, 0.0)
        smooth = self.objective.with_penalty(ElasticNet(penalty.l2))
        batch = FullBatch(smooth, rows, index)
        theta = network.theta

        def value_and_gradient(z: Array) -> tuple[float, Array]:
            theta[:] = split.join(z)
            value, gradient = split.add_penalty(z, *batch.value_and_gradient())
            if not np.isfinite(value):
                raise Diverged
            return value, gradient

        def after_iteration(intermediate_result: Any) -> None:
            z = intermediate_result.x
            theta[:] = split.join(z)
            self.n_epochs += 1
            loss = float(intermediate_result.fun) - split.excess(z)
            if stop_after(Epoch(loss, self.rate, batch.gradient_norm, index, batch.raw)):
                raise StopIteration

        start = split.split(theta.astype(np.float64))
        with smooth.in_threads(min(len(index), ROWS_AT_ONCE)):
            result = minimize(
                value_and_gradient,
                start,
                jac=True,
                method="L-BFGS-B",
                bounds=split.bounds(start),
                callback=after_iteration,
                # scipy's own ftol, 2e-9, would end long before tol is reached.
                options={"maxiter": max_epochs, "maxfun": self.max_fun, "gtol": self.tol, "ftol": 64 * EPS},
            )
        theta[:] = split.join(result.x)
        if self.n_epochs == 0:  # the start was the minimum
            self.n_epochs = 1
            stop_after(Epoch(float(result.fun), self.rate, batch.gradient_norm, index, batch.raw))
        self.converged = bool(result.success)
