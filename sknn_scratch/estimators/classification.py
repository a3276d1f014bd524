"""Base of the network classifiers."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from numbers import Real
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import unique_labels
from sklearn.utils.validation import check_is_fitted

from .._compat import Interval, StrOptions, _fit_context
from .._typing import Floats, MatrixLike
from ..data.class_weights import ClassWeight, class_weighted, warn_of_unknown_classes
from ..data.door import Given
from ..data.kinds import read_classes, read_y
from ..data.targets import Labels, read_labels
from ..nn.arena import Array
from ..nn.losses import Loss
from ..nn.rows import Matrix
from . import recipes
from .base import NetworkEstimator
from .by_hand import put_weights
from .partial_fit import learns_from_parts


def _link(estimator: "NetworkClassification", wanted: str) -> str | None:
    """Return the link of the loss where this one is wanted; None for a loss that `fit` refuses."""
    try:
        return recipes.classification_loss(estimator).linked(wanted).link
    except (AttributeError, KeyError, ValueError):
        return None


def _has_probabilities(estimator: "NetworkClassification") -> bool:
    """Return whether there is a `predict_proba`; an AttributeError says why not."""
    if _link(estimator, "softmax") == "identity":
        loss = estimator.loss
        raise AttributeError(f"loss={loss} has no link to probabilities. Use decision_function, or loss='log_loss'.")
    return True


@dataclass(eq=False, repr=False, kw_only=True)
class NetworkClassification(ClassifierMixin, NetworkEstimator):
    """Base of the classifiers.

    Parameters
    ----------
    class_weight : dict, "balanced" or None, default=None
        Weight of each class, multiplied with the sample weights; "balanced" gives all classes the same total weight.
        Classes that are not in the dict have weight 1. For a multilabel target, a list of dicts, one per label, or
        "balanced".
    label_smoothing : float, default=0.0
        Proportion of each label that is spread evenly over all classes (Szegedy et al. 2016, arXiv:1512.00567).
    loss : "log_loss" or Loss, default="log_loss"
        The loss function: the cross-entropy; a loss of `sknn_scratch.nn.losses` such as `Focal(gamma=2)`, whose
        probabilities are not calibrated; or a custom `Loss`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        Labels of the classes, sorted; 0 to n_labels - 1 for a multilabel target.
    """

    class_weight: ClassWeight | list[ClassWeight] | None = None
    label_smoothing: float = 0.0
    loss: str | Loss = "log_loss"

    _target: Labels = field(init=False)

    _constraints: ClassVar[dict[str, list[object]]] = {
        "class_weight": [dict, list, StrOptions({"balanced"}), None],
        "label_smoothing": [Interval(Real, 0, 1, closed="left")],
        "loss": [StrOptions(set(recipes.CLASSIFICATION_LOSSES)), Loss],
    }

    @available_if(learns_from_parts)
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self,
        X: MatrixLike,
        y: MatrixLike,
        classes: npt.ArrayLike | None = None,
        sample_weight: npt.ArrayLike | None = None,
        X_val: MatrixLike | None = None,
        y_val: MatrixLike | None = None,
        sample_weight_val: npt.ArrayLike | None = None,
    ) -> Self:
        """Train for one epoch on the given rows, continuing from the current weights and solver state.

        The scales of the inputs and of the sample weights are those of the first call; no rows are held out.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Inputs.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Labels.
        classes : array-like of shape (n_classes,), default=None
            All classes that can occur in any call; required in the first call.
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
            If X, y or the weights do not fit, if `classes` is missing at the first call, or if training diverges.
        AttributeError
            With ``solver="lbfgs"`` or ``class_weight="balanced"``, which need all rows at once, and with a
            `checkpoint`, which is for a single `fit`.
        """
        if not self.__sklearn_is_fitted__():
            if classes is None:
                raise ValueError("classes must be passed on the first call to partial_fit.")
        elif classes is not None and not np.array_equal(read_classes(classes), self._labels.classes):
            raise ValueError(
                f"classes={classes!r} is not the same as on the first call, which was {self._labels.classes!r}."
            )
        return self._partial_fit(Given(X, y, sample_weight, X_val, y_val, sample_weight_val, classes))

    def _make_target(self, y: MatrixLike, classes: npt.ArrayLike | None) -> Labels:
        labels, multilabel = read_labels(y)
        all_labels = unique_labels(labels) if classes is None else read_classes(classes)
        warn_of_unknown_classes(self.class_weight, np.arange(2) if multilabel else all_labels)
        return Labels(all_labels, multilabel, recipes.classification_loss(self), self.label_smoothing)

    def _renew_target(self, target: Any) -> Any:
        return replace(target, given_loss=recipes.classification_loss(self), smoothing=self.label_smoothing)

    def _check_weight(self, sample_weight: npt.ArrayLike | None, X: Matrix, numbers: Floats) -> Floats | None:
        weight = super()._check_weight(sample_weight, X, numbers)
        return weight if self.class_weight is None else class_weighted(self.class_weight, self._target, numbers, weight)

    @property
    def classes_(self) -> Array:
        """Labels of the classes, sorted, of shape (n_classes,); 0 to n_labels - 1 for a multilabel target."""
        check_is_fitted(self)
        return self._labels.classes

    @property
    def _labels(self) -> Labels:
        """What the classes are."""
        return self._target

    def set_weights(
        self,
        coefs: Sequence[npt.ArrayLike],
        intercepts: Sequence[npt.ArrayLike],
        *,
        classes: npt.ArrayLike | None = None,
        multilabel: bool = False,
    ) -> Self:
        """Set weights and biases; before `fit`, this creates the network.

        A network created here does not standardise its inputs: their mean is taken as 0 and their scale as 1.

        Parameters
        ----------
        coefs : list of array-like of shape (n_in, n_out)
            Weights of each layer.
        intercepts : list of array-like of shape (n_out,)
            Biases of each layer.
        classes : array-like, default=None
            Class labels, if the network is created here; 0, 1, ... by default.
        multilabel : bool, default=False
            If the network is created here, whether each output is a separate label.

        Returns
        -------
        self : object
            The estimator.

        Raises
        ------
        ValueError
            If a shape does not fit the layers.
        """

        if self.__sklearn_is_fitted__():
            if classes is not None:
                raise ValueError("classes are those of the fitted network already; leave classes=None.")
            if multilabel and not self._target.multilabel:
                raise ValueError(
                    "multilabel=True is for a network that is made here, and this one is fitted to one class for each "
                    "row. Leave multilabel=False, or use a new estimator."
                )

        def make_target(n_outputs: int) -> Labels:
            labels = np.arange(max(n_outputs, 1 if multilabel else 2)) if classes is None else read_classes(classes)
            target = Labels(labels, multilabel, recipes.classification_loss(self))
            if target.n_outputs != n_outputs:
                raise ValueError(f"{len(labels)} classes need {target.n_outputs} outputs, got {n_outputs} intercepts.")
            return target

        put_weights(self, coefs, intercepts, make_target)
        return self

    def decision_function(self, X: MatrixLike) -> Floats:
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
        if len(self.classes_) == 2 and not self._labels.multilabel:
            raw = raw[:, 0] if self._labels.binary else raw[:, 1] - raw[:, 0]
        return self._as_X(raw, X)

    def predict(self, X: MatrixLike) -> Array:
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
        return self._as_X(self._target.decode(raw), X)

    @available_if(_has_probabilities)
    def predict_proba(self, X: MatrixLike) -> Floats:
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
        return self._as_X(self._probabilities(self._raw(X)), X)

    def _probabilities(self, raw: Floats) -> Floats:
        """Return the probability of each class by raw outputs."""
        p = self._target.loss.predict(raw)
        if self._labels.multilabel:
            eps = np.finfo(p.dtype).eps
            p = np.clip(p, eps, 1 - eps)
        elif self._labels.binary:
            p = np.hstack([self._target.loss.predict(-raw), p])
        return p

    @available_if(_has_probabilities)
    def predict_log_proba(self, X: MatrixLike) -> Floats:
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
        loss = self._target.loss
        log_p = loss.log_predict(raw)
        return self._as_X(np.hstack([loss.log_predict(-raw), log_p]) if self._labels.binary else log_p, X)

    def score(self, X: MatrixLike, y: MatrixLike, sample_weight: npt.ArrayLike | None = None) -> float:
        """Return the accuracy; for multilabel targets, the proportion of rows with all labels correct.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Inputs.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Their labels.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.

        Returns
        -------
        score : float
            From 0 to 1; 1 if all predictions are correct.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If X or y does not fit.
        """
        return float(super().score(X, read_y(y, labels=True), sample_weight))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = _link(self, "logistic") != "softmax"
        return tags
