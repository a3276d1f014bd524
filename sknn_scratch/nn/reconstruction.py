"""The objective of an autoencoder: the loss of its reconstruction, a penalty on its code, weights that are tied."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from .arena import Array
from .layers.base import Mode, Views
from .losses import Loss
from .network import Network
from .objective import Objective
from .penalty import ElasticNet
from .rows import Rows
from .workers import in_one_thread

SMALLEST = 1e-6  # of a mean activation, whose logarithm is taken


class Reconstruction(Objective):
    """Loss plus penalties; raw outputs are not kept.

    Parameters
    ----------
    network : Network
        What is trained.
    loss : Loss
        Its loss; the targets are the inputs.
    penalty : ElasticNet
        Penalty on its weights.
    code : int
        The layer whose output is the code.
    tied : sequence of pairs of int
        Layers of which the second has the weights of the first, transposed. Both have arrays of their own that start
        equal. Each gets half the gradient of one array that is used twice, and as solvers are elementwise they stay
        equal. The penalty is that of the first.
    sparsity : float or None
        The mean that each unit of the code should have in a mini-batch.
    sparsity_weight : float
        Weight of the sum over the units of the Kullback-Leibler divergence between this mean and the real one.
    activity_l1 : float
        Weight of the sum of the absolute values of the code.
    """

    keeps_raw = False

    def __init__(
        self,
        network: Network,
        loss: Loss,
        penalty: ElasticNet,
        code: int,
        tied: Sequence[tuple[int, int]] = (),
        sparsity: float | None = None,
        sparsity_weight: float = 0.0,
        activity_l1: float = 0.0,
    ) -> None:
        super().__init__(network, loss, penalty)
        self.code = code
        self.tied = tied
        self.sparsity = sparsity
        self.sparsity_weight = sparsity_weight
        self.activity_l1 = activity_l1

    def tie(self, views: Sequence[Views]) -> None:
        for first, second in self.tied:
            mean = (views[first].W + views[second].W.T) / 2
            views[first].W, views[second].W = mean, mean.T

    def value_and_gradient(self, rows: Rows, mode: Mode, out: Array | None = None) -> float:
        value = super().value_and_gradient(rows, mode, out)
        for first, second in self.tied:
            W = self.network.grads[first].W
            W *= 0.5
            self.network.grads[second].W = W.T
        return value - self._counted_twice()

    def value(self, rows: Rows) -> float:
        codes = self.network[: self.code + 1].predict(rows.X)
        more, _ = self._of_code(codes, rows.weight, len(rows))
        return super().value(rows) + more - self._counted_twice()

    def _counted_twice(self) -> float:
        """Return the penalty on the second of tied weights."""
        return sum(self.penalty.value(self.network.params[second].W.ravel()) for _, second in self.tied)

    def l1(self) -> Array | float:
        strengths = self.network.twin()  # its gradient, with the views of each layer
        strengths.gradient[:] = self.penalty.l1
        for pair in self.tied:
            for layer in pair:
                strengths.grads[layer].W *= 0.5
        return strengths.gradient[: strengths.n_decayed]

    @contextmanager
    def in_threads(self, batch_size: int) -> Iterator[None]:
        """Choose how mini-batches are computed: in one piece, where there is a mean over all of their rows."""
        whole = in_one_thread(batch_size * self.network.largest_product)
        with super().in_threads(batch_size) if self.sparsity is None else whole:
            yield

    def _one_pass(self, network: Network, rows: Rows, n_rows: int, mode: Mode, out: Array | None) -> float:
        outputs, backwards = network.trace(rows.X, mode)
        value, d_raw = self.loss.value_and_gradient(rows.target, outputs[-1], rows.weight, n_rows)
        if self.sparsity is None and not self.activity_l1:
            network.backpropagate(backwards, d_raw)
        else:
            more, d_code = self._of_code(outputs[self.code], rows.weight, n_rows)
            value += more
            network.backpropagate(backwards, d_raw, self.code, d_code)
        for first, second in self.tied:
            network.grads[first].W += network.grads[second].W.T
        return value

    def _of_code(self, h: Array, weight: Array | None, n_rows: int) -> tuple[float, Any]:
        """Return the penalty on a code, and its derivative."""
        share = np.full(len(h), 1 / n_rows, h.dtype) if weight is None else weight / n_rows
        shares = share.reshape(-1, *[1] * (h.ndim - 1))
        value, slope = 0.0, np.zeros((), h.dtype)
        if self.activity_l1:
            value += self.activity_l1 * float(np.sum(np.abs(h) * shares))
            slope = h.dtype.type(self.activity_l1) * np.sign(h)
        if self.sparsity is not None:
            wanted, total = self.sparsity, float(share.sum())
            q = np.clip(np.tensordot(share, h, 1) / total, SMALLEST, 1 - SMALLEST)
            divergence = wanted * np.log(wanted / q) + (1 - wanted) * np.log((1 - wanted) / (1 - q))
            value += self.sparsity_weight * total * float(divergence.sum())
            slope = slope + self.sparsity_weight * ((1 - wanted) / (1 - q) - wanted / q)
        return value, slope * shares
