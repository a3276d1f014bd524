"""A trainer cuts rows into mini-batches and lets a solver step after each. It holds the progress, nothing else."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .arena import Arena, Array
from .layers.base import Mode
from .objective import Objective
from .schedules import Schedule
from .solvers import Solver
from .workers import one_blas_thread

# Multiplications in the largest product of a layer. OpenBLAS shares out products from 2**18 on, gains nothing by it up
# to 2**21 on two free cores, and takes 4 times as long where others keep the cores busy.
FOR_ONE_BLAS_THREAD = range(2**18, 2**21)

TINY = float(np.finfo(np.float32).tiny)


class Diverged(Exception):
    """The loss or a number of the network is no longer finite."""


@dataclass(frozen=True)
class Epoch:
    """What one epoch came to.

    Parameters
    ----------
    loss : float
        Mean of the objective over the batches.
    rate : float
        Learning rate of the last step.
    gradient_norm : float
        Length of the gradient of the first batch, which is always a full one, before any clipping.
    index : ndarray of shape (n_rows,)
        The rows, in the order in which they were visited.
    raw : ndarray of shape (n_rows, *output_shape)
        The network's output for each of them as it was when its batch came.
    """

    loss: float
    rate: float
    gradient_norm: float
    index: npt.NDArray[np.intp]
    raw: Array


Report = Callable[[Epoch], bool]  # True means stop


class Trainer:
    """Mini-batch training of one objective.

    Parameters
    ----------
    objective : Objective
        What is minimised.
    solver : Solver
        How a gradient becomes a step.
    schedule : Schedule
        How the learning rate changes.
    base_rate : float
        The learning rate the schedule starts from.
    batch_size : int
        Rows a step.
    shuffle : bool
        Whether each epoch visits the rows in a new order.
    seed : tuple of int
        All randomness is a function of this and the number of the epoch, so there is no generator to save.
    max_norm : float or None
        Largest norm of the weights into one unit.
    gradient_clip : float or None
        Largest norm of the gradient.

    Attributes
    ----------
    n_epochs, n_steps, n_plateaus : int
        Progress so far; whoever watches the loss counts the plateaus.
    memory : ndarray of shape (solver.slots, n_trained)
        The solver's memory.
    memory_steps : int
        Steps this memory has seen: n_steps, or fewer where it was started afresh.
    rate : float
        The learning rate of the last step.
    """

    converged = False  # whoever watches the loss decides that

    def __init__(
        self,
        objective: Objective,
        solver: Solver,
        schedule: Schedule,
        base_rate: float,
        batch_size: int,
        shuffle: bool,
        seed: tuple[int, ...],
        max_norm: float | None = None,
        gradient_clip: float | None = None,
    ) -> None:
        self.objective = objective
        self.solver = solver
        self.schedule = schedule
        self.base_rate = self.rate = base_rate
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.seed = seed
        self.max_norm = max_norm
        self.gradient_clip = gradient_clip
        network = objective.network
        self.memory = np.zeros((solver.slots, network.n_trained), network.theta.dtype)
        self.memory_steps = self.n_epochs = self.n_steps = self.n_plateaus = 0
        self._arena = Arena(network.theta.dtype)

    def run(
        self,
        X: Any,
        target: Array,
        sample_weight: Array | None,
        index: npt.NDArray[np.intp],
        max_epochs: int,
        report: Report,
    ) -> None:
        """Train for `max_epochs` epochs or until `report` says stop."""
        product = self.batch_size * max(self.objective.network.sizes())
        # Setting the limit takes longer than it saves in a single epoch, which may be one step of partial_fit.
        limited = max_epochs > 1 and product in FOR_ONE_BLAS_THREAD
        with one_blas_thread() if limited else nullcontext():
            for _ in range(max_epochs):
                if report(self.epoch(X, target, sample_weight, index)):
                    return

    def epoch(self, X: Any, target: Array, sample_weight: Array | None, index: npt.NDArray[np.intp]) -> Epoch:
        """Visit the rows named by `index` once."""
        rng = np.random.default_rng([*self.seed, self.n_epochs])
        n = len(index)
        order = rng.permutation(index) if self.shuffle and self.batch_size < n else index
        mode = Mode(training=True, rng=rng, batch_rng=rng, arena=self._arena)
        network = self.objective.network
        theta, gradient, memory = network.theta[: network.n_trained], network.gradient, self.memory
        penalty, n_decayed = self.objective.penalty, network.n_decayed
        weights = theta[:n_decayed]
        raw = np.empty((n, *network.output_shapes[-1]), theta.dtype)
        total = gradient_norm = 0.0
        for start in range(0, n, self.batch_size):
            rows = order[start : start + self.batch_size]
            self.rate = self.schedule.rate(self.base_rate, self.n_epochs + start / n, self.n_steps, self.n_plateaus)
            self._arena.reset()
            value = self.objective.value_and_gradient(
                take_rows(X, rows, self._arena),
                target.take(rows, axis=0),
                None if sample_weight is None else sample_weight.take(rows),
                mode,
                raw[start : start + self.batch_size],
            )
            if start == 0:
                gradient_norm = float(np.linalg.norm(gradient))
            total += value * len(rows)
            self.n_steps += 1
            self.memory_steps += 1
            if self.gradient_clip is not None:
                gradient *= min(1.0, self.gradient_clip / max(float(np.linalg.norm(gradient)), TINY))
            orthant = penalty.orthant(weights, gradient[:n_decayed])
            self.solver.step(theta, gradient, memory, self.memory_steps, self.rate)
            penalty.project(weights, orthant)
            if self.max_norm is not None:
                network.limit_norms(self.max_norm)
        self.n_epochs += 1
        if not np.isfinite(total) or not np.isfinite(theta).all():
            raise Diverged
        return Epoch(total / n, self.rate, gradient_norm, order, raw)

    def state(self) -> dict[str, Any]:
        """Return the progress as a dict of numbers and arrays."""
        return {
            "memory": self.memory,
            "solver": type(self.solver).__name__,
            "counts": [self.memory_steps, self.n_epochs, self.n_steps, self.n_plateaus],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a `state`; without a memory in it, or with another solver's, the memory starts at zero."""
        self.memory_steps, self.n_epochs, self.n_steps, self.n_plateaus = state["counts"]
        if "memory" in state and state["solver"] == type(self.solver).__name__:
            self.memory = np.array(state["memory"])
        else:
            self.memory_steps = 0


def take_rows(X: Any, rows: npt.NDArray[np.intp], arena: Arena) -> Any:
    """Return these rows of a dense or CSR array, dense ones in memory of the arena."""
    if not isinstance(X, np.ndarray):
        return X[rows]
    return X.take(rows, axis=0, out=arena.empty((len(rows), *X.shape[1:])), mode="clip")
