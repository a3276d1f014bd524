"""Base of the network regressors."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from numbers import Real
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import MultiOutputMixin, RegressorMixin
from sklearn.metrics import d2_pinball_score, r2_score
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._compat import Interval, StrOptions, _fit_context
from .._typing import MatrixLike
from ..data.door import Given
from ..data.kinds import read_y
from ..data.targets import Quantities, SeveralQuantiles, quantities
from ..nn.arena import Array
from ..nn.losses import Loss
from . import recipes
from .base import NetworkEstimator
from .by_hand import put_weights
from .partial_fit import learns_from_parts


@dataclass(eq=False, repr=False, kw_only=True)
class NetworkRegression(MultiOutputMixin, RegressorMixin, NetworkEstimator):
    """Base of the regressors.

    Parameters
    ----------
    loss : {"squared_error", "absolute_error", "huber", "quantile", "poisson"} or Loss, default="squared_error"
        The loss function. The target is scaled to mean 0 and variance 1, or for "poisson" to mean 1.
    quantile : float or array-like of float, default=0.5
        The quantile that "quantile" predicts. With several increasing quantiles, such as ``(0.05, 0.5, 0.95)``, and a
        one-dimensional y, one network predicts all of them: `predict` returns an array of shape (n_samples,
        n_quantiles), in which each row is in increasing order.
    delta : float, default=1.0
        Error at which "huber" changes from squared to absolute error, in standard deviations of the target.
    """

    loss: str | Loss = "squared_error"
    quantile: float | Sequence[float] | npt.NDArray[np.floating] = 0.5
    delta: float = 1.0

    _target: Quantities = field(init=False)

    _constraints: ClassVar[dict[str, list[object]]] = {
        "loss": [StrOptions(set(recipes.REGRESSION_LOSSES)), Loss],
        "quantile": [Interval(Real, 0, 1, closed="neither"), "array-like"],
        "delta": [Interval(Real, 0, None, closed="neither")],
    }

    @available_if(learns_from_parts)
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self,
        X: MatrixLike,
        y: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
        X_val: MatrixLike | None = None,
        y_val: npt.ArrayLike | None = None,
        sample_weight_val: npt.ArrayLike | None = None,
    ) -> Self:
        """Train for one epoch on the given rows, continuing from the current weights and solver state.

        The scales of inputs, target and sample weights are those of the first call; no rows are held out.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Inputs.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.
        X_val : array-like or sparse matrix of shape (n_samples_val, n_features), default=None
            Validation set, as in `fit`. With `early_stopping`, its loss is monitored over all calls: after
            `n_iter_no_change` calls without improvement, `stop_reason_` is set (until then it is None), and the
            estimator has the parameters of the best call.
        y_val : array-like, default=None
            Validation targets, in the form of y.
        sample_weight_val : array-like of shape (n_samples_val,), default=None
            Validation sample weights.

        Returns
        -------
        self : object
            The estimator.

        Raises
        ------
        ValueError
            If X, y or the weights do not fit, or if training diverges.
        AttributeError
            With ``solver="lbfgs"``, which needs all rows at once, and with a `checkpoint`, which is for a single `fit`.
        """
        return self._partial_fit(Given(X, y, sample_weight, X_val, y_val, sample_weight_val))

    def _make_target(self, y: Array, classes: npt.ArrayLike | None) -> Quantities:
        return quantities(recipes.regression_loss(self), 1 if y.ndim == 1 else y.shape[1], y.ndim == 1)

    def _renew_target(self, target: Any) -> Any:
        before, now = target.loss, recipes.regression_loss(self)
        renewed = quantities(now, target.n_outputs, target.one_dimensional)
        same_outputs = type(renewed) is type(target) and renewed.n_outputs == target.n_outputs
        if before.positive != now.positive or not same_outputs:
            what = "scales its target in another way" if same_outputs else "has other outputs"
            raise ValueError(f"Training cannot go on from {before} to {now}, which {what}. Fit with warm_start=False.")
        return replace(target, loss=now)

    def set_weights(self, coefs: Sequence[npt.ArrayLike], intercepts: Sequence[npt.ArrayLike]) -> Self:
        """Set weights and biases; before `fit`, this creates the network.

        A network created here does not scale inputs and targets. After `fit`, the weights apply to the scaled ones.

        Parameters
        ----------
        coefs : list of array-like of shape (n_in, n_out)
            Weights of each layer.
        intercepts : list of array-like of shape (n_out,)
            Biases of each layer.

        Returns
        -------
        self : object
            The estimator.

        Raises
        ------
        ValueError
            If a shape does not fit the layers.
        """
        put_weights(self, coefs, intercepts, lambda k: quantities(recipes.regression_loss(self), k, k == 1))
        return self

    def predict(self, X: MatrixLike) -> Array:
        """Return the prediction for each row, in the units of y.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Inputs.

        Returns
        -------
        y : ndarray of shape (n_samples,), (n_samples, n_outputs) or (n_samples, n_quantiles)
            Predictions; with several quantiles, each row is in increasing order.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If X does not fit, or is so large that the network's output is not finite.
        """
        raw = self._raw(X)
        return self._as_X(self._target.decode(raw), X)

    def score(self, X: MatrixLike, y: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None) -> float:
        """Return R2 of the predictions; for several quantiles, the mean of their D2 pinball scores.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Inputs.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Their targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        score : float
            At most 1, for exact predictions. Predicting the mean of y gives an R2 of 0, predicting the quantile of y a
            D2 of 0: see `sklearn.metrics.r2_score` and `sklearn.metrics.d2_pinball_score`.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If X or y does not fit.
        """
        check_is_fitted(self)
        return score_numbers(self._target, read_y(y, labels=False), self.predict(X), sample_weight)


def score_numbers(target: Any, y: npt.ArrayLike, predictions: Array, sample_weight: npt.ArrayLike | None) -> float:
    """Return R2 of predictions; of several quantiles, the mean of their D2 pinball scores."""
    if not isinstance(target, SeveralQuantiles):
        return float(r2_score(y, predictions, sample_weight=sample_weight))
    columns = zip(target.loss.levels, predictions.T, strict=True)
    scores = [d2_pinball_score(y, column, sample_weight=sample_weight, alpha=level) for level, column in columns]
    return float(np.mean(scores))
