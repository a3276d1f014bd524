"""Losses: the error of the network's raw output, its derivative, and its link."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from numbers import Real

import numpy as np
from scipy.special import expit, log_expit, log_softmax, xlogy

from .arena import Array, ones
from .links import LINKS
from .settings import check_number


class Loss:
    """Base of the losses; a subclass defines `rows`, the loss of each row and its derivative.

    `raw` is the output of the network before the link function, of shape (n, k); `target` has the same shape.
    """

    link = "identity"  # the function from raw outputs to predictions, by its name in `LINKS`
    positive = False  # whether targets must be >= 0; they are then scaled by their mean alone, so that zero stays zero
    estimates_mean = True  # whether predictions estimate a mean; if not, R2 does not measure their quality
    measures_noise = False  # whether the share of noise in the target is that of the loss between its `bounds`

    @property
    def for_classes(self) -> bool:
        """Whether the target is labels, as 0s and 1s, and not numbers; a link to probabilities says so."""
        return self.link in ("softmax", "logistic")

    def linked(self, link: str) -> "Loss":
        """Return this loss with the link that the target requires; a loss with a single link returns itself.

        Parameters
        ----------
        link : {"softmax", "logistic"}
            "softmax" for more than two exclusive classes, "logistic" for two classes and for multilabel targets.

        Returns
        -------
        Loss
            A loss of the same kind.
        """
        return self

    def rows(self, target: Array, raw: Array) -> tuple[Array, Array]:
        """Return the loss of each row and its derivative with respect to raw.

        Parameters
        ----------
        target : ndarray of shape (n, k)
            Encoded targets.
        raw : ndarray of shape (n, k)
            Output of the network, before the link function.

        Returns
        -------
        losses : ndarray of shape (n,)
            The loss of each row.
        d_raw : ndarray of shape (n, k)
            Its derivative; may be overwritten.
        """
        raise NotImplementedError

    def predict(self, raw: Array) -> Array:
        """Apply the link function.

        Parameters
        ----------
        raw : ndarray of shape (n, k)
            Output of the network.

        Returns
        -------
        ndarray of shape (n, k)
            Probabilities or means.
        """
        return LINKS[self.link].predict(raw)

    def log_predict(self, raw: Array) -> Array:
        """Return the logarithm of the prediction, finite also where the prediction rounds to 0.

        Parameters
        ----------
        raw : ndarray of shape (n, k)
            Output of the network.

        Returns
        -------
        ndarray of shape (n, k)
            Logarithms of probabilities or means.
        """
        return LINKS[self.link].log_predict(raw)

    def value_and_gradient(
        self, target: Array, raw: Array, sample_weight: Array | None, n_rows: int
    ) -> tuple[float, Array]:
        """Return sum(w_i loss_i) / n_rows and its gradient with respect to raw.

        The sum is divided by the number of rows of the mini-batch, not by the sum of their weights: otherwise weights
        would have no effect in a batch of one row. Weights with mean 1 over all rows make this the weighted mean loss.

        Parameters
        ----------
        target : ndarray of shape (n, k)
            Encoded targets.
        raw : ndarray of shape (n, k)
            Output of the network.
        sample_weight : ndarray of shape (n,) or None
            The w_i; None for 1.
        n_rows : int
            Rows of the whole mini-batch, of which these may be a part.

        Returns
        -------
        value : float
            Their share of the mini-batch's mean loss.
        d_raw : ndarray of shape (n, k)
            Its derivative with respect to raw.
        """
        losses, d_raw = self.rows(target, raw)
        if sample_weight is None:
            d_raw /= n_rows
            return float(np.add.reduce(losses)) / n_rows, d_raw
        d_raw *= (sample_weight / n_rows)[:, None]
        return float(np.dot(losses, sample_weight)) / n_rows, d_raw

    def mean(self, target: Array, raw: Array, sample_weight: Array | None) -> float:
        """Return the weighted mean loss.

        Parameters
        ----------
        target : ndarray of shape (n, k)
            Encoded targets.
        raw : ndarray of shape (n, k)
            Output of the network.
        sample_weight : ndarray of shape (n,) or None
            Weights of the rows; None for 1.

        Returns
        -------
        float
            The mean.
        """
        return float(np.average(self.rows(target, raw)[0], weights=sample_weight))

    def bounds(self, target: Array, sample_weight: Array | None) -> tuple[float, float]:
        """Return the mean loss of exact predictions, and that of predicting the mean of the target for each row.

        Parameters
        ----------
        target : ndarray of shape (n, k)
            Encoded targets.
        sample_weight : ndarray of shape (n,) or None
            Weights of the rows; None for 1.

        Returns
        -------
        exact : float
            0, except for the cross-entropy of smoothed labels.
        of_mean : float
            For the squared error half the variance, for the cross-entropy the entropy of the classes.
        """
        inverse = LINKS[self.link].inverse
        mean = inverse(np.average(target, axis=0, weights=sample_weight)).astype(target.dtype)
        raws = inverse(target), np.broadcast_to(mean, target.shape)
        exact, of_mean = (self.mean(target, raw, sample_weight) for raw in raws)
        return exact, of_mean


@dataclass(frozen=True)
class SoftmaxCrossEntropy(Loss):
    """-sum_k t_k log p_k with p = softmax(raw) (lecture rows 6 and 7); each row of the target sums to 1."""

    link = "softmax"
    measures_noise = True

    def rows(self, target: Array, raw: Array) -> tuple[Array, Array]:
        # Along a few numbers reductions are slow: three times as fast as raw.max(axis=1).
        z = raw - np.maximum.reduce(raw.T.copy())[:, None]
        p = np.exp(z)
        one = ones(raw.shape[1], raw.dtype)
        total = np.dot(p, one)
        p /= total[:, None]
        # Never log(p): it is log(0) for confident mistakes.
        losses = np.log(total) - np.dot(target * z, one)
        p -= target
        return losses, p

    def linked(self, link: str) -> Loss:
        return BinaryCrossEntropy() if link == "logistic" else self


@dataclass(frozen=True)
class BinaryCrossEntropy(Loss):
    """-sum_k [t_k log p_k + (1 - t_k) log(1 - p_k)] with p = 1 / (1 + exp(-raw)) (lecture row 7).

    One output for two classes, or one for each label of a multilabel target.
    """

    link = "logistic"
    measures_noise = True

    def rows(self, target: Array, raw: Array) -> tuple[Array, Array]:
        # One exp and one log of numpy's in place of logaddexp and expit: a tenth of the time.
        small = np.exp(-np.abs(raw))
        whole = 1 + small
        losses = np.maximum(raw, 0)
        losses -= target * raw
        p = np.maximum(small, raw >= 0)
        p /= whole
        p -= target
        # log(1 + small), with what was rounded off the sum: log1p takes four times as long.
        small -= whole - 1
        small /= whole
        losses += small
        losses += np.log(whole, out=whole)
        return losses.sum(axis=1), p

    def linked(self, link: str) -> Loss:
        return SoftmaxCrossEntropy() if link == "softmax" else self


@dataclass(frozen=True)
class Focal(Loss):
    """Cross-entropy with log p weighted by (1 - p)^gamma, p being the probability (Lin et al. 2017, arXiv:1708.02002).

    For "softmax" it is -sum_k t_k (1 - p_k)^gamma log p_k, for "logistic"
    -sum_k [t_k (1 - p_k)^gamma log p_k + (1 - t_k) p_k^gamma log(1 - p_k)]. It reduces the weight of rows that are
    already classified well. For gamma > 0 the predicted probabilities are not calibrated: they are too close to
    each other.

    Parameters
    ----------
    gamma : float
        Exponent, >= 0; 0 gives the cross-entropy.
    link : {"softmax", "logistic"}
        "softmax" for more than two exclusive classes, "logistic" for two classes and for multilabel targets.
    """

    gamma: float = 2.0
    link: str = "softmax"

    def __post_init__(self) -> None:
        check_number(self, "gamma", 0)
        if self.link not in ("softmax", "logistic"):
            raise ValueError(f'Focal needs link="softmax" or link="logistic", got link={self.link!r}.')

    def linked(self, link: str) -> Loss:
        return replace(self, link=link)

    def rows(self, target: Array, raw: Array) -> tuple[Array, Array]:
        gamma = float(self.gamma)  # a numpy scalar would make float32 float64
        if self.link == "logistic":
            p, q = expit(raw), expit(-raw)
            log_p, log_q = log_expit(raw), log_expit(-raw)
            yes, no = target * q**gamma, (1 - target) * p**gamma
            losses = -(yes * log_p + no * log_q)
            return losses.sum(axis=-1), yes * (gamma * p * log_p - q) + no * (p - gamma * q * log_q)
        log_p = log_softmax(raw, axis=-1)
        p, q = np.exp(log_p), -np.expm1(log_p)
        yes = target * q**gamma
        # log(p) / q tends to -1 as q tends to 0. Its value at q = 0 does not matter, as yes or gamma is 0 there.
        slope = yes * (gamma * p * log_p / np.maximum(q, np.finfo(q.dtype).tiny) - 1)  # with respect to log_p
        return -(yes * log_p).sum(axis=-1), slope - p * slope.sum(axis=-1, keepdims=True)


@dataclass(frozen=True)
class PerceptronLoss(Loss):
    """sum_k max(0, -y_k raw_k) with y = 2 t - 1 in {-1, 1} (lecture rows 3 and 7).

    At y raw = 0, where the loss is not differentiable, the derivative is that of a mistake: the learning rule of the
    lectures treats y f(x) <= 0 as a mistake, so that a step of gradient descent on one row is the perceptron learning
    rule.
    """

    for_classes = True  # though it has no link to probabilities

    def rows(self, target: Array, raw: Array) -> tuple[Array, Array]:
        y = 2 * target - 1
        mistake = y * raw <= 0
        return np.maximum(0, -y * raw).sum(axis=1), np.where(mistake, -y, 0)


@dataclass(frozen=True)
class SquaredError(Loss):
    """1/2 (raw - t)^2, averaged over the outputs (lecture row 7; scikit-learn's average over outputs)."""

    measures_noise = True

    def rows(self, target: Array, raw: Array) -> tuple[Array, Array]:
        error = raw - target
        k = raw.shape[1]
        return 0.5 * (error * error).sum(axis=1) / k, error / k


@dataclass(frozen=True)
class SquaredDistance(Loss):
    """1/2 (raw - t)^2, summed over the outputs: the loss of an autoencoder with identity output."""

    def rows(self, target: Array, raw: Array) -> tuple[Array, Array]:
        error = raw - target
        return 0.5 * (error * error).sum(axis=1), error


@dataclass(frozen=True)
class AbsoluteError(Loss):
    """``|raw - t|``, averaged over the outputs: the prediction estimates the median."""

    estimates_mean = False

    def rows(self, target: Array, raw: Array) -> tuple[Array, Array]:
        error = raw - target
        k = raw.shape[1]
        return np.abs(error).sum(axis=1) / k, np.sign(error) / k


@dataclass(frozen=True)
class Huber(Loss):
    """``1/2 e^2 for |e| <= delta, else delta (|e| - delta / 2)``, averaged over the outputs (Huber 1964).

    Parameters
    ----------
    delta : float
        Error at which the loss changes from quadratic to linear.
    """

    delta: float = 1.0

    def rows(self, target: Array, raw: Array) -> tuple[Array, Array]:
        error = raw - target
        k = raw.shape[1]
        delta = float(self.delta)  # a numpy scalar, as from a parameter search, would make float32 float64
        clipped = np.clip(error, -delta, delta)
        # With c the clipped error, c (e - c / 2) is both branches at once.
        return (clipped * (error - 0.5 * clipped)).sum(axis=1) / k, clipped / k


@dataclass(frozen=True)
class Quantile(Loss):
    """q (t - raw) above the prediction, (1 - q) (raw - t) below, averaged over outputs (Koenker, Bassett 1978).

    Parameters
    ----------
    quantile : float
        The quantile q to predict.
    """

    quantile: float = 0.5

    estimates_mean = False

    def rows(self, target: Array, raw: Array) -> tuple[Array, Array]:
        return _pinball(float(self.quantile), target, raw)


@dataclass(frozen=True)
class Quantiles(Loss):
    """The loss of `Quantile`, averaged over several quantiles of one target, with an output for each.

    Predictions are the sorted outputs of a row, so that quantiles do not cross. Sorting never increases the loss,
    (raw - t)_+ + q (t - raw) summed over the outputs: it changes only the sum of q raw, which is largest if both are in
    the same order (Chernozhukov, Fernandez-Val and Galichon 2010, Econometrica 78, "Quantile and probability curves
    without crossing").

    Parameters
    ----------
    levels : sequence of float
        The quantiles, increasing numbers above 0 and below 1.
    """

    levels: Sequence[float]

    link = "sorted"
    estimates_mean = False

    def __post_init__(self) -> None:
        try:
            levels = [level if isinstance(level, Real) else np.nan for level in self.levels]
        except TypeError:  # there is nothing to go through
            levels = []
        if not levels or not (np.diff([0, *levels, 1]) > 0).all():
            raise ValueError(
                "Several quantiles should be increasing numbers above 0 and below 1, such as (0.05, 0.5, 0.95), got "
                f"{self.levels!r}."
            )
        object.__setattr__(self, "levels", tuple(map(float, levels)))

    def rows(self, target: Array, raw: Array) -> tuple[Array, Array]:
        return _pinball(np.array(self.levels, raw.dtype), target, raw)


def _pinball(level: Array | float, target: Array, raw: Array) -> tuple[Array, Array]:
    """Return the loss of each row and its derivative, for one level or one for each output."""
    below = target - raw
    k = raw.shape[1]
    losses = np.maximum(level * below, (level - 1) * below)
    slope = np.where(below > 0, -level, 1 - level) * (below != 0)
    return losses.sum(axis=1) / k, slope.astype(raw.dtype) / k


@dataclass(frozen=True)
class Poisson(Loss):
    """Half the Poisson deviance with mean mu = exp(raw): mu - t + t log(t / mu), averaged over the outputs."""

    link = "exp"
    positive = True

    def rows(self, target: Array, raw: Array) -> tuple[Array, Array]:
        k = raw.shape[1]
        mean = self.predict(raw)
        losses = mean - target + xlogy(target, target) - target * raw
        return losses.sum(axis=1) / k, (mean - target) / k
