"""A loss at every step of a sequence."""

from dataclasses import dataclass

import numpy as np

from .arena import Array
from .losses import Loss


@dataclass(frozen=True)
class PerStep(Loss):
    """Sum of a loss over the steps of a sequence, divided by the mean number of steps of the training set.

    The mean over sequences is then the mean over all steps. In `target`, of shape (n, steps * k), NaN stands for steps
    that are not there. `raw` may have fewer steps, those of the longest sequence of a mini-batch, or more, of padding.

    Parameters
    ----------
    loss : Loss
        The loss of one step.
    k : int
        Outputs of one step.
    mean_steps : float
        Mean number of steps.
    """

    loss: Loss
    k: int
    mean_steps: float = 1.0

    @property
    def estimates_mean(self) -> bool:  # type: ignore[override]
        """Whether the predictions for a step do."""
        return self.loss.estimates_mean

    def rows(self, target: Array, raw: Array) -> tuple[Array, Array]:
        n = min(target.shape[1], raw.shape[1])
        steps, outputs = (each[:, :n].reshape(len(raw), -1, self.k) for each in (target, raw))
        there = ~np.isnan(steps[:, :, 0])
        losses, d_outputs = np.zeros(there.shape, raw.dtype), np.zeros(steps.shape, raw.dtype)
        losses[there], d_outputs[there] = self.loss.rows(steps[there], outputs[there])
        d_raw = np.zeros_like(raw)
        d_raw[:, :n] = d_outputs.reshape(len(raw), n) / self.mean_steps
        return losses.sum(axis=1) / self.mean_steps, d_raw

    def predict(self, raw: Array) -> Array:
        return self.loss.predict(raw)

    def log_predict(self, raw: Array) -> Array:
        return self.loss.log_predict(raw)
