"""The objective is what training minimises: the mean loss of a network plus the penalty on its weights."""

from typing import Any

from .arena import Array
from .layers.base import Mode
from .losses import Loss
from .network import Network
from .penalty import ElasticNet


class Objective:
    """Network + loss + penalty = value and gradient. The only place where a gradient is computed."""

    def __init__(self, network: Network, loss: Loss, penalty: ElasticNet) -> None:
        self.network = network
        self.loss = loss
        self.penalty = penalty

    def value_and_gradient(
        self, X: Any, target: Array, sample_weight: Array | None, mode: Mode
    ) -> float:
        """Return the value for these rows and leave its gradient in ``network.gradient``."""
        network = self.network
        mode.arena.reset()
        raw, backward = network.forward(X, mode)
        value, d_raw = self.loss.value_and_gradient(target, raw, sample_weight)
        backward(d_raw)
        w = network.theta[: network.n_decayed]
        self.penalty.add_gradient(w, network.gradient[: network.n_decayed])
        return value + self.penalty.value(w)
