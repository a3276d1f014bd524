"""Preparation of a copy of a network estimator for training, to try things out on."""

import copy

from sklearn.base import BaseEstimator, clone

from .._compat import without_callbacks
from .._typing import MatrixLike
from ..data.door import Given
from ..estimators.fitted import way_to_network
from ..nn.lbfgs import LBFGS
from ..nn.rows import Index, Rows
from ..nn.trainer import Trainer


def rehearse(
    estimator: BaseEstimator, X: MatrixLike, y: MatrixLike, *, go_on: bool = False
) -> tuple[Trainer | LBFGS, Rows, Index]:
    """Return the learner that would train the estimator, the encoded rows, and the indices of the training set.

    Parameters
    ----------
    estimator : network estimator
        Or a pipeline, search or FrozenEstimator with one. Not modified; its callbacks are not called.
    X, y : array-like
        The rows, as `fit` takes them.
    go_on : bool, default=False
        Whether to continue with the network of a fitted estimator, in place of a new one.
    """
    way = way_to_network(estimator)
    estimator = way.estimator
    fitted = estimator.__sklearn_is_fitted__()
    X = way.transform(X) if fitted else way.fit_transform(X, y)
    go_on = go_on and fitted
    trained = without_callbacks(copy.deepcopy(estimator) if go_on else clone(estimator))
    trained._validate_params()
    session, rows, index = trained._prepare(Given(X, y), max_epochs=1)
    return session.learner, rows, index
