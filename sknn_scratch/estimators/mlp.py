"""Multi-layer perceptrons for classification and regression."""

from dataclasses import dataclass

import numpy as np

from .._docs import public
from .._typing import Floats
from .classification import NetworkClassification
from .embedded_mlp import EmbeddedMLP
from .regression import NetworkRegression


@public
@dataclass(eq=False, repr=False, kw_only=True)
class MLPClassifier(EmbeddedMLP, NetworkClassification):
    """Multi-layer perceptron for classification.

    It minimises the cross-entropy plus an elastic-net penalty by backpropagation, and accepts all parameters of
    scikit-learn's estimator of the same name.

    See Also
    --------
    MLPRegressor : The same network for regression.
    PerceptronClassifier : Single layer, trained by Rosenblatt's learning rule.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sknn_scratch import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = MLPClassifier((16,), random_state=0).fit(X, y)
    >>> clf.predict(X[:3])
    array([0, 0, 0])
    """

    def _spread(self, raw: Floats) -> Floats:
        return np.std([self._probabilities(raw[:, i]) for i in range(raw.shape[1])], axis=0)


@public
@dataclass(eq=False, repr=False, kw_only=True)
class MLPRegressor(EmbeddedMLP, NetworkRegression):
    """Multi-layer perceptron for regression.

    The target is scaled internally to mean 0 and variance 1; predictions are in the original units.

    See Also
    --------
    MLPClassifier : The same network for classification.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sknn_scratch import MLPRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> bool(MLPRegressor(random_state=0).fit(X, y).score(X, y) > 0.5)
    True

    Three quantiles of the target, predicted by one network:

    >>> reg = MLPRegressor((16,), loss="quantile", quantile=(0.05, 0.5, 0.95), random_state=0).fit(X, y)
    >>> low, median, high = reg.predict(X).T
    >>> bool((low <= median).all() and (median <= high).all())
    True
    """

    def _spread(self, raw: Floats) -> Floats:
        return self._target.spread(raw)
