"""A target is what y means: how it becomes numbers, which loss it asks for, and how numbers become y again."""

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import accuracy_score, r2_score

from .nn.losses import BinaryCrossEntropy, Loss, Poisson, SoftmaxCrossEntropy

Numbers = npt.NDArray[np.floating]


class Labels:
    """Classes: one output for two of them, one each for more; or one output a label of a multilabel target."""

    def __init__(self, classes: npt.NDArray[Any], multilabel: bool) -> None:
        self.classes = classes
        self.multilabel = multilabel
        self.binary = len(classes) == 2 and not multilabel
        self.n_outputs = 1 if self.binary else len(classes)

    def loss(self) -> Loss:
        """Return the loss for such labels."""
        return BinaryCrossEntropy() if self.binary or self.multilabel else SoftmaxCrossEntropy()

    def encode(self, y: npt.NDArray[Any]) -> Numbers:
        """Return 0s and 1s of shape (n_rows, n_outputs)."""
        if self.multilabel:
            return y.astype(np.float64)
        codes = np.searchsorted(self.classes, y)
        return codes[:, None].astype(np.float64) if self.binary else np.eye(self.n_outputs)[codes]

    def decode(self, raw: Numbers) -> npt.NDArray[Any]:
        """Return the most probable labels."""
        if self.multilabel:
            return (raw > 0).astype(np.int64)
        return self.classes[(raw[:, 0] > 0).astype(np.intp) if self.binary else raw.argmax(axis=1)]

    def score(self, target: Numbers, raw: Numbers, sample_weight: Numbers | None) -> float:
        """Return the accuracy of raw outputs against encoded labels."""
        right = target if self.multilabel else self.decode(2 * target - 1)
        return accuracy_score(right, self.decode(raw), sample_weight=sample_weight)


class Quantities:
    """Numbers: learned with mean 0 and variance 1 (Poisson: mean 1), predicted in their own units.

    Parameters
    ----------
    y : ndarray of shape (n_rows, n_outputs)
        The rows that decide mean and scale.
    sample_weight : ndarray of shape (n_rows,) or None
        Their weights.
    loss : Loss
        What is minimised, in scaled units.
    one_dimensional : bool
        Whether predictions have shape (n_rows,).
    """

    def __init__(self, y: Numbers, sample_weight: Numbers | None, loss: Loss, one_dimensional: bool) -> None:
        self._loss = loss
        self.one_dimensional = one_dimensional
        self.n_outputs = y.shape[1]
        unit = np.abs(y).max(axis=0)  # dividing by it first keeps the squares of huge numbers finite
        unit[unit == 0] = 1
        mean = np.average(y / unit, axis=0, weights=sample_weight)
        if isinstance(loss, Poisson):
            self.mean, self.scale = np.zeros_like(mean), mean * unit
        else:
            deviation = np.sqrt(np.average((y / unit - mean) ** 2, axis=0, weights=sample_weight))
            deviation[deviation < 10 * np.finfo(np.float64).eps] = 0  # constant up to rounding
            self.mean, self.scale = mean * unit, deviation * unit
        self.scale[self.scale == 0] = 1

    def loss(self) -> Loss:
        """Return the loss that was asked for."""
        return self._loss

    def encode(self, y: Numbers) -> Numbers:
        """Return scaled numbers of shape (n_rows, n_outputs)."""
        return (y - self.mean) / self.scale

    def decode(self, raw: Numbers) -> Numbers:
        """Return predictions in the units of y and the dtype of raw."""
        y = (self._loss.predict(raw) * self.scale + self.mean).astype(raw.dtype, copy=False)
        return y[:, 0] if self.one_dimensional else y

    def score(self, target: Numbers, raw: Numbers, sample_weight: Numbers | None) -> float:
        """Return R2 of raw outputs against scaled numbers; nan for fewer than two rows."""
        if len(target) < 2:
            return float("nan")
        return r2_score(target, self._loss.predict(raw), sample_weight=sample_weight)
