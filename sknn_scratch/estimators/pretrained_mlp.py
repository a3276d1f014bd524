"""Hidden layers that may be pre-trained: the parameter `pretrain`."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator
from sklearn.frozen import FrozenEstimator

from .._compat import _fit_context
from .._typing import Floats, MatrixLike
from ..data.door import Given
from ..nn.rows import Index, Matrix
from .dense_layers import DenseLayers
from .pretraining import Parts, copy_layers, joined, pretrain, sees_rows_as_they_are


@dataclass(eq=False, repr=False, kw_only=True)
class PretrainedMLP(DenseLayers):
    """Hidden layers that may be trained without labels first.

    Parameters
    ----------
    pretrain : Autoencoder, BernoulliRBM, list of these, FrozenEstimator or None, default=None
        Estimator for layer-wise pre-training: a clone is fitted without labels for each hidden layer with weights, with
        as many units and the same activation (Hinton et al. 2006; Bengio et al. 2007; lecture row 35). For a
        convolution, it is fitted to image patches of the size of the kernels. Its inputs are not standardised if it is
        a `BernoulliRBM` or all of X is in [0, 1]. The automatic `alpha` is then 0. With ``FrozenEstimator(network)``,
        training starts from all but the output layer of a fitted network.

    Attributes
    ----------
    pretrained_ : list of estimators
        The estimator fitted for each hidden layer, or the fitted network; empty without `pretrain`.
    """

    pretrain: Parts | None = None

    _constraints: ClassVar[dict[str, list[object]]] = {"pretrain": [BaseEstimator, list, tuple, None]}

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: MatrixLike,
        y: MatrixLike,
        sample_weight: npt.ArrayLike | None = None,
        X_val: MatrixLike | None = None,
        y_val: MatrixLike | None = None,
        sample_weight_val: npt.ArrayLike | None = None,
        X_unlabeled: MatrixLike | None = None,
    ) -> Self:
        """Train the network.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or array of shape (n_samples, ...)
            Inputs; float32 and float64 are kept, other dtypes are converted to float64.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights; a row of weight k is equivalent to k rows.
        X_val : array-like or sparse matrix of shape (n_samples_val, n_features), default=None
            Validation set: its loss and score are recorded after each epoch; `early_stopping` monitors them instead of
            holding out rows of X.
        y_val : array-like of shape (n_samples_val,) or (n_samples_val, n_outputs), default=None
            Validation targets.
        sample_weight_val : array-like of shape (n_samples_val,), default=None
            Validation sample weights.
        X_unlabeled : array-like or sparse matrix of shape (n_samples_unlabeled, n_features), default=None
            Rows without targets, used by `pretrain` in addition to X.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If X, y or the weights do not fit, or if training diverges.
        """
        if X_unlabeled is not None and (self.pretrain is None or isinstance(self.pretrain, FrozenEstimator)):
            raise ValueError(f"X_unlabeled is what pretrain learns from, and pretrain={self.pretrain} learns nothing.")
        if X_unlabeled is not None and self.warm_start and self.__sklearn_is_fitted__():
            raise ValueError(
                "X_unlabeled is what pretrain learns from before the first fit, and with warm_start=True this is a "
                "later one. Leave X_unlabeled out, or use warm_start=False to start anew."
            )
        given = Given(X, y, sample_weight, X_val, y_val, sample_weight_val, X_unlabeled=X_unlabeled)
        return self._fit(given)

    def _standardizes(self) -> bool:
        return super()._standardizes() and not (self.pretrain is not None and self._as_it_is)

    def _automatic_penalty(self) -> tuple[float, float]:
        return super()._automatic_penalty() if self.pretrain is None else (0.0, 0.0)

    def _start(self, X: Matrix, *args: Any) -> None:
        self.pretrained_: list[BaseEstimator] = []
        if self.pretrain is not None:
            self._as_it_is = sees_rows_as_they_are(self.pretrain, X)
        super()._start(X, *args)

    def _pretrain(self, given: Given, X: Matrix, index: Index, weight: Floats | None) -> None:
        if self.pretrain is None:
            return
        if isinstance(self.pretrain, FrozenEstimator):
            self.pretrained_ = copy_layers(self._network, self.pretrain)
            return
        rows, weight = X[index], None if weight is None else weight[index]
        if given.X_unlabeled is not None:
            more = self._check_X(given.X_unlabeled)
            rows = joined(rows, more)
            weight = None if weight is None else np.append(weight, np.ones(more.shape[0]))
        self.pretrained_ = pretrain(self._network, self.pretrain, rows, weight, self._seed)
