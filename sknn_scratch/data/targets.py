"""Targets: y as numbers, as the output of a network, and back, with the loss that goes with it."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from .._typing import Floats, MatrixLike
from ..nn.arena import Array
from ..nn.losses import Loss, Quantiles


class Target:
    """Base of the targets.

    Attributes
    ----------
    loss : Loss
        What training minimises.
    n_outputs : int
        Outputs of the network.
    penalty : float
        The c of ``alpha="auto"``.
    penalty_by_noise : (float, float)
        The same for a network that embeds numeric columns: c for exact targets, and by how much it is larger for pure
        noise.
    """

    loss: Loss
    n_outputs: int
    penalty: float
    penalty_by_noise: tuple[float, float]

    def numbers(self, y: Array, name: str = "y") -> Floats:
        """Check y, or what has this name, and return it as numbers of shape (n_rows, n_outputs)."""
        raise NotImplementedError

    def measured(self, numbers: Floats, sample_weight: Floats | None) -> Self:
        """Return the target with the scale that these rows have."""
        return self

    def encode(self, numbers: Floats) -> Floats:
        """Return what the network is to put out."""
        raise NotImplementedError

    def encode_checked(self, numbers: Floats, sample_weight: Floats | None, dtype: npt.DTypeLike) -> Array:
        """Return what the network of this dtype is to put out; refuse what is too large for it."""
        with np.errstate(over="ignore"):
            encoded = self.encode(numbers)
        if sample_weight is not None:
            encoded[sample_weight == 0] = 0  # such rows do not count, whatever their numbers are
        if (largest := np.abs(encoded).max()) > np.sqrt(np.finfo(dtype).max / encoded.size):
            raise ValueError(
                f"y, or y_val, is as large as {largest:g} on the scale of the network's first training, too large for "
                f"squares in {np.dtype(dtype)}. Has it other units? Leave such rows out, or fit a new network on all "
                "rows."
            )
        return encoded.astype(dtype)

    def decode(self, raw: Floats) -> Array:
        """Return predictions for raw outputs, in terms of y."""
        raise NotImplementedError

    def strata(self, encoded: Floats) -> Array:
        """Return what a split should keep in proportion; by default all rows are alike."""
        return np.zeros(len(encoded))

    def truth(self, encoded: Floats) -> Array:
        """Return what `score` compares raw outputs with."""
        return encoded

    def score(self, truth: Array, raw: Floats, sample_weight: Floats | None) -> float:
        """Return how good raw outputs are: accuracy or R2."""
        raise NotImplementedError


def read_labels(y: MatrixLike) -> tuple[Array, bool]:
    """Return y as an array of labels, and whether it has a column of 0s and 1s for each of several labels."""
    kind = type_of_target(y)
    multilabel = kind == "multilabel-indicator"
    labels = y.toarray() if sparse.issparse(y) else np.asarray(y)
    if labels.ndim == 2 and labels.shape[1] > 1 and not (multilabel and np.isin(labels, (0, 1)).all()):
        values = np.unique(labels).tolist()
        first = ", ".join(map(str, values[:5]))
        more = f" and {len(values) - 5} more values" if values[5:] else ""
        raise ValueError(
            f"y has columns of {first}{more}. Code several labels a row as columns of 0 and 1, e.g. with "
            "sklearn.preprocessing.MultiLabelBinarizer. A class in each column is for "
            "sklearn.multioutput.MultiOutputClassifier, a number for a regressor."
        )
    check_classification_targets(y)
    return labels if multilabel else column_or_1d(labels), multilabel


def unknown_labels(y: Array, classes: Array) -> list[Any]:
    """Return the labels in y that are none of the classes; 1 and True are one label, 1 and "1" are not."""
    return sorted(set(np.unique(y).tolist()).difference(classes.tolist()))


@dataclass(eq=False)
class Labels(Target):
    """Classes: one output for two of them, one each for more; or one output a label of a multilabel target.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
        The labels, sorted.
    multilabel : bool
        Whether a row may have several of them.
    given_loss : Loss
        The loss that was asked for; `loss` is its form for such labels.
    smoothing : float, default=0.0
        Share of each label that is spread evenly over all.
    """

    classes: Array
    multilabel: bool
    given_loss: Loss
    smoothing: float = 0.0

    penalty = 2.0
    penalty_by_noise = 2.0, 16.0

    def __post_init__(self) -> None:
        two = len(self.classes) == 2
        self.loss = self.given_loss.linked("logistic" if two or self.multilabel else "softmax")
        fits = {"softmax": not self.multilabel, "logistic": two or self.multilabel, "identity": True}
        if self.loss.link not in fits:
            raise ValueError(
                f"{self.loss} has the link {self.loss.link!r}. A loss for classes has {' or '.join(map(repr, fits))}."
            )
        if not fits[self.loss.link]:
            what = "several labels a row" if self.multilabel else f"{len(self.classes)} classes, one for each row"
            raise ValueError(f"{self.loss} has the link {self.loss.link!r}, which does not fit {what}.")
        self.binary = two and not self.multilabel and self.loss.link != "softmax"
        self.n_outputs = 1 if self.binary else len(self.classes)

    def numbers(self, y: MatrixLike, name: str = "y") -> Floats:
        y, multilabel = read_labels(y)
        if multilabel != self.multilabel or (multilabel and y.shape[1] != self.n_outputs):
            n_labels = f"{y.shape[1]} labels a row" if multilabel else "one label a row"
            expected = f"the labels {self.classes}" if self.multilabel else f"one of {self.classes} a row"
            raise ValueError(f"{name} has {n_labels}, but the classifier started with {expected}.")
        if multilabel:
            return y.astype(np.float64)
        if unknown_labels(y, self.classes):
            advice = (
                "Name all classes in the first call of partial_fit, or fit with warm_start=False."
                if name == "y"
                else "Leave rows of other classes out, or train with some of them too."
            )
            raise ValueError(
                f"{name} has labels {np.unique(y)} that the classifier did not start with: {self.classes}. {advice}"
            )
        codes = np.searchsorted(self.classes, y)
        return codes[:, None].astype(np.float64) if self.binary else np.eye(self.n_outputs)[codes]

    def encode(self, numbers: Floats) -> Floats:
        even = 0.5 if self.binary or self.multilabel else 1 / self.n_outputs
        smoothing = min(self.smoothing, 1 - 1e-6)  # float32 still tells the label from the others
        return numbers + smoothing * (even - numbers)

    def decode(self, raw: Floats) -> Array:
        return self._codes(raw) if self.multilabel else self.classes[self._codes(raw)]

    def _codes(self, raw: Floats) -> Array:
        if self.multilabel:
            return (raw > 0).astype(np.int64)
        return (raw[:, 0] > 0).astype(np.intp) if self.binary else raw.argmax(axis=1)

    def strata(self, encoded: Floats) -> Array:
        return super().strata(encoded) if self.multilabel else self.truth(encoded)

    def truth(self, encoded: Floats) -> Array:
        """Return the place of each row's class in `classes`, or for several labels 0 or 1 for each."""
        return self._codes(2 * encoded - 1)

    def score(self, truth: Array, raw: Floats, sample_weight: Floats | None) -> float:
        right = truth == self._codes(raw)
        return float(np.average(right.all(axis=1) if self.multilabel else right, weights=sample_weight))


@dataclass(eq=False)
class Quantities(Target):
    """Numbers: learned with mean 0 and variance 1 (positive ones: mean 1), predicted in their own units.

    Parameters
    ----------
    loss : Loss
        The loss; it sees scaled numbers.
    n_outputs : int
        Columns of y.
    one_dimensional : bool
        Whether y has one dimension, and predictions should have one.
    mean, scale : ndarray of shape (n_outputs,), default=None
        y = scale * number + mean; 0 and 1 until they are measured.
    """

    loss: Loss
    n_outputs: int
    one_dimensional: bool
    mean: Any = None
    scale: Any = None

    penalty = 5.0
    penalty_by_noise = 0.0, 30.0

    def __post_init__(self) -> None:
        self.mean = np.zeros(self.n_outputs) if self.mean is None else self.mean
        self.scale = np.ones(self.n_outputs) if self.scale is None else self.scale

    def numbers(self, y: Array, name: str = "y") -> Floats:
        y = y.astype(np.float64).reshape(len(y), -1)
        if self.loss.positive and (y < 0).any():
            raise ValueError(f"{self.loss} needs {name} >= 0, got {y.min():g}. Counts and rates cannot be negative.")
        if y.shape[1] != self.n_outputs:
            raise ValueError(f"{name} has {y.shape[1]} outputs, but the regressor started with {self.n_outputs}.")
        return y

    def measured(self, numbers: Floats, sample_weight: Floats | None) -> Self:
        unit = np.abs(numbers).max(axis=0)  # dividing by it first keeps the squares of huge numbers finite
        unit[unit == 0] = 1
        mean = np.average(numbers / unit, axis=0, weights=sample_weight)
        if self.loss.positive:  # the mean may be any positive number, but zero must stay zero
            return replace(self, scale=np.where(mean > 0, mean, 1) * unit)
        deviation = np.sqrt(np.average((numbers / unit - mean) ** 2, axis=0, weights=sample_weight))
        constant = deviation < 10 * np.finfo(np.float64).eps
        return replace(self, mean=mean * unit, scale=np.where(constant, 1, deviation * unit))

    def encode(self, numbers: Floats) -> Floats:
        return (numbers - self.mean) / self.scale

    def decode(self, raw: Floats) -> Floats:
        """Return predictions in the units of y and the dtype of raw."""
        return self._in_units(self.loss.predict(raw), self.mean)

    def spread(self, raw: Floats) -> Floats:
        """Return the standard deviation of the predictions over the members, for raw of shape (n, n_members, k)."""
        return self._in_units(self.loss.predict(raw).std(axis=1), 0.0)

    def _in_units(self, numbers: Floats, mean: Floats | float) -> Floats:
        y = numbers * self.scale + mean  # float64, as the scale is
        if np.abs(y).max(initial=0) < np.finfo(numbers.dtype).max:  # units may be too large for float32
            y = y.astype(numbers.dtype, copy=False)
        return y[:, 0] if self.one_dimensional else y

    def score(self, truth: Floats, raw: Floats, sample_weight: Floats | None) -> float:
        """Return R2 of raw outputs; of one row, as of equal rows, 1 if it is exact, else 0."""
        # As sklearn.metrics.r2_score, whose checks take as long as a small epoch.
        rest = np.average((truth - self.loss.predict(raw)) ** 2, axis=0, weights=sample_weight)
        mean = np.average(truth, axis=0, weights=sample_weight)
        whole = np.average((truth - mean) ** 2, axis=0, weights=sample_weight)
        constant = whole == 0
        return float(np.mean(np.where(constant, rest == 0, 1 - rest / np.where(constant, 1, whole))))


@dataclass(eq=False)
class SeveralQuantiles(Quantities):
    """One number, of which each output is a quantile: y of one dimension, repeated for each output."""

    loss: Quantiles

    def numbers(self, y: Array, name: str = "y") -> Floats:
        if y.ndim != 1:
            raise ValueError(
                f"Several quantiles, {self.loss.levels}, are predicted of one number a row, and {name} has shape "
                f"{y.shape}. Pass {name} of shape (n_samples,), or one quantile."
            )
        return super().numbers(y[:, None].repeat(self.n_outputs, axis=1), name)

    def score(self, truth: Floats, raw: Floats, sample_weight: Floats | None) -> float:
        """Return D2 of the pinball loss, the mean over the quantiles; of equal rows 1 if it is exact, else 0."""
        # As sklearn.metrics.d2_pinball_score, whose checks take as long as a small epoch.
        y, levels = truth[:, :1], np.array(self.loss.levels)

        def mean_loss(predictions: Floats) -> Floats:
            below = y - predictions
            return np.average(np.maximum(levels * below, (levels - 1) * below), axis=0, weights=sample_weight)

        rest, whole = mean_loss(self.loss.predict(raw)), mean_loss(_quantiles(y[:, 0], levels, sample_weight))
        constant = whole == 0
        return float(np.mean(np.where(constant, rest == 0, 1 - rest / np.where(constant, 1, whole))))


def _quantiles(y: Floats, levels: Floats, weight: Floats | None) -> Floats:
    """Return the quantiles of y, as scikit-learn's score defines them."""
    if weight is None:
        return np.quantile(y, levels, method="averaged_inverted_cdf")
    order = np.argsort(y)
    total = np.cumsum(weight[order])
    return y[order[np.minimum(np.searchsorted(total, levels * total[-1]), len(y) - 1)]]


def quantities(loss: Loss, n_columns: int, one_dimensional: bool) -> Quantities:
    """Return what numbers in so many columns are for a loss."""
    if isinstance(loss, Quantiles):
        return SeveralQuantiles(loss, len(loss.levels), one_dimensional=False)
    return Quantities(loss, n_columns, one_dimensional)
