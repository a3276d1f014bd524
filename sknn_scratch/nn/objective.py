"""The objective is what training minimises: the mean loss of a network plus the penalty on its weights."""

import threading
from typing import Any

import numpy as np

from .arena import Arena, Array
from .layers.base import Mode
from .losses import Loss
from .network import Network
from .penalty import ElasticNet
from .workers import Run

SMALL_SHARD = 16  # rows: with two such shards to be had a mini-batch is not left to one thread


class Objective:
    """Network + loss + penalty = value and gradient. The only place where a gradient is computed.

    A mini-batch of a network with a `shard_size` is cut into shards of at most that many rows, as equal as can be,
    which `run` shares out among threads. A shard has its own randomness and gradient, a thread its own memory. The
    same shards, summed in the same order, give the same numbers on any number of threads.

    Parameters
    ----------
    network : Network
        What is trained.
    loss : Loss
        How wrong its output is.
    penalty : ElasticNet
        What weights cost.
    run : callable
        Maps a task over shards.
    """

    def __init__(self, network: Network, loss: Loss, penalty: ElasticNet, run: Run | None = None) -> None:
        self.network = network
        self.loss = loss
        self.penalty = penalty
        self.run = run
        self._twins: list[Network] = []
        self._memory = threading.local()

    def value_and_gradient(
        self, X: Any, target: Array, sample_weight: Array | None, mode: Mode, out: Array | None = None
    ) -> float:
        """Return the value for these rows; leave its gradient in ``network.gradient``, the raw output in `out`."""
        network = self.network
        if self.run is None:
            value = self._one_pass(network, X, target, sample_weight, len(target), mode, out)
        else:
            value = self._sharded_pass(self.run, X, target, sample_weight, mode, out)
        w = network.theta[: network.n_decayed]
        self.penalty.add_gradient(w, network.gradient[: network.n_decayed])
        return value + self.penalty.value(w)

    def value(self, X: Any, target: Array, sample_weight: Array | None) -> float:
        """Return the value for any number of rows as the network, predicting, is now."""
        value, _ = self.loss.value_and_gradient(target, self.network.predict(X), sample_weight, len(target))
        return value + self.penalty.value(self.network.theta[: self.network.n_decayed])

    def _one_pass(
        self,
        network: Network,
        X: Any,
        target: Array,
        sample_weight: Array | None,
        n_rows: int,
        mode: Mode,
        out: Array | None,
    ) -> float:
        raw, backward = network.forward(X, mode)
        if out is not None:
            out[:] = raw
        value, d_raw = self.loss.value_and_gradient(target, raw, sample_weight, n_rows)
        backward(d_raw)
        return value

    def _sharded_pass(
        self, run: Run, X: Any, target: Array, sample_weight: Array | None, mode: Mode, out: Array | None
    ) -> float:
        n_rows = len(target)
        n_shards = max(-(-n_rows // self.network.shard_size), min(2, n_rows // SMALL_SHARD))
        while len(self._twins) < n_shards:
            self._twins.append(self.network.twin())
        seeds = mode.rng.integers(2**63, size=n_shards + 1)

        def one_shard(i: int) -> float:
            arena = self._memory.__dict__.setdefault("arena", Arena(mode.arena.dtype))
            arena.reset()
            rng, batch_rng = np.random.default_rng(seeds[i]), np.random.default_rng(seeds[-1])
            rows = slice(n_rows * i // n_shards, n_rows * (i + 1) // n_shards)
            weight = None if sample_weight is None else sample_weight[rows]
            shard_mode = Mode(training=True, rng=rng, batch_rng=batch_rng, arena=arena)
            here = None if out is None else out[rows]
            return self._one_pass(self._twins[i], X[rows], target[rows], weight, n_rows, shard_mode, here)

        values = run(one_shard, range(n_shards))
        gradient = self.network.gradient
        gradient[:] = self._twins[0].gradient
        for twin in self._twins[1:n_shards]:
            gradient += twin.gradient
        return sum(values)
