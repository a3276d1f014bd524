"""A target is what y means: how it becomes numbers, which loss it asks for, and how numbers become y again."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ..nn.losses import BinaryCrossEntropy, Loss, Poisson, SoftmaxCrossEntropy

Numbers = npt.NDArray[np.floating]


class Labels:
    """Classes: one output for two of them, one each for more; or one output a label of a multilabel target."""

    smoothing = 0.0  # share of each label that is spread evenly over all

    def __init__(self, classes: npt.NDArray[Any], multilabel: bool) -> None:
        self.classes = classes
        self.multilabel = multilabel
        self.binary = len(classes) == 2 and not multilabel
        self.n_outputs = 1 if self.binary else len(classes)

    def loss(self) -> Loss:
        """Return the loss for such labels."""
        return BinaryCrossEntropy() if self.binary or self.multilabel else SoftmaxCrossEntropy()

    def numbers(self, y: npt.NDArray[Any]) -> Numbers:
        """Return y as 0s and 1s of shape (n_rows, n_outputs)."""
        if self.multilabel:
            return y.astype(np.float64)
        codes = np.searchsorted(self.classes, y)
        return codes[:, None].astype(np.float64) if self.binary else np.eye(self.n_outputs)[codes]

    def measure(self, numbers: Numbers, sample_weight: Numbers | None) -> None:
        """Labels have no scale."""

    def encode(self, numbers: Numbers) -> Numbers:
        """Return what the network learns: probabilities, smoothed towards all being equal."""
        even = 1 / self.n_outputs if self.n_outputs > 1 and not self.multilabel else 0.5
        return numbers + self.smoothing * (even - numbers)

    def decode(self, raw: Numbers) -> npt.NDArray[Any]:
        """Return the most probable labels."""
        return self._codes(raw) if self.multilabel else self.classes[self._codes(raw)]

    def _codes(self, raw: Numbers) -> npt.NDArray[Any]:
        if self.multilabel:
            return (raw > 0).astype(np.int64)
        return (raw[:, 0] > 0).astype(np.intp) if self.binary else raw.argmax(axis=1)

    def strata(self, target: Numbers) -> npt.NDArray[Any]:
        """Return what a split should keep in proportion: the class of each row, or nothing for many labels."""
        return np.zeros(len(target)) if self.multilabel else self.truth(target)

    def truth(self, target: Numbers) -> npt.NDArray[Any]:
        """Return what `score` compares raw outputs with: the number of each label."""
        return self._codes(2 * target - 1)

    def score(self, truth: npt.NDArray[Any], raw: Numbers, sample_weight: Numbers | None) -> float:
        """Return the accuracy of raw outputs."""
        right = truth == self._codes(raw)
        return float(np.average(right.all(axis=1) if self.multilabel else right, weights=sample_weight))


class Quantities:
    """Numbers: learned with mean 0 and variance 1 (Poisson: mean 1), predicted in their own units."""

    def __init__(self, loss: Loss, n_outputs: int, one_dimensional: bool) -> None:
        self.chosen_loss = loss
        self.n_outputs = n_outputs
        self.one_dimensional = one_dimensional
        self.mean, self.scale = np.zeros(n_outputs), np.ones(n_outputs)

    def loss(self) -> Loss:
        """Return the loss that was asked for; it sees scaled numbers."""
        return self.chosen_loss

    def numbers(self, y: npt.NDArray[Any]) -> Numbers:
        """Return y as numbers of shape (n_rows, n_outputs)."""
        return y.reshape(len(y), -1).astype(np.float64)

    def measure(self, numbers: Numbers, sample_weight: Numbers | None) -> None:
        """Let these rows decide mean and scale."""
        unit = np.abs(numbers).max(axis=0)  # dividing by it first keeps the squares of huge numbers finite
        unit[unit == 0] = 1
        mean = np.average(numbers / unit, axis=0, weights=sample_weight)
        if isinstance(self.chosen_loss, Poisson):  # its mean may be any positive number, but zero must stay zero
            self.scale = np.where(mean > 0, mean, 1) * unit
            return
        deviation = np.sqrt(np.average((numbers / unit - mean) ** 2, axis=0, weights=sample_weight))
        constant = deviation < 10 * np.finfo(np.float64).eps
        self.mean, self.scale = mean * unit, np.where(constant, 1, deviation * unit)

    def encode(self, numbers: Numbers) -> Numbers:
        """Return what the network learns: scaled numbers."""
        return (numbers - self.mean) / self.scale

    def decode(self, raw: Numbers) -> Numbers:
        """Return predictions in the units of y and the dtype of raw."""
        y = self.chosen_loss.predict(raw) * self.scale + self.mean  # float64, as the scale is
        if np.abs(y).max(initial=0) < np.finfo(raw.dtype).max:  # units may be too large for float32
            y = y.astype(raw.dtype, copy=False)
        return y[:, 0] if self.one_dimensional else y

    def strata(self, target: Numbers) -> npt.NDArray[Any]:
        """Return one stratum for all rows."""
        return np.zeros(len(target))

    def truth(self, target: Numbers) -> Numbers:
        """Return what `score` compares raw outputs with: scaled numbers."""
        return target

    def score(self, truth: Numbers, raw: Numbers, sample_weight: Numbers | None) -> float:
        """Return R2 of raw outputs; of one row, as of equal rows, 1 if it is exact, else 0."""
        # As sklearn.metrics.r2_score, whose checks take as long as a small epoch.
        rest = np.average((truth - self.chosen_loss.predict(raw)) ** 2, axis=0, weights=sample_weight)
        mean = np.average(truth, axis=0, weights=sample_weight)
        whole = np.average((truth - mean) ** 2, axis=0, weights=sample_weight)
        constant = whole == 0
        return float(np.mean(np.where(constant, rest == 0, 1 - rest / np.where(constant, 1, whole))))
