"""Training of Boltzmann machines by contrastive divergence, with chains that start at the data or persist."""

import copy
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Self

import numpy as np

from .arena import Array
from .boltzmann import Boltzmann
from .layers.base import Mode
from .learner import State
from .penalty import ElasticNet
from .rows import Index, Rows
from .trainer import Epoch, Trainer
from .workers import Map, in_one_thread, workers

SMALL_SHARD, MOST_SHARDS = 50, 4  # rows of a mini-batch for a thread; each shard has a gradient of its own
SCORED = 500  # rows, from which the loss of an epoch is estimated
WORTH_SHARING = 2**23  # multiplications of a mini-batch in one product, of which a step has several


class Divergence:
    """The mean free energy of a mini-batch minus that of samples of the machine, and its gradient.

    With samples of p(v) itself that would be the gradient of the mean of -log p(v). Here they come from `n_gibbs` steps
    of Gibbs sampling: from the rows (contrastive divergence, Hinton 2002), or from where `chains` were after the last
    mini-batch (persistent contrastive divergence, Tieleman 2008). The chains have a mean of their own, so a shorter
    last mini-batch is no special case.

    Parameters
    ----------
    machine : Boltzmann
        What is trained.
    penalty : ElasticNet
        Penalty on its weights.
    n_gibbs : int
        Steps of Gibbs sampling.
    chains : ndarray of shape (n_chains, n_hidden) or None
        States of the hidden units of chains that persist; None for chains from the rows.
    sparsity : float or None
        The mean that each hidden unit should have in a mini-batch.
    sparsity_weight : float
        Weight of the cross-entropy between that mean and the real one.
    """

    keeps_raw = False

    def __init__(
        self,
        machine: Boltzmann,
        penalty: ElasticNet,
        n_gibbs: int,
        chains: Array | None,
        sparsity: float | None,
        sparsity_weight: float,
    ) -> None:
        self.network = machine
        self.penalty = penalty
        self.n_gibbs = n_gibbs
        self.chains = chains
        self.sparsity = sparsity
        self.sparsity_weight = sparsity_weight
        self._twins = [machine]
        self._map: Map = _in_turn  # over shards

    @contextmanager
    def in_threads(self, batch_size: int) -> Iterator[None]:
        """Choose how mini-batches of so many rows are computed: large ones in shards, in threads."""
        product = batch_size * self.network.n_decayed
        if product < WORTH_SHARING:
            with in_one_thread(product):
                yield
            return
        self._twins = [self.network]
        self._twins += [self.network.twin() for _ in range(1, min(MOST_SHARDS, batch_size // SMALL_SHARD))]
        try:
            with workers() as self._map:
                yield
        finally:
            self._twins, self._map = [self.network], _in_turn

    def with_penalty(self, penalty: ElasticNet) -> Self:
        """Return the same with another penalty."""
        other = copy.copy(self)
        other.penalty = penalty
        return other

    def value_and_gradient(self, rows: Rows, mode: Mode, out: Array | None = None) -> float:
        """Write the gradient for these rows to ``network.gradient``; there is no value worth its time, so return 0."""
        machine = self.network
        v = _visible(rows, machine)
        share = np.full(len(v), 1 / len(v), v.dtype) if rows.weight is None else rows.weight / len(v)
        n, n_shards = len(v), len(self._twins)
        n_chains = n if self.chains is None else len(self.chains)
        of_chains = -share if self.chains is None else np.full(n_chains, -share.sum() / n_chains, v.dtype)
        one = n_shards == 1
        rngs = [mode.rng] if one else [np.random.default_rng(s) for s in mode.rng.integers(2**63, size=n_shards)]

        def one_shard(i: int) -> tuple[Array, Array]:
            rows, chains = (slice(m * i // n_shards, m * (i + 1) // n_shards) for m in (n, n_chains))
            h = None if self.chains is None else self.chains[chains]
            return self._one_pass(self._twins[i], v[rows], h, share[rows], of_chains[chains], rngs[i])

        activities, ends = zip(*self._map(one_shard, range(n_shards)), strict=True)
        for twin in self._twins[1:]:
            machine.gradient += twin.gradient
        if self.chains is not None:
            self.chains = np.concatenate(ends)
        if self.sparsity is not None:
            excess = sum(activities) / share.sum() - self.sparsity
            machine.push_hidden(self.sparsity_weight * excess.astype(v.dtype), np.dot(share, v))
        n_decayed = machine.n_decayed
        self.penalty.add_gradient(machine.theta[:n_decayed], machine.gradient[:n_decayed])
        return 0.0

    def _one_pass(
        self, machine: Boltzmann, v: Array, h: Array | None, share: Array, of_chains: Array, rng: np.random.Generator
    ) -> tuple[Array, Array]:
        """Write the gradient; return the sum of the rows' shares of the hidden means, and where the chains from h end.

        Rows and chains are in one product, which is faster than two; chains from the rows need their means first.
        """
        n = len(v)
        if h is None:
            means = machine.hidden_means(v)
            h = machine.draw_hidden(means, rng)
            both = np.concatenate([v, self._walk(machine, h, rng)])
            both_means = np.concatenate([means, machine.hidden_means(both[n:])])
        else:
            both = np.concatenate([v, self._walk(machine, h, rng)])
            both_means = machine.hidden_means(both)
            h = machine.draw_hidden(both_means[n:], rng)
        machine.set_gradient(both, both_means, np.concatenate([share, of_chains]))
        return np.dot(share, both_means[:n]), h

    def _walk(self, machine: Boltzmann, h: Array, rng: np.random.Generator) -> Array:
        """Return visible units after the steps of Gibbs sampling from h."""
        v = machine.draw_visible(machine.visible_means(h), rng)
        for _ in range(self.n_gibbs - 1):
            h = machine.draw_hidden(machine.hidden_means(v), rng)
            v = machine.draw_visible(machine.visible_means(h), rng)
        return v


def _in_turn(task: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
    """Map without threads."""
    return [task(item) for item in items]


def _visible(rows: Rows, machine: Boltzmann) -> Array:
    """Return rows as dense visible units in the dtype of the machine."""
    v = rows.X if isinstance(rows.X, np.ndarray) else rows.X.toarray()
    return v.astype(machine.theta.dtype, copy=False)


class DivergenceTrainer(Trainer):
    """Mini-batch training by such a gradient.

    The loss of an epoch is an estimate, from the first rows that were visited: of minus the log-pseudo-likelihood, from
    one pixel of each row, or for Gaussian visible units the squared error of the reconstruction.
    """

    objective: Divergence  # type: ignore[assignment]

    def epoch(self, rows: Rows, index: Index) -> Epoch:
        epoch = super().epoch(rows, index)
        return replace(epoch, loss=self._loss(rows[epoch.index[:SCORED]]))

    def _loss(self, rows: Rows) -> float:
        machine = self.objective.network
        v = _visible(rows, machine)
        if machine.gaussian:
            losses = ((v - machine.visible_means(machine.hidden_means(v))) ** 2).sum(axis=1)
        else:
            pixels = np.random.default_rng([*self.seed, self.n_epochs]).integers(v.shape[1], size=(1, len(v)))
            losses = -v.shape[1] * next(machine.log_conditionals(v, pixels))
        return float(np.average(losses, weights=rows.weight))

    def state(self) -> State:
        chains = self.objective.chains
        return super().state() | ({} if chains is None else {"chains": chains})

    def restore(self, state: State) -> None:
        super().restore(state)
        chains, saved = self.objective.chains, state.get("chains")
        if chains is not None and saved is not None and saved.shape == chains.shape:
            self.objective.chains = saved.astype(chains.dtype)
