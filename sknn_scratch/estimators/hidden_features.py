"""The outputs of a hidden layer, as features for other estimators."""

import math
from typing import Self

import numpy as np
from sklearn import get_config
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, MetaEstimatorMixin, TransformerMixin, clone
from sklearn.utils import Tags, get_tags
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing
from sklearn.utils.validation import check_is_fitted

from .._docs import public
from .._typing import MatrixLike
from ..nn.arena import Array
from .fitted import check_network, up_to


@public
class HiddenFeatures(ClassNamePrefixFeaturesOutMixin, TransformerMixin, MetaEstimatorMixin, BaseEstimator):
    """Transformer that returns the outputs of a hidden layer of a network.

    Parameters
    ----------
    estimator : network estimator
        The network; `fit` trains a clone of it. Pass ``FrozenEstimator(network)`` to use a fitted network unchanged.
    layer : int, default=-1
        Index of the layer: a line of `summary()`, from 0; negative numbers count from the last layer before the output
        layer, -1. Feature maps are flattened, and so are the steps of sequences, with zeros after the end of shorter
        ones; the output of a pooling over the steps has the same size for any number of steps.

    Attributes
    ----------
    estimator_ : network estimator or FrozenEstimator
        The trained network.
    n_features_in_ : int
        The number of features of X.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, if X had names.

    See Also
    --------
    sklearn.feature_selection.SelectFromModel : Selects features by their importance in a model.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> from sklearn.pipeline import make_pipeline
    >>> from sknn_scratch import HiddenFeatures, MLPClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> features = HiddenFeatures(MLPClassifier((16,), random_state=0))
    >>> model = make_pipeline(features, KNeighborsClassifier()).fit(X[:1000], y[:1000])
    >>> bool(model.score(X[1000:], y[1000:]) > 0.85)
    True
    >>> model[:-1].get_feature_names_out()[:2]
    array(['hiddenfeatures0', 'hiddenfeatures1'], dtype=object)
    """

    def __init__(self, estimator: BaseEstimator, layer: int = -1) -> None:
        self.estimator = estimator
        self.layer = layer

    def fit(self, X: MatrixLike, y: MatrixLike | None = None, **fit_params: object) -> Self:
        """Train a clone of the network, unless it is frozen.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or array of images
            Rows.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            Targets; not needed for a frozen network.
        **fit_params : dict
            Passed to the network's `fit`; with metadata routing, those that it requests.

        Returns
        -------
        self : object
            The fitted transformer.

        Raises
        ------
        TypeError
            If the estimator is not a network of this package.
        ValueError
            If the network has no such layer.
        """
        check_network(self.estimator)
        if get_config()["enable_metadata_routing"]:
            fit_params = process_routing(self, "fit", **fit_params).estimator.fit
        self.estimator_ = clone(self.estimator).fit(X, y, **fit_params)
        trained = check_network(self.estimator_)
        self._n_features_out = math.prod(up_to(trained, self.layer).output_shapes[-1])
        self.n_features_in_ = trained.n_features_in_
        if hasattr(trained, "feature_names_in_"):
            self.feature_names_in_ = trained.feature_names_in_
        return self

    def transform(self, X: MatrixLike) -> Array:
        """Return the outputs of the layer.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or array of images
            Rows.

        Returns
        -------
        features : ndarray of shape (n_samples, n_features_out)
            In the dtype of X.

        Raises
        ------
        ValueError
            If X does not fit, or if the layer has an output for each step and X has longer sequences than in `fit`.
        """
        check_is_fitted(self)
        trained = check_network(self.estimator_)
        rows = trained._check_X(X)
        with np.errstate(all="ignore"):
            features = up_to(trained, self.layer).astype(rows.dtype).predict(rows).reshape(rows.shape[0], -1)
        missing = self._n_features_out - features.shape[1]
        if missing < 0:
            raise ValueError(
                f"Layer {self.layer} has an output for each step, and X has more steps than the "
                f"{trained._network.input_shape[0]} of fit. Choose a layer behind the pooling of the steps."
            )
        return np.pad(features, ((0, 0), (0, missing))) if missing else features

    def get_metadata_routing(self) -> MetadataRouter:
        """Return the routing of metadata: that of `fit` to the `fit` of the estimator.

        Returns
        -------
        routing : MetadataRouter
            Routing for scikit-learn.
        """
        mapping = MethodMapping().add(caller="fit", callee="fit")
        return MetadataRouter(owner=self).add(estimator=self.estimator, method_mapping=mapping)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator)
        tags.input_tags = inner.input_tags
        tags.target_tags = inner.target_tags
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
