"""What every network that predicts classes has in common."""

import copy
from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils import column_or_1d
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets, type_of_target, unique_labels
from sklearn.utils.validation import check_is_fitted

from .._compat import Interval, StrOptions, _fit_context
from ..data.class_weights import factor_of_rows
from ..data.targets import Labels
from .base import NetworkEstimator, learns_from_parts


@dataclass(eq=False, repr=False, kw_only=True)
class NetworkClassification(ClassifierMixin, NetworkEstimator):
    """Base of the classifiers.

    Parameters
    ----------
    class_weight : dict, "balanced" or None, default=None
        Weight of each class, multiplied with the weights of the rows; "balanced" gives all classes the same total.
        A dict leaves out classes of weight 1. For a multilabel target a list of dicts, one a label, or "balanced".
    label_smoothing : float, default=0.0
        Share of each label that is spread evenly over all classes (Szegedy et al. 2016, arXiv:1512.00567).

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels of the classes, sorted; 0 to n_labels - 1 for a multilabel target.
    """

    class_weight: Any = None
    label_smoothing: float = 0.0

    _penalty_of_a_row: ClassVar[float] = 2.0

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **NetworkEstimator._parameter_constraints,
        "class_weight": [dict, list, StrOptions({"balanced"}), None],
        "label_smoothing": [Interval(Real, 0, 1, closed="left")],
    }

    @available_if(learns_from_parts)
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self,
        X: Any,
        y: Any,
        classes: Any = None,
        sample_weight: Any = None,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> "NetworkClassification":
        """Train for one epoch on these rows, going on from the present weights with the solver's memory.

        The scales of the inputs and of the weights are those of the first call; nothing is held out.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Inputs.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Labels.
        classes : array-like of shape (n_classes,), default=None
            All classes that will ever come; needed at the first call.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.
        X_val : array-like or sparse matrix of shape (n_samples_val, n_features), default=None
            Rows that are not learned from, as in `fit`. With `early_stopping` they decide, over all calls so far: once
            their loss has not improved for `n_iter_no_change` calls, `stop_reason_` says so (it is None until then) and
            the estimator has the numbers that were best for them.
        y_val : array-like, default=None
            Their targets, in the form of y.
        sample_weight_val : array-like of shape (n_samples_val,), default=None
            Their weights.

        Returns
        -------
        self : object
            The estimator.

        Raises
        ------
        ValueError
            If X, y or the weights do not fit, if `classes` is missing at the first call, or if training diverges.
        AttributeError
            With ``solver="lbfgs"`` or ``class_weight="balanced"``, which need all rows at once, and with a
            `checkpoint`, which is of one `fit`.
        """
        if not hasattr(self, "_network") and classes is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        return self._learn_part(X, y, sample_weight, (X_val, y_val, sample_weight_val), classes)

    def _read_target(self, y: Any, *, fresh: bool, classes: Any) -> Any:
        check_classification_targets(y)
        kind = type_of_target(y)
        if kind == "multiclass-multioutput":
            raise ValueError(
                "y has several columns of classes (multiclass-multioutput), which is not supported. Use "
                "sklearn.multioutput.MultiOutputClassifier, or one column of 0s and 1s a label."
            )
        multilabel = kind == "multilabel-indicator"
        y = y.toarray() if hasattr(y, "toarray") else np.asarray(y)
        y = y if multilabel else column_or_1d(y, warn=True)
        here = unique_labels(y)
        if fresh:
            self._target = Labels(here if classes is None else unique_labels(classes), multilabel)
        elif classes is not None and not np.array_equal(unique_labels(classes), self._target.classes):
            raise ValueError(
                f"classes={classes!r} is not the same as on the first call, which was {self._target.classes!r}."
            )
        if multilabel and y.shape[1] != self._target.n_outputs:
            raise ValueError(
                f"y has {y.shape[1]} labels a row, but the classifier started with {self._target.classes}."
            )
        if self._target.multilabel != multilabel or not np.isin(here, self._target.classes).all():
            raise ValueError(
                f"y has labels {here} that the classifier did not start with: {self._target.classes}. Name all classes "
                "in the first call of partial_fit, keep y_val to classes of y, or fit with warm_start=False."
            )
        self._target = copy.copy(self._target)
        self._target.smoothing = self.label_smoothing
        return self._target.numbers(y)

    def _check_weight(self, sample_weight: Any, X: Any, numbers: Any) -> Any:
        weight = super()._check_weight(sample_weight, X, numbers)
        if self.class_weight is None:
            return weight
        labels = self._target.decode(2 * numbers - 1)
        given = np.ones(len(labels)) if weight is None else weight
        multilabel = self._target.multilabel
        columns, classes = (labels.T, np.arange(2)) if multilabel else ([labels], self._target.classes)
        factors = self.class_weight if isinstance(self.class_weight, list) else [self.class_weight] * len(columns)
        fits = all(factor == "balanced" or isinstance(factor, dict) for factor in factors)
        if isinstance(self.class_weight, list) and not (multilabel and fits and len(factors) == len(columns)):
            raise ValueError(
                "class_weight as a list is for multilabel targets, a dict or 'balanced' for each label; got "
                f"{self.class_weight} for a target with {len(columns)} columns."
            )
        weight = given
        for column, factor in zip(columns, factors, strict=True):
            weight = weight * factor_of_rows(factor, np.searchsorted(classes, column), classes, given)
        if not weight.any():
            raise ValueError(f"class_weight must leave some row a weight above zero, got {factors}.")
        return weight

    @property
    def classes_(self) -> Any:
        """Labels of the classes, sorted, of shape (n_classes,); 0 to n_labels - 1 for a multilabel target."""
        check_is_fitted(self)
        return self._target.classes

    def set_weights(
        self, coefs: Any, intercepts: Any, *, classes: Any = None, multilabel: bool = False
    ) -> "NetworkClassification":
        """Put numbers into the network by hand; without `fit`, make the network for them first.

        A network made here sees the inputs as they are: their mean is taken as 0 and their scale as 1.

        Parameters
        ----------
        coefs : list of array-like of shape (n_in, n_out)
            Weights of each layer.
        intercepts : list of array-like of shape (n_out,)
            Biases of each layer.
        classes : array-like, default=None
            Labels, for a network that is made here; 0, 1, ... by default.
        multilabel : bool, default=False
            Whether each output of a network that is made here is a label of its own.

        Returns
        -------
        self : object
            The estimator.

        Raises
        ------
        ValueError
            If a shape does not fit the layers.
        """

        if classes is not None and hasattr(self, "_network"):
            raise ValueError("classes are those of the fitted network already; leave classes=None.")

        def make_target(n_outputs):
            labels = np.arange(max(n_outputs, 1 if multilabel else 2)) if classes is None else unique_labels(classes)
            target = Labels(labels, multilabel)
            if target.n_outputs != n_outputs:
                raise ValueError(f"{len(labels)} classes need {target.n_outputs} outputs, got {n_outputs} intercepts.")
            return target

        return self._set_weights(coefs, intercepts, make_target)

    def decision_function(self, X: Any) -> Any:
        """Return the network's raw output, before softmax or logistic.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Inputs.

        Returns
        -------
        scores : ndarray of shape (n_samples,) for two classes, else (n_samples, n_classes)
            Logits; positive means `classes_[1]`, or that the label applies.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If X does not fit, or is so large that the network's output is not finite.
        """
        raw = self._raw(X)
        return raw[:, 0] if self._target.binary else raw

    def predict(self, X: Any) -> Any:
        """Return the most probable class of each row.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Inputs.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_labels)
            Labels.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If X does not fit, or is so large that the network's output is not finite.
        """
        raw = self._raw(X)
        return self._target.decode(raw)

    def predict_proba(self, X: Any) -> Any:
        """Return the probability of each class.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Inputs.

        Returns
        -------
        p : ndarray of shape (n_samples, n_classes) or (n_samples, n_labels)
            Each row sums to 1; for a multilabel target each number lies strictly between 0 and 1.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If X does not fit, or is so large that the network's output is not finite.
        """
        raw = self._raw(X)
        p = self._target.loss().predict(raw)
        if self._target.multilabel:
            eps = np.finfo(p.dtype).eps
            return np.clip(p, eps, 1 - eps)
        return np.hstack([self._target.loss().predict(-raw), p]) if self._target.binary else p

    def predict_log_proba(self, X: Any) -> Any:
        """Return the log probability of each class, finite also where the probability rounds to 0.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Inputs.

        Returns
        -------
        log_p : ndarray of shape (n_samples, n_classes) or (n_samples, n_labels)
            Logarithms.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If X does not fit, or is so large that the network's output is not finite.
        """
        raw = self._raw(X)
        loss = self._target.loss()
        log_p = loss.log_predict(raw)
        return np.hstack([loss.log_predict(-raw), log_p]) if self._target.binary else log_p

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
