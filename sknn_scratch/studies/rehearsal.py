"""A rehearsal is a copy of a network estimator with all in place to train, to try things out on."""

import copy
from typing import Any

from sklearn.base import clone

from .._compat import without_callbacks
from ..data.door import Given
from ..estimators.fitted import check_network
from ..nn.lbfgs import LBFGS
from ..nn.rows import Index, Rows
from ..nn.trainer import Trainer


def rehearse(estimator: Any, X: Any, y: Any, *, go_on: bool = False) -> tuple[Trainer | LBFGS, Rows, Index]:
    """Return who would train the estimator on these rows, the rows as the network takes them, and which to learn from.

    Parameters
    ----------
    estimator : network estimator
        It stays as it is, and its callbacks are not called.
    X, y : array-like
        The rows, as `fit` takes them.
    go_on : bool, default=False
        Whether to go on with the network of a fitted estimator, in place of a new one.
    """
    estimator = check_network(estimator)
    go_on = go_on and estimator.__sklearn_is_fitted__()
    actor = without_callbacks(copy.deepcopy(estimator) if go_on else clone(estimator))
    actor._validate_params()
    session, rows, index = actor._prepare(Given(X, y), max_epochs=1)
    return session.learner, rows, index
