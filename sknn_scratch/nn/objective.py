"""The objective of training: the mean loss of a network plus the penalty on its weights."""

import copy
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Self

import numpy as np

from .arena import Arena, Array
from .layers.base import Mode, Views
from .losses import Loss
from .network import Network
from .penalty import ElasticNet
from .rows import Rows
from .workers import Map, in_one_thread, workers

SMALL_SHARD = 16  # rows; a mini-batch of at least two such shards is divided
# Multiplications of a mini-batch in its largest layer, from which on its shards go to threads that do not spin.
# They take 1.2 to 2 times the processor time: with 2**24.6 multiplications 1.4 times the time, on free cores too.
TRAINING_WORTH_SHARING = 2**26


class Objective:
    """Value and gradient of the mean loss plus penalty; all gradients of training are computed here.

    Within `in_threads` a mini-batch of images, or of a large network, is divided into shards of nearly equal size, for
    several threads. Each shard has its own random numbers and gradient, each thread its own arena. The shards depend on
    sizes alone and are summed in the same order, so the result does not depend on the number of threads, bit for bit.

    Parameters
    ----------
    network : Network
        What is trained.
    loss : Loss
        Its loss.
    penalty : ElasticNet
        Penalty on its weights.
    """

    keeps_raw = True  # whether the raw outputs of an epoch are kept, to be scored

    def __init__(self, network: Network, loss: Loss, penalty: ElasticNet) -> None:
        self.network = network
        self.loss = loss
        self.penalty = penalty
        self._map: Map | None = None  # over shards
        self._shard_size = 0
        self._twins = [network]  # a network for each shard
        self._of_thread = threading.local()

    @contextmanager
    def in_threads(self, batch_size: int) -> Iterator[None]:
        """Choose how mini-batches of so many rows are spread over threads."""
        product = batch_size * self.network.largest_product
        if self.network.shard_size or product >= TRAINING_WORTH_SHARING:
            self._shard_size = self.network.shard_size or max(128, batch_size // 4)
            try:
                with workers() as self._map:
                    yield
            finally:
                self._map = None
        else:
            # Of sequences all steps are in one product of the gradient, but a shard has to be worth it at each step.
            with in_one_thread(product * self.network.n_positions):
                yield

    def with_penalty(self, penalty: ElasticNet) -> Self:
        """Return the same with another penalty."""
        other = copy.copy(self)
        other.penalty = penalty
        return other

    def of(self, network: Network) -> Self:
        """Return the same of another network with these layers."""
        other = copy.copy(self)
        other.network, other._twins = network, [network]
        return other

    def tie(self, views: Sequence[Views]) -> None:
        """Make equal what is tied of these arrays, with an entry for each layer; here nothing."""

    def value_and_gradient(self, rows: Rows, mode: Mode, out: Array | None = None) -> float:
        """Return the value for these rows; write its gradient to ``network.gradient`` and the raw output to `out`."""
        network = self.network
        if self._map is None:
            value = self._one_pass(network, rows, len(rows.target), mode, out)
        else:
            value = self._sharded_pass(self._map, rows, mode, out)
        w, penalty = self._decayed(), self._penalty()
        penalty.add_gradient(w, network.gradient[: network.n_decayed])
        return value + penalty.value(w)

    def l1(self) -> Array | float:
        """Return the strength of the L1 penalty, on all weights or on each."""
        return self._penalty().l1

    def value(self, rows: Rows) -> float:
        """Return the value for any number of rows, with the network in prediction mode."""
        raw = self.network.predict(rows.X)
        value, _ = self.loss.value_and_gradient(rows.target, raw, rows.weight, len(rows))
        return value + self._penalty().value(self._decayed())

    def _decayed(self) -> Array:
        return self.network.theta[: self.network.n_decayed]

    def _penalty(self) -> ElasticNet:
        """Return the penalty as it is weighed against the loss."""
        return self.penalty

    def _one_pass(self, network: Network, rows: Rows, n_rows: int, mode: Mode, out: Array | None) -> float:
        raw, backward = network.forward(rows.X, mode)
        if out is not None:
            out[tuple(map(slice, raw.shape))] = raw  # short sequences may have fewer steps than planned
        value, d_raw = self.loss.value_and_gradient(rows.target, raw, rows.weight, n_rows)
        backward(d_raw)
        return value

    def _sharded_pass(self, map_: Map, rows: Rows, mode: Mode, out: Array | None) -> float:
        n_rows = len(rows)
        n_shards = max(-(-n_rows // self._shard_size), min(2, n_rows // SMALL_SHARD))
        while len(self._twins) < n_shards:
            self._twins.append(self.network.twin())
        seeds = mode.rng.integers(2**63, size=n_shards + 1)

        def one_shard(i: int) -> float:
            arena = self._of_thread.__dict__.setdefault("arena", Arena(mode.arena.dtype))
            arena.reset()
            rng, batch_rng = np.random.default_rng(seeds[i]), np.random.default_rng(seeds[-1])
            shard = slice(n_rows * i // n_shards, n_rows * (i + 1) // n_shards)
            shard_mode = Mode(training=True, rng=rng, batch_rng=batch_rng, arena=arena)
            here = None if out is None else out[shard]
            return self._one_pass(self._twins[i], rows[shard], n_rows, shard_mode, here)

        values = map_(one_shard, range(n_shards))
        gradient = self.network.gradient
        for twin in self._twins[1:n_shards]:
            gradient += twin.gradient
        return sum(values)
