"""The objective is what training minimises: the mean loss of a network plus the penalty on its weights."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from .arena import Arena, Array
from .layers.base import Mode
from .losses import Loss
from .network import Network
from .penalty import ElasticNet
from .rows import Rows
from .workers import Run, workers

SMALL_SHARD = 16  # rows: with two such shards to be had a mini-batch is not left to one thread


class Objective:
    """Network + loss + penalty = value and gradient. The only place where a gradient is computed.

    Within `in_threads` a mini-batch of a network with a `shard_size` is cut into shards of at most that many rows, as
    equal as can be, which threads share. A shard has its own randomness and gradient, a thread its own memory. The
    same shards, summed in the same order, give the same numbers on any number of threads.

    Parameters
    ----------
    network : Network
        What is trained.
    loss : Loss
        How wrong its output is.
    penalty : ElasticNet
        What weights cost.
    """

    def __init__(self, network: Network, loss: Loss, penalty: ElasticNet) -> None:
        self.network = network
        self.loss = loss
        self.penalty = penalty
        self._run: Run | None = None  # maps a task over shards
        self._twins: list[Network] = []
        self._memory = threading.local()

    @contextmanager
    def in_threads(self) -> Iterator[None]:
        """Share mini-batches out among threads, where the network has a `shard_size`; do nothing for others."""
        if not self.network.shard_size:
            yield
            return
        try:
            with workers() as self._run:
                yield
        finally:
            self._run = None

    def value_and_gradient(self, rows: Rows, mode: Mode, out: Array | None = None) -> float:
        """Return the value for these rows; leave its gradient in ``network.gradient``, the raw output in `out`."""
        network = self.network
        if self._run is None:
            value = self._one_pass(network, rows, len(rows.target), mode, out)
        else:
            value = self._sharded_pass(self._run, rows, mode, out)
        w = network.theta[: network.n_decayed]
        self.penalty.add_gradient(w, network.gradient[: network.n_decayed])
        return value + self.penalty.value(w)

    def value(self, rows: Rows) -> float:
        """Return the value for any number of rows as the network, predicting, is now."""
        raw = self.network.predict(rows.X)
        value, _ = self.loss.value_and_gradient(rows.target, raw, rows.weight, len(rows))
        return value + self.penalty.value(self.network.theta[: self.network.n_decayed])

    def _one_pass(self, network: Network, rows: Rows, n_rows: int, mode: Mode, out: Array | None) -> float:
        raw, backward = network.forward(rows.X, mode)
        if out is not None:
            out[:] = raw
        value, d_raw = self.loss.value_and_gradient(rows.target, raw, rows.weight, n_rows)
        backward(d_raw)
        return value

    def _sharded_pass(self, run: Run, rows: Rows, mode: Mode, out: Array | None) -> float:
        n_rows = len(rows)
        n_shards = max(-(-n_rows // self.network.shard_size), min(2, n_rows // SMALL_SHARD))
        while len(self._twins) < n_shards:
            self._twins.append(self.network.twin())
        seeds = mode.rng.integers(2**63, size=n_shards + 1)

        def one_shard(i: int) -> float:
            arena = self._memory.__dict__.setdefault("arena", Arena(mode.arena.dtype))
            arena.reset()
            rng, batch_rng = np.random.default_rng(seeds[i]), np.random.default_rng(seeds[-1])
            shard = slice(n_rows * i // n_shards, n_rows * (i + 1) // n_shards)
            shard_mode = Mode(training=True, rng=rng, batch_rng=batch_rng, arena=arena)
            here = None if out is None else out[shard]
            return self._one_pass(self._twins[i], rows[shard], n_rows, shard_mode, here)

        values = run(one_shard, range(n_shards))
        gradient = self.network.gradient
        gradient[:] = self._twins[0].gradient
        for twin in self._twins[1:n_shards]:
            gradient += twin.gradient
        return sum(values)
