"""Training of Boltzmann machines by contrastive divergence, with chains that start at the data or persist."""

import copy
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Self

import numpy as np

from .arena import Array
from .boltzmann import Boltzmann
from .layers.base import Mode
from .learner import State
from .objective import in_one_thread
from .penalty import ElasticNet
from .rows import Index, Rows
from .trainer import Epoch, Trainer

SCORED = 500  # rows, from which the loss of an epoch is estimated
WORTH_SHARING = 2**23  # multiplications of a mini-batch; from here on BLAS may use all its threads


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

    def in_threads(self, batch_size: int) -> AbstractContextManager[object]:
        """Choose how products of so many rows are computed."""
        product = batch_size * self.network.n_decayed
        return nullcontext() if product >= WORTH_SHARING else in_one_thread(product)

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
        n = len(v)
        if self.chains is None:
            means = machine.hidden_means(v)
            model_v = self._walk(machine.draw_hidden(means, mode.rng), mode.rng)
            both, of_model = np.concatenate([v, model_v]), -share
            both_means = np.concatenate([means, machine.hidden_means(model_v)])
        else:  # rows and chains in one product, which is faster than two
            model_v = self._walk(self.chains, mode.rng)
            both, of_model = np.concatenate([v, model_v]), np.full(len(model_v), -share.sum() / len(model_v), v.dtype)
            both_means = machine.hidden_means(both)
            self.chains = machine.draw_hidden(both_means[n:], mode.rng)
        machine.set_gradient(both, both_means, np.concatenate([share, of_model]))
        if self.sparsity is not None:
            excess = np.dot(share, both_means[:n]) / share.sum() - self.sparsity
            machine.push_hidden(self.sparsity_weight * excess.astype(v.dtype), np.dot(share, v))
        n_decayed = machine.n_decayed
        self.penalty.add_gradient(machine.theta[:n_decayed], machine.gradient[:n_decayed])
        return 0.0

    def _walk(self, h: Array, rng: np.random.Generator) -> Array:
        """Return visible units after the steps of Gibbs sampling from h."""
        machine = self.network
        v = machine.draw_visible(machine.visible_means(h), rng)
        for _ in range(self.n_gibbs - 1):
            h = machine.draw_hidden(machine.hidden_means(v), rng)
            v = machine.draw_visible(machine.visible_means(h), rng)
        return v


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
