"""L-BFGS minimises over all rows at once, by scipy. To its caller it looks like a trainer."""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from .arena import Arena, Array
from .layers.base import Mode
from .objective import Objective
from .penalty import ElasticNet
from .trainer import Diverged, Epoch, Report

EPS = float(np.finfo(np.float64).eps)
ROWS_AT_ONCE = 4096  # so that memory does not grow with the number of rows


class LBFGS:
    """Full-batch minimisation by scipy's L-BFGS-B (Byrd et al. 1995); one iteration counts as an epoch.

    An L1 penalty has a kink at zero, so with one each weight is split into w = u - v with u, v >= 0; both parts are
    zero exactly where the weight is.

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
        self.network = objective.network
        if random := [layer for layer in self.network.layers if layer.is_random]:
            raise ValueError(
                f"L-BFGS compares values of one objective, and {random} make it another one at every evaluation. Use "
                "a stochastic solver such as solver='adam', or no dropout and no noise."
            )
        self.objective = objective
        self.tol = tol
        self.max_fun = max_fun
        self.n_epochs = 0
        self.converged = False

    def run(
        self,
        X: Any,
        target: Array,
        sample_weight: Array | None,
        index: npt.NDArray[np.intp],
        max_epochs: int,
        report: Report,
    ) -> None:
        """Minimise for at most `max_epochs` iterations or until `report` says stop."""
        network, l1 = self.network, self.objective.penalty.l1
        # The L1 part is linear in u and v and added here, the smooth rest stays with the objective.
        smooth = Objective(network, self.objective.loss, ElasticNet(self.objective.penalty.l2), self.objective.run)
        theta = network.theta[: network.n_trained]
        n_split = network.n_decayed if l1 else 0
        n = len(index)
        arena = Arena(network.theta.dtype)
        rng = np.random.default_rng(0)  # never drawn from: see above
        mode = Mode(training=True, rng=rng, batch_rng=rng, arena=arena)
        X, target = X[index], target[index]
        sample_weight = None if sample_weight is None else sample_weight[index]
        raw = np.empty((n, *network.output_shapes[-1]), theta.dtype)
        gradient_norm = 0.0

        def join(z: Array) -> Array:  # z = [u | numbers without penalty | v]
            x = z[: len(theta)].copy()
            x[:n_split] -= z[len(theta) :]
            return x

        def value_and_gradient(z: Array) -> tuple[float, Array]:
            nonlocal gradient_norm
            theta[:] = join(z)
            value, gradient = 0.0, np.zeros(len(theta))
            for start in range(0, n, ROWS_AT_ONCE):
                rows = slice(start, start + ROWS_AT_ONCE)
                weight = None if sample_weight is None else sample_weight[rows]
                share = len(target[rows]) / n
                arena.reset()
                value += share * smooth.value_and_gradient(X[rows], target[rows], weight, mode, raw[rows])
                gradient += share * network.gradient
            gradient_norm = float(np.linalg.norm(gradient))
            if n_split:
                value += l1 * (z[:n_split].sum() + z[len(theta) :].sum())
                gradient = np.concatenate([gradient, l1 - gradient[:n_split]])
                gradient[:n_split] += l1
            if not np.isfinite(value):
                raise Diverged
            return value, gradient

        def epoch(loss: float) -> Epoch:
            return Epoch(loss, self.rate, gradient_norm, index, raw)

        def after_iteration(intermediate_result: Any) -> None:
            z = intermediate_result.x
            theta[:] = join(z)
            self.n_epochs += 1
            # Where u and v are both positive on the way, u + v is more than |w|.
            excess = 2 * l1 * float(np.minimum(z[:n_split], z[len(theta) :]).sum())
            if report(epoch(float(intermediate_result.fun) - excess)):
                raise StopIteration

        start = theta.astype(np.float64)
        bounds: Any = None
        if n_split:
            positive, negative = np.maximum(start[:n_split], 0), np.maximum(-start[:n_split], 0)
            start = np.concatenate([positive, start[n_split:], negative])
            bounds = [(0, None)] * n_split + [(None, None)] * (len(theta) - n_split) + [(0, None)] * n_split
        result = minimize(
            value_and_gradient,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            callback=after_iteration,
            # scipy's own ftol, 2e-9, would end long before tol is reached.
            options={"maxiter": max_epochs, "maxfun": self.max_fun, "gtol": self.tol, "ftol": 64 * EPS},
        )
        theta[:] = join(result.x)
        self.converged = bool(result.success)
        if self.n_epochs == 0:  # the start was the minimum
            self.n_epochs = 1
            report(epoch(float(result.fun)))

    def state(self) -> dict[str, Any]:
        """Return nothing: each run starts from the numbers of the network alone."""
        return {}
