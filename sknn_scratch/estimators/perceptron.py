"""Rosenblatt's perceptron as a scikit-learn classifier."""

import os
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
import scipy.linalg
from scipy import sparse
from sklearn.base import ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from .._compat import (
    Interval,
    StrOptions,
    _check_partial_fit_first_call,
    _fit_context,
)
from .._docs import public
from .._typing import Floats, MatrixLike
from ..data.class_weights import ClassWeight, factor_of_rows, warn_of_unknown_classes
from ..data.distinct import distinct_rows
from ..data.door import check_flat
from ..data.kinds import read_classes, read_X, read_y
from ..data.sample_weights import read_weight
from ..data.targets import unknown_labels
from ..fitting.checkpoint import Checkpoint, checkpoint_path, open_checkpoint
from ..fitting.hooks import Hooks, TakesCallbacks
from ..fitting.observer import PerceptronObserver
from ..fitting.session import Session, draw_seed
from ..fitting.transaction import all_or_nothing
from ..nn.arena import Array
from ..nn.learner import Diverged
from ..nn.patience import Patience
from ..nn.planes import PerceptronRule, Planes
from ..nn.rows import Index, Matrix, Rows
from .hints import Hinting
from .partial_fit import learns_from_parts
from .persistence import Versioned


@public
@dataclass(eq=False, repr=False, kw_only=True)
class PerceptronClassifier(TakesCallbacks, ClassifierMixin, Hinting, Versioned):
    """Rosenblatt's perceptron, a linear classifier that is updated at each mistake.

    For a row x with y = -1 or 1, f(x) = w x + b, initially zero, is a mistake if y f(x) <= 0. Then

        w <- w + eta0 y x,    b <- b + eta0 y

    [1]_, which is gradient descent on the loss max(0, -y f(x)), one row at a time. Training ends after an epoch without
    a mistake. With two classes, the second is predicted if f(x) > 0. With more, each class has its own f, trained
    one-vs-rest, and the class with the largest f(x) is predicted.

    With the default parameters it learns every linearly separable gate of two inputs, for any seed: by the perceptron
    convergence theorem [2]_ there are at most ``R^2 |v|^2`` mistakes, where R^2 is the largest ``|x|^2 + 1`` and v the
    shortest (w, b) with y f(x) >= 1 on every row. This is 3 x 17 = 51 for AND and NAND and less for the others, each
    epoch but the last has a mistake, and `max_iter` is 100. XOR is not linearly separable, so training ends at
    `max_iter`.

    The inputs are not scaled. Use a `StandardScaler` if their units differ.

    Parameters
    ----------
    eta0 : float, default=1.0
        The learning rate. With initial weights of zero, it scales the weights but does not change the predictions.
    max_iter : int, default=100
        Maximum number of epochs of `fit`.
    tol : float or None, default=None
        If None, training ends after an epoch without a mistake, or at `max_iter`. If a number, training also ends when
        the proportion of mistakes, weighted by the sample weights, has not decreased by at least `tol` for 5 epochs.
        The loss is not used for this, since it grows with the weights and depends on the units of X.
    shuffle : bool, default=True
        Whether to shuffle the rows in each epoch. If True, duplicate rows are merged and their weights added, so that a
        row of weight k is equivalent to k rows, and the order of the rows of X has no effect. If False, the rows are
        processed as given.
    fit_intercept : bool, default=True
        Whether to learn b. If False, the decision boundary contains the origin.
    averaged : bool, default=False
        Whether `coef_` and `intercept_` are averages over all steps [3]_, weighted by the sample weights. They usually
        predict better if the classes are not linearly separable. Training continues from the last weights.
    class_weight : dict, "balanced" or None, default=None
        Weight of each class, multiplied with the sample weights; classes that are not in the dict have weight 1.
        "balanced" gives all classes the same total weight.
    random_state : int, RandomState or None, default=None
        Determines the order of the rows. Pass an int for reproducible results.
    warm_start : bool, default=False
        Whether `fit` continues from the solution of the previous call.
    checkpoint : str, os.PathLike or None, default=None
        A file to which `fit` saves the state of training after each epoch. After an interruption, the same call of
        `fit` continues from the last finished epoch, with bit-identical results; if training was finished, the model is
        only loaded. A file with other parameters, data or version raises an error. Not available for `warm_start` and
        `partial_fit`.

    Attributes
    ----------
    coef_ : ndarray of shape (1, n_features) or (n_classes, n_features)
        The weights w, for each class if there are more than two; float32 for float32 inputs, otherwise float64.
    intercept_ : ndarray of shape (1,) or (n_classes,)
        The biases b.
    classes_ : ndarray of shape (n_classes,)
        The classes, sorted.
    n_iter_ : int
        The number of epochs so far.
    mistakes_ : list of int
        The number of mistakes in each epoch, summed over the classes. Merged rows count once.
    stop_reason_ : str
        Why training ended.
    n_features_in_ : int
        The number of features.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, if X has names that are all strings.

    See Also
    --------
    sklearn.linear_model.Perceptron : The same learning rule with a penalty, without averages and probabilities.

    Notes
    -----
    For a mistake on a row of weight a, the learning rate is eta0 a / m, where m is the mean weight of the (merged) rows
    of the first `fit` or `partial_fit`; it does not change when training continues.

    `fit` with k epochs gives bit-identical results to k calls of `partial_fit`, and to two calls of `fit` with k / 2
    epochs each and `warm_start=True`. With `averaged`, `fit` without `warm_start` keeps only the averages: a later
    `partial_fit` continues from them and starts a new average.

    `coef_` and `intercept_` may be set by hand, as in the example; training continues from them (unless `averaged`).

    Rows are processed in blocks, using matrix products for their scores and inner products; the result is the same as
    row by row, up to rounding.

    References
    ----------
    .. [1] F. Rosenblatt, "The perceptron: a probabilistic model for information storage and organization in the
       brain", Psychological Review 65 (1958), 386-408.
    .. [2] A. B. J. Novikoff, "On convergence proofs on perceptrons", Symposium on the Mathematical Theory of Automata
       12 (1962), 615-622.
    .. [3] Y. Freund, R. E. Schapire, "Large margin classification using the perceptron algorithm", Machine Learning 37
       (1999), 277-296.

    Examples
    --------
    >>> import numpy as np
    >>> from sknn_scratch.datasets import load_gate
    >>> from sknn_scratch import PerceptronClassifier
    >>> X, y = load_gate("and")
    >>> gate = PerceptronClassifier(random_state=0).fit(X, y)
    >>> gate.predict(X)
    array([0, 0, 0, 1])
    >>> gate.mistakes_[-1]
    0

    A gate by hand:

    >>> gate.coef_, gate.intercept_ = np.array([[-0.5, -0.5]]), np.array([0.7])
    >>> gate.predict(X)
    array([1, 1, 1, 0])
    """

    eta0: float = 1.0
    max_iter: int = 100
    tol: float | None = None
    shuffle: bool = True
    fit_intercept: bool = True
    averaged: bool = False
    class_weight: ClassWeight | None = None
    random_state: int | np.random.RandomState | None = None
    warm_start: bool = False
    checkpoint: str | os.PathLike[str] | None = None

    mistakes_: list[int] = field(init=False)

    _parameter_constraints: ClassVar[dict[str, list[object]]] = {
        "eta0": [Interval(Real, 0, None, closed="neither")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left"), None],
        "shuffle": ["boolean"],
        "fit_intercept": ["boolean"],
        "averaged": ["boolean"],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "random_state": ["random_state"],
        "warm_start": ["boolean"],
        "checkpoint": [str, os.PathLike, None],
    }

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: MatrixLike, y: npt.ArrayLike, sample_weight: npt.ArrayLike | None = None) -> Self:
        """Train until an epoch has no mistakes, for at most `max_iter` epochs.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_rows, n_features)
            Rows. float32, float64 and CSR are kept, other dtypes and sparse formats are converted to float64 and CSR.
        y : array-like of shape (n_rows,)
            Class labels.
        sample_weight : array-like of shape (n_rows,) or None, default=None
            Weights, not negative; rows of weight 0 are left out.

        Returns
        -------
        self : PerceptronClassifier
            The fitted classifier.

        Raises
        ------
        ValueError
            For wrong shapes, labels or weights, and if the inputs are so large that the results overflow.
        """
        with all_or_nothing(self):
            if not self.warm_start:
                for name in ("coef_", "classes_"):  # the next planes are new
                    self.__dict__.pop(name, None)
            self._train(X, y, sample_weight, self.max_iter, remember=self.warm_start)
        return self

    @available_if(learns_from_parts)
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self,
        X: MatrixLike,
        y: npt.ArrayLike,
        classes: npt.ArrayLike | None = None,
        sample_weight: npt.ArrayLike | None = None,
    ) -> Self:
        """Train for one epoch on the given rows; not available with `class_weight="balanced"`.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_rows, n_features)
            Rows.
        y : array-like of shape (n_rows,)
            Class labels.
        classes : array-like of shape (n_classes,) or None, default=None
            All classes that can occur in any call; required in the first call only.
        sample_weight : array-like of shape (n_rows,) or None, default=None
            Weights, not negative; rows of weight 0 are left out.

        Returns
        -------
        self : PerceptronClassifier
            The fitted classifier.

        Raises
        ------
        ValueError
            As in `fit`; also for labels that are not in `classes`.
        """
        with all_or_nothing(self):
            _check_partial_fit_first_call(self, None if classes is None else read_classes(classes))
            self._train(X, y, sample_weight, 1, remember=True)
        return self

    def decision_function(self, X: MatrixLike) -> Floats:
        """Return f(x) = w x + b.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_rows, n_features)
            Rows.

        Returns
        -------
        scores : ndarray of shape (n_rows,) or (n_rows, n_classes)
            One score per row for one or two classes, otherwise one for each class.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            For a wrong shape, and if the scores overflow.
        """
        scores = self._scores(X)
        return scores[:, 0] if scores.shape[1] == 1 else scores

    def predict(self, X: MatrixLike) -> Array:
        """Return the class of each row.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_rows, n_features)
            Rows.

        Returns
        -------
        labels : ndarray of shape (n_rows,)
            With two classes, the second if f(x) > 0; with more, the class with the largest f(x).

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            For a wrong shape, and if the scores overflow.
        """
        scores = self._scores(X)
        return self.classes_[(scores[:, 0] > 0).astype(np.intp) if len(self.classes_) == 2 else scores.argmax(axis=1)]

    def predict_proba(self, X: MatrixLike) -> Floats:
        """Return uncalibrated probabilities, increasing with f(x).

        With ``d = f(x) / |w|``, for two classes the distance from the decision boundary,
        ``P = (1 + d / (1 + |d|)) / 2`` [1]_. With more classes, ``|w|`` is the root of the sum of the squares of all
        weights, and the P of a row are divided by their sum. For calibrated probabilities, use
        :class:`sklearn.calibration.CalibratedClassifierCV`.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_rows, n_features)
            Rows.

        Returns
        -------
        proba : ndarray of shape (n_rows, n_classes)
            Positive numbers; each row sums to 1.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            For a wrong shape, and if the scores overflow.

        References
        ----------
        .. [1] D. L. Elliott, "A better activation function for artificial neural networks", Technical Report 93-8,
           Institute for Systems Research, University of Maryland (1993). Unlike the logistic function, it does not
           round to 0 or 1 at a distance of a few dozen.
        """
        scores = self._scores(X)
        with np.errstate(over="ignore"):
            distance = scores / (scipy.linalg.norm(self.coef_.ravel()) or 1)  # of a vector it never overflows
        if len(self.classes_) == 2:
            return _elliott(np.hstack([-distance, distance]))
        proba = _elliott(distance)
        return proba / proba.sum(axis=1, keepdims=True)

    def predict_log_proba(self, X: MatrixLike) -> Floats:
        """Return the logarithm of `predict_proba`, always finite.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_rows, n_features)
            Rows.

        Returns
        -------
        log_proba : ndarray of shape (n_rows, n_classes)
            Logarithms.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            For a wrong shape, and if the scores overflow.
        """
        return np.log(self.predict_proba(X))

    def _train(
        self, X: MatrixLike, y: npt.ArrayLike, sample_weight: npt.ArrayLike | None, max_epochs: int, *, remember: bool
    ) -> None:
        """Follow the rule for some epochs, and `remember` what an average needs to go on from there."""
        rows, index, checkpoint = self._prepare(X, y, sample_weight)
        rule = self._rule(rows.X)
        session = Session(
            learner=rule,
            observer=PerceptronObserver(),
            patience=Patience(self.tol or 0.0, np.inf if self.tol is None else 5),
            hooks=Hooks(self, X, y, sample_weight, max_epochs),
            learned=lambda: self._learned(rule, rows.X),
            max_epochs=max_epochs,
            seed=self._seed,
            history={},
            checkpoint=checkpoint,
        )
        try:
            session.run(rows, index)
        except Diverged:
            raise _overflow(rows.X) from None
        self.__dict__.update(self._learned(rule, rows.X))
        self._progress = {"theta": rule.theta, **rule.state()} if self.averaged and remember else None
        self.mistakes_ = [*self.mistakes_, *map(int, session.history.get("mistakes", []))]
        self.n_iter_ = len(self.mistakes_)
        self.stop_reason_ = session.ended_because
        session.hooks.end()

    def _prepare(
        self, X: MatrixLike, y: npt.ArrayLike, sample_weight: npt.ArrayLike | None
    ) -> tuple[Rows, Index, Checkpoint | None]:
        """Return the encoded rows, which of them to learn from, and the checkpoint; a new model gets its start."""
        fresh = not self.__sklearn_is_fitted__()
        checked, labels, given_weight = self._check(X, y, sample_weight, fresh)
        if not hasattr(self, "classes_"):
            self.classes_ = np.unique(labels)
        codes, weight, index = self._encode(checked, labels, given_weight)
        checkpoint = open_checkpoint(self, checkpoint_path(self), (checked, labels, given_weight))
        if fresh:
            self._weight_unit = weight[index].mean()
            self._seed = draw_seed(self.random_state, checkpoint)
            self.mistakes_ = []
            warn_of_unknown_classes(self.class_weight, self.classes_)
        return Rows(checked, codes, weight / self._weight_unit), index, checkpoint

    def _check(
        self, X: MatrixLike, y: npt.ArrayLike, sample_weight: npt.ArrayLike | None, fresh: bool
    ) -> tuple[Matrix, Array, Floats | None]:
        """Check what came; a model that goes on learning keeps its features and its dtype."""
        dtype = [np.float64, np.float32] if fresh else np.result_type(self.coef_, np.float32)  # by hand: maybe int
        with np.errstate(over="ignore"):  # a float64 beyond float32 is refused as infinite
            y = read_y(y, labels=True)
            rows, labels = validate_data(self, read_X(X), y, accept_sparse="csr", dtype=dtype, reset=fresh)
        check_classification_targets(labels)
        weight = read_weight(sample_weight, rows)
        return np.asarray(rows) if isinstance(rows, np.ndarray) else sparse.csr_array(rows), labels, weight

    def _encode(self, X: Matrix, y: Array, sample_weight: Floats | None) -> tuple[Index, Floats, Index]:
        """Return of each row the place of its class in `classes_` and its weight, and which rows to learn from."""
        if unknown := unknown_labels(y, self.classes_):
            raise ValueError(
                f"y has the labels {np.array(unknown)}, but the classifier began with {self.classes_}. Name all "
                "classes in the first call of partial_fit, or fit with warm_start=False."
            )
        codes = np.searchsorted(self.classes_, y)
        index, weight = distinct_rows(X, codes[:, None].astype(np.float64), sample_weight, merge=self.shuffle)
        weight = np.ones(len(y)) if weight is None else weight.copy()
        if self.class_weight is not None:
            weight[index] *= factor_of_rows(self.class_weight, codes[index], self.classes_, weight[index])
        return codes, weight, index[weight[index] > 0]

    def _rule(self, X: Matrix) -> PerceptronRule:
        """Return the rule, at the planes so far."""
        n_classes = len(self.classes_)
        signs = np.array([[-1, 1]] if n_classes == 2 else 2 * np.eye(n_classes) - 1, X.dtype)  # (n_planes, n_classes)
        order: Literal["C", "F"] = "C" if isinstance(X, np.ndarray) else "F"
        planes = Planes((len(signs), X.shape[1]), X.dtype, order, float(self.fit_intercept))
        rule = PerceptronRule(planes, signs, self.eta0, self.averaged, self.shuffle, self._seed)
        rule.n_epochs = len(self.mistakes_)
        if not self.__sklearn_is_fitted__():
            return rule
        if self._progress:
            rule.theta[:] = self._progress["theta"]
            rule.restore(self._progress)
        else:
            planes.coef[:], planes.intercept[:] = self.coef_, self.intercept_
        return rule

    def _learned(self, rule: PerceptronRule, X: Matrix) -> dict[str, object]:
        """Return what prediction needs."""
        coef, intercept = rule.learned()
        if not (np.isfinite(coef).all() and np.isfinite(intercept).all()):
            raise _overflow(X)
        return {"coef_": np.array(coef, X.dtype, order="C"), "intercept_": intercept.astype(X.dtype)}

    def _scores(self, X: MatrixLike) -> Floats:
        """Return f(x) of each plane, (n_rows, n_planes)."""
        check_is_fitted(self)
        rows = check_flat(self, X)
        with np.errstate(over="ignore", invalid="ignore"):
            scores = rows @ self.coef_.T + self.intercept_
        if not np.isfinite(scores).all():
            raise _overflow(rows)
        return scores

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "coef_")

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _elliott(distance: Floats) -> Floats:
    """Return (1 + d / (1 + |d|)) / 2, never 0."""
    tail = np.maximum(0.5 / (1 + np.abs(distance)), np.finfo(distance.dtype).tiny)
    return np.where(distance > 0, 1 - tail, tail)


def _overflow(X: Matrix) -> ValueError:
    return ValueError(
        f"The perceptron's scores overflow {X.dtype}: the inputs are too large (largest: "
        f"{max(X.max(), -X.min()):g}). Scale them, for example with sklearn.preprocessing.MaxAbsScaler, or lower eta0."
    )
