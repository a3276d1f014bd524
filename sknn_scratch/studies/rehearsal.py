"""A rehearsal is a copy of a network estimator with all in place to train, to try things out on."""

import copy
from typing import Any

from sklearn.base import clone

from ..estimators.base import check_network
from ..nn.lbfgs import LBFGS
from ..nn.trainer import Trainer


def rehearse(
    estimator: Any, X: Any, y: Any, *, go_on: bool = False
) -> tuple[Trainer | LBFGS, tuple[Any, Any, Any], Any]:
    """Return who would train the estimator on these rows, the rows as the network takes them, and which to learn from.

    Parameters
    ----------
    estimator : network estimator
        It stays as it is, and its callbacks hear nothing.
    X, y : array-like
        The rows, as `fit` takes them.
    go_on : bool, default=False
        Whether to go on with the network of a fitted estimator, in place of a new one.
    """
    estimator = check_network(estimator)
    go_on = go_on and estimator.__sklearn_is_fitted__()
    actor = copy.deepcopy(estimator) if go_on else clone(estimator)
    vars(actor).pop("_skl_callbacks", None)
    actor._validate_params()
    progress, rows, index = actor._prepare(X, y, fresh=not go_on, max_epochs=1, whole=False)
    return progress.trainer, rows, index
