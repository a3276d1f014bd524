"""A loss at every step of a sequence."""

from dataclasses import dataclass

import numpy as np

from .arena import Array
from .losses import Loss


@dataclass(frozen=True)
class PerStep(Loss):
    """Sum of a loss over the steps of a sequence, divided by the mean number of steps of the training set.

    The mean over sequences is then the mean over all steps. In `target`, of shape (n, steps * k), NaN stands for steps
    that are not there. `raw` may be cut to the longest sequence of a mini-batch.

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
        steps = target[:, : raw.shape[1]].reshape(len(raw), -1, self.k)
        there = ~np.isnan(steps[:, :, 0])
        losses, d_raw = np.zeros(there.shape, raw.dtype), np.zeros(steps.shape, raw.dtype)
        losses[there], d_raw[there] = self.loss.rows(steps[there], raw.reshape(steps.shape)[there])
        d_raw /= self.mean_steps
        return losses.sum(axis=1) / self.mean_steps, d_raw.reshape(raw.shape)

    def predict(self, raw: Array) -> Array:
        return self.loss.predict(raw)

    def log_predict(self, raw: Array) -> Array:
        return self.loss.log_predict(raw)
