"""A fitted network seen from outside: the network of an estimator, its first layers, rows as it takes them."""

from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, clone
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from .._compat import without_callbacks
from .._typing import MatrixLike
from ..nn.arena import Array
from ..nn.network import Network
from .base import NetworkEstimator

Kinds = tuple[type[BaseEstimator], ...]


def check_network(estimator: BaseEstimator, kinds: Kinds = (NetworkEstimator,)) -> Any:
    """Return an estimator of one of these kinds, taken out of a FrozenEstimator; refuse anything else."""
    if isinstance(estimator, FrozenEstimator):
        estimator = estimator.estimator
    if isinstance(estimator, kinds):
        return estimator
    kind = type(estimator)
    package, name = kind.__module__.partition(".")[0], kind.__name__
    if isinstance(estimator, type):
        got = f"the class {estimator.__name__}. Pass an instance of it"
    elif name in ("MLPClassifier", "MLPRegressor") and package != "sknn_scratch":
        got = f"the {name} of {package}. Fit sknn_scratch.{name} instead"
    else:
        got = f"an instance of {name}. Pass the network in it, and X in the form in which that gets it"
    wanted = (
        "Only networks have layers to look into, such as sknn_scratch.MLPClassifier and ConvNetRegressor"
        if NetworkEstimator in kinds
        else f"This is for {' and '.join(kind.__name__ for kind in kinds)}"
    )
    raise TypeError(f"{wanted}; got {got}.")


class Way(NamedTuple):
    """A network estimator, and the steps of a pipeline that X goes through before it."""

    estimator: Any
    steps: tuple[BaseEstimator, ...] = ()

    def transform(self, X: MatrixLike) -> MatrixLike:
        """Return X as the network gets it."""
        for step in self.steps:
            X = step.transform(X)
        return X

    def fit_transform(self, X: MatrixLike, y: MatrixLike) -> MatrixLike:
        """Return X as the network gets it in `fit`; the steps themselves are not fitted."""
        for step in self.steps:
            X = without_callbacks(clone(step)).fit_transform(X, y)
        return X

    def feature_names(self) -> list[str]:
        """Return the names of what the network gets, x0, x1, ... where there are none."""
        names = getattr(self.estimator, "feature_names_in_", None)
        if names is None and self.steps and all(hasattr(step, "get_feature_names_out") for step in self.steps):
            for step in self.steps:
                names = step.get_feature_names_out(names)
        if names is not None:
            return list(names)
        n_steps, *n_features = self.estimator._network.input_shape
        if len(n_features) == 1:
            return [f"x{i} at {step}" for step in range(n_steps) for i in range(*n_features)]
        return [f"x{i}" for i in range(self.estimator.n_features_in_)]


def way_to_network(estimator: BaseEstimator, kinds: Kinds = (NetworkEstimator,)) -> Way:
    """Return the way to the network in an estimator: a network, or a pipeline, search or FrozenEstimator with one."""
    if isinstance(estimator, FrozenEstimator):
        return way_to_network(estimator.estimator, kinds)
    if isinstance(estimator, Pipeline):
        steps = tuple(step for _, step in estimator.steps[:-1] if step is not None and step != "passthrough")
        way = way_to_network(estimator.steps[-1][1], kinds)
        return Way(way.estimator, steps + way.steps)
    if isinstance(estimator, MetaEstimatorMixin) and hasattr(estimator, "refit"):  # a search
        if not hasattr(estimator, "best_estimator_"):
            raise NotFittedError(
                f"This {type(estimator).__name__} has no best_estimator_ to look into. Fit it first, with refit=True, "
                "or pass its estimator."
            )
        return way_to_network(estimator.best_estimator_, kinds)
    return Way(check_network(estimator, kinds))


def fitted_way(estimator: BaseEstimator, kinds: Kinds = (NetworkEstimator,)) -> Way:
    """Return the way to a network that is fitted."""
    way = way_to_network(estimator, kinds)
    check_is_fitted(way.estimator)
    return way


def dense_rows(estimator: NetworkEstimator, X: MatrixLike) -> Array:
    """Return X as dense rows."""
    rows = estimator._check_X(X)
    return rows if isinstance(rows, np.ndarray) else rows.toarray()


def up_to(estimator: NetworkEstimator, layer: int | None) -> Network:
    """Return the first layers of the network, up to this one: a line of `summary()`, None for the output layer.

    Negative numbers count from the last layer before the output layer, which is -1.
    """
    network = estimator._network
    n_hidden = max(i for i, size in enumerate(network.sizes()) if size)
    if layer is None:
        return network
    if isinstance(layer, bool) or not isinstance(layer, Integral) or not -n_hidden <= layer < n_hidden:
        raise ValueError(
            f"layer must be a line of summary() before the output layer, from 0 (or {-n_hidden}) to {n_hidden - 1} (or "
            f"-1), got {layer!r}."
        )
    return network[: int(layer) % n_hidden + 1]
