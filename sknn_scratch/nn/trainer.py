"""Mini-batch training."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .arena import Arena, Array
from .layers.base import Mode
from .learner import Diverged, Learner, State, StopAfter
from .objective import Objective
from .penalty import ElasticNet
from .rows import Index, Rows
from .schedules import Schedule
from .solvers import Solver

SMALLEST_RATE = 1e-6  # below it a plateau ends the training, as in scikit-learn

# The share of noise is measured after so many epochs, as a moving average over so many. Measured earlier, a target that
# is slow to learn would be taken for noise, and the penalty would keep it from being learned.
NOISE_AFTER, NOISE_EPOCHS = 10, 5

TINY = float(np.finfo(np.float32).tiny)


@dataclass(frozen=True)
class Epoch:
    """Result of one epoch, which the session's observer reads.

    Parameters
    ----------
    loss : float
        Mean over the batches of the objective, or of the loss alone where the penalty changes from epoch to epoch.
    rate : float
        Learning rate of the last step.
    gradient_norm : float
        Norm of the gradient of the first batch, which is always a full one, before clipping.
    index : ndarray of shape (n_rows,)
        The rows, in the order in which they were visited.
    raw : ndarray of shape (n_rows, *output_shape)
        The network's output for each of them, computed in its own mini-batch; of shape (n_rows, 0) if not kept.
    """

    loss: float
    rate: float
    gradient_norm: float
    index: Index
    raw: Array


def _pieces(objective: Objective, rates: Sequence[float]) -> list[tuple[slice, float]]:
    """Return adjacent parameters whose layers have the same rate, with this rate; tied weights have the mean."""
    if len(set(rates)) == 1:  # mostly; the network below takes 4% of a small partial_fit
        return [(slice(None), rates[0])]
    shares = objective.network.twin()  # its gradient, with the views of each layer
    for views, rate in zip(shares.grads, rates, strict=True):
        for array in vars(views).values():
            array[...] = rate
    objective.tie(shares.grads)
    edges = [0, *(np.flatnonzero(np.diff(shares.gradient)) + 1).tolist(), len(shares.gradient)]
    return [(slice(*edge), float(shares.gradient[edge[0]])) for edge in pairwise(edges) if edge[0] < edge[1]]


class Trainer(Learner[Epoch]):
    """Mini-batch training of one objective.

    Where the penalty has a part `per_noise`, the share of noise is measured in training, and is 0 in the first epochs.
    With noise estimated along with the weights, the minimum is at the most probable weights (MacKay 1992,
    doi:10.1162/neco.1992.4.3.415). The loss of an epoch is then without the penalty, since values under different
    penalties cannot be compared.

    Parameters
    ----------
    objective : Objective
        What is minimised.
    solver : Solver
        From a gradient to a step.
    schedule : Schedule
        Schedule of the learning rate.
    base_rate : float
        The largest learning rate, of which the schedule gives a share.
    batch_size : int
        Rows a step.
    shuffle : bool
        Whether each epoch visits the rows in a new order.
    seed : tuple of int
        All random numbers are a function of this and the number of the epoch. So no generator is stored, and resumed
        training equals training without a break.
    max_norm : float or None
        Largest norm of the weights into one unit.
    gradient_clip : float or None
        Largest norm of the gradient.
    rates : sequence of float or None
        The share of the learning rate for each layer; None for the same rate in all.

    Attributes
    ----------
    n_epochs, n_steps, n_plateaus : int
        Progress so far; plateaus are counted by `lower_rate`.
    shortened : tuple of int or None
        The epochs between which a shortened schedule comes to its end.
    memory : ndarray of shape (solver.slots, n_trained)
        The solver's memory.
    memory_steps : int
        Steps since this memory was zero.
    rate : float
        The learning rate of the last step.
    learns_noise : bool
        Whether the share of noise is measured.
    noise : float
        The share of noise so far; 0 where it is not measured.
    bounds : (float, float) or None
        `Loss.bounds` of the first rows, between which the loss is the share of noise.
    alpha : float
        The strength of the penalty at this share.
    decay : float
        Strength of a decoupled weight decay: the L2 part of the penalty, which is then not in the objective.
    """

    converged_because = "the loss did not improve, and the learning rate then came to its lowest value"

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
        rates: Sequence[float] | None = None,
    ) -> None:
        network = objective.network
        self._penalty = objective.penalty
        self.objective = objective.with_penalty(ElasticNet())
        self.solver = solver
        self.schedule = schedule
        self.base_rate = self.rate = base_rate
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.seed = seed
        self.max_norm = max_norm
        self.gradient_clip = gradient_clip
        self._pieces = [(slice(None), 1.0)] if rates is None else _pieces(objective, rates)
        self.theta = network.theta
        self.memory = np.zeros((solver.slots, network.n_trained), network.theta.dtype)
        self.memory_steps = self.n_epochs = self.n_steps = self.n_plateaus = 0
        self.shortened: tuple[int, int] | None = None
        self._arena = Arena(network.theta.dtype)
        self.learns_noise = self._penalty.per_noise > 0
        self.bounds: tuple[float, float] | None = None
        self._weigh(noise=0.0)

    def fix_noise(self, noise: float) -> None:
        """Train with this share of noise from now on, whatever the loss is."""
        self.learns_noise = False
        self._weigh(noise)

    def _weigh(self, noise: float) -> None:
        """Set the share of noise, and the strength of the penalty by it."""
        self.noise = noise
        penalty = self._penalty.at(noise)
        self.alpha = penalty.alpha
        self.decay = penalty.l2 if self.solver.decoupled else 0.0
        self.objective.penalty = ElasticNet(penalty.l1, l1_ratio=1.0) if self.solver.decoupled else penalty

    def run(self, rows: Rows, index: Index, max_epochs: int, stop_after: StopAfter[Epoch]) -> None:
        with self.objective.in_threads(self.batch_size):
            for _ in range(max_epochs):
                if stop_after(self.epoch(rows, index)):
                    return

    def epoch(self, rows: Rows, index: Index) -> Epoch:
        """Visit the rows `index` once."""
        rng = np.random.default_rng([*self.seed, self.n_epochs])
        n = len(index)
        order = rng.permutation(index) if self.shuffle and self.batch_size < n else index
        mode = Mode(training=True, rng=rng, batch_rng=rng, arena=self._arena)
        network = self.objective.network
        keeps_raw = self.objective.keeps_raw
        raw = np.zeros((n, *rows.target.shape[1:]) if keeps_raw else (n, 0), self.theta.dtype)
        total = gradient_norm = 0.0
        for start in range(0, n, self.batch_size):
            stop = start + self.batch_size
            n_epochs = self._progress(self.n_epochs + start / n)
            rate = self.schedule.rate(self.base_rate, n_epochs, self.n_steps, self.n_plateaus)
            self.rate = float(rate)  # a number of numpy's would make float32 arrays float64
            self._arena.reset()
            batch = rows.take(order[start:stop], self._arena)
            out = raw[start:stop] if keeps_raw else None
            total += self.objective.value_and_gradient(batch, mode, out) * len(batch.target)
            if start == 0:
                gradient_norm = float(np.linalg.norm(network.gradient))
            self._step()
        self.n_epochs += 1
        if not np.isfinite(total) or not np.isfinite(network.theta).all():
            raise Diverged
        loss = self._learn_noise(rows.target, rows.weight, order, raw) if self.learns_noise else total / n
        return Epoch(loss, self.rate, gradient_norm, order, raw)

    def _learn_noise(self, target: Array, weight: Array | None, order: Index, raw: Array) -> float:
        """Update the share of noise, and the penalty with it, by an epoch's outputs; return their mean loss."""
        loss, target, weight = self.objective.loss, target[order], None if weight is None else weight[order]
        value = loss.mean(target, raw, weight)
        if self.bounds is None:
            self.bounds = loss.bounds(target, weight)
        if self.n_epochs > NOISE_AFTER:
            exact, of_mean = self.bounds
            noise = (value - exact) / (of_mean - exact) if of_mean > exact else 1.0
            self._weigh(self.noise + (min(1.0, max(0.0, noise)) - self.noise) / NOISE_EPOCHS)
        return value

    def _step(self) -> None:
        """Update the parameters with the gradient of a mini-batch.

        Clipping comes before the solver, whose memory then holds no outlier, the bound of the norms after all that
        changes them. With an L1 penalty a weight stays in its orthant, that is, keeps its sign: one that would cross 0
        stops there (Andrew and Gao 2007). The orthant is that of the weights before the step, so it is taken first.
        Decoupled decay shrinks the weights at which the gradient was computed (Loshchilov and Hutter 2019).
        """
        network, penalty = self.objective.network, self.objective.penalty
        gradient, theta, n_decayed = network.gradient, network.theta, network.n_decayed
        weights = theta[:n_decayed]
        self.n_steps += 1
        self.memory_steps += 1
        if self.gradient_clip is not None:
            gradient *= min(1.0, self.gradient_clip / max(float(np.linalg.norm(gradient)), TINY))
        orthant = penalty.orthant(weights, gradient[:n_decayed])
        if self.decay:
            weights *= max(0.0, 1 - self.rate * self.decay)
        for piece, share in self._pieces:
            memory = self.memory[:, piece]
            self.solver.step(theta[piece], gradient[piece], memory, self.memory_steps, self.rate * share)
        penalty.project(weights, orthant)
        if self.max_norm is not None:
            network.limit_norms(self.max_norm)

    def lower_rate(self) -> bool:
        if not self.schedule.lowers_on_plateau or self.rate <= SMALLEST_RATE:
            return False
        self.n_plateaus += 1
        return True

    def shorten(self, n_epochs: float) -> bool:
        if self.shortened is not None or not self.n_epochs < self.schedule.horizon < np.inf:
            return False
        self.shortened = self.n_epochs, int(min(self.n_epochs + n_epochs, np.ceil(self.schedule.horizon)))
        return True

    @property
    def converged(self) -> bool:  # type: ignore[override]
        """Whether the last epoch was the end of a shortened schedule."""
        return self.shortened is not None and self.n_epochs == self.shortened[1]

    def _progress(self, n_epochs: float) -> float:
        """Return how many epochs of the schedule these are."""
        if self.shortened is None:
            return n_epochs
        first, last = self.shortened
        return first + max(0.0, n_epochs - first) * (self.schedule.horizon - first) / (last - first)

    def state(self) -> State:
        pairs = {"shortened": self.shortened, "bounds": self.bounds}
        return {name: np.array(pair) for name, pair in pairs.items() if pair is not None} | {
            "solver": self._solver_name,
            "memory": self.memory,
            "memory_steps": self.memory_steps,
            "n_epochs": self.n_epochs,
            "n_steps": self.n_steps,
            "n_plateaus": self.n_plateaus,
            "noise": self.noise,
        }

    @property
    def _solver_name(self) -> str:
        kind = type(self.solver)
        return f"{kind.__module__}.{kind.__qualname__}"

    def restore(self, state: State) -> None:
        """Resume from a `state`; without a memory in it, or with another solver's, the memory starts at zero."""
        self.memory_steps = int(state["memory_steps"])
        self.n_epochs, self.n_steps = int(state["n_epochs"]), int(state["n_steps"])
        self.n_plateaus = int(state["n_plateaus"])
        self._weigh(float(state.get("noise", 0.0)))
        exact, of_mean = state.get("bounds", (np.nan, np.nan))
        self.bounds = None if np.isnan(exact) else (float(exact), float(of_mean))
        first, last = state.get("shortened", (-1, -1))
        self.shortened = None if last < 0 else (int(first), int(last))
        same = "memory" in state and state["solver"] == self._solver_name
        if same and np.shape(state["memory"]) == self.memory.shape:
            self.memory = np.array(state["memory"], self.theta.dtype)
        else:
            self.memory_steps = 0
