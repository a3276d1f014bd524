"""Multi-layer perceptrons: `hidden_layer_sizes` becomes a list of dense layers."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, is_classifier
from sklearn.frozen import FrozenEstimator
from sklearn.utils import Tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._compat import Interval, StrOptions, _fit_context
from .._docs import public
from .._typing import Floats, MatrixLike
from ..data.door import Given
from ..data.scaling import measure_edges
from ..data.shape import RowShape
from ..nn.layers.activations import Activation
from ..nn.layers.base import Layer, Shape
from ..nn.layers.dense import Dense
from ..nn.layers.embedding import Embedding, PiecewiseEmbedding
from ..nn.layers.members import MemberDense, MemberMean, MemberScaling
from ..nn.layers.noise import DropConnect, Dropout
from ..nn.members import MembersObjective
from ..nn.network import Network
from ..nn.objective import Objective
from ..nn.penalty import ElasticNet
from ..nn.rows import Index, Matrix
from . import automatic, recipes
from .base import NetworkEstimator
from .classification import NetworkClassification
from .hints import hint
from .pretraining import Parts, copy_layers, joined, pretrain, sees_rows_as_they_are
from .regression import NetworkRegression


def whole_numbers(parameter: str, value: object) -> list[int]:
    """Return numbers of units, given as one number or as many."""
    sizes = np.atleast_1d(np.asarray(value, dtype=object)).tolist()
    if any(not isinstance(size, Integral) or size < 1 for size in sizes):
        raise ValueError(f"{parameter} must hold whole numbers >= 1, got {value}.")
    return [int(size) for size in sizes]


@dataclass(eq=False, repr=False, kw_only=True)
class MLP(NetworkEstimator):
    """Hidden dense layers, each followed by its activation.

    Parameters
    ----------
    hidden_layer_sizes : array-like of int, default=(100,)
        Number of units of each hidden layer; with no hidden layer, (), the model is a logistic or linear regression.
    activation : {"identity", "logistic", "tanh", "relu", "leaky_relu", "elu", "softplus", "gelu", "silu", "mish", \
"maxout"}, Activation or list of these, default="relu"
        Activation of the hidden layers, one for all or one for each.
    maxout_pieces : int, default=2
        Number of linear pieces of each unit, with "maxout" (Goodfellow et al. 2013).
    dropout : float or tuple of float, default=0.0
        Probability of dropping each hidden unit in training, one for all dense hidden layers or one for each.
    drop_connect : float, default=0.0
        Probability of dropping each weight of the hidden layers in training; a new mask is drawn for each mini-batch.
    """

    hidden_layer_sizes: int | Sequence[int] | npt.NDArray[np.integer] = field(default=(100,), kw_only=False)
    activation: str | Activation | Sequence[str | Activation] = field(default="relu", kw_only=False)
    maxout_pieces: int = 2
    dropout: float | Sequence[float] = 0.0
    drop_connect: float = 0.0

    _constraints: ClassVar[dict[str, list[object]]] = {
        "hidden_layer_sizes": ["array-like", Integral],
        "activation": [StrOptions(recipes.ACTIVATION_NAMES), Activation, list, tuple],
        "maxout_pieces": [Interval(Integral, 1, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left"), tuple, list],
        "drop_connect": [Interval(Real, 0, 1, closed="left")],
    }

    def _row_shape(self) -> RowShape:
        return RowShape(flat=True)  # a hidden unit sees all of a row

    def _hidden_layers(self) -> list[Layer]:
        sizes = whole_numbers("hidden_layer_sizes", self.hidden_layer_sizes)
        return self._dense(sizes, self._activations("activation", len(sizes)))

    def _activations(self, parameter: str, n_layers: int) -> list[str | Activation]:
        given = getattr(self, parameter)
        activations = [given] * n_layers if isinstance(given, str | Activation) else list(given)
        if len(activations) != n_layers:
            raise ValueError(
                f"{parameter} needs one entry a hidden layer, got {len(activations)} for {n_layers} hidden layers."
            )
        for name in activations:
            if not isinstance(name, Activation) and not (isinstance(name, str) and name in recipes.ACTIVATION_NAMES):
                raise ValueError(
                    f"{parameter} must be one of {sorted(recipes.ACTIVATION_NAMES)} or an Activation, got {name!r}."
                    + hint(parameter, name, recipes.ACTIVATION_NAMES)
                )
        return activations

    def _dense(self, sizes: list[int], activations: list[str | Activation]) -> list[Layer]:
        layers: list[Layer] = []
        rates = list(self.dropout) if isinstance(self.dropout, Sequence) else [self.dropout] * len(sizes)
        if len(rates) != len(sizes):
            raise ValueError(f"dropout needs one entry a dense hidden layer, got {len(rates)} for {len(sizes)} layers.")
        if any(not isinstance(rate, Real) or not 0 <= rate < 1 for rate in rates):
            raise ValueError(f"dropout must hold numbers >= 0 and < 1, got {self.dropout}.")
        for size, name, rate in zip(sizes, activations, rates, strict=True):
            dense = self._dense_layer(size * recipes.n_pieces(self, name))
            layers += [self._weighted(dense), recipes.activation(self, name)]
            if rate:
                layers.append(Dropout(rate))
        return layers

    def _dense_layer(self, units: int) -> Layer:
        """Return a dense layer."""
        return Dense(units, recipes.initializer(self))

    def _weighted(self, layer: Layer) -> Layer:
        """Return a layer with weights as `drop_connect` wants it."""
        return DropConnect(layer, self.drop_connect) if self.drop_connect else layer


@dataclass(eq=False, repr=False, kw_only=True)
class PretrainedMLP(MLP):
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


def _has_members(estimator: "SeveralMLP") -> bool:
    """Return whether there are members that can differ; an AttributeError says why not."""
    if not (estimator._network_has_members() if estimator.__sklearn_is_fitted__() else estimator.n_members > 1):
        raise AttributeError(
            f"predict_std is the spread of several members, got n_members={estimator.n_members}. Fit with n_members=8."
        )
    return not is_classifier(estimator) or bool(estimator.predict_proba)


@dataclass(eq=False, repr=False, kw_only=True)
class SeveralMLP(PretrainedMLP):
    """Several networks that are trained at once, the members of an ensemble.

    Parameters
    ----------
    n_members : int, default=1
        Number of networks that are trained together, each on all rows; the loss is the mean of their losses. The mean
        of their predictions is predicted, by classifiers the mean of their probabilities. Standardisation and embedding
        are shared. Not available with `pretrain`.
    member_weights : {"independent", "shared"}, default="independent"
        With "independent", each member has its own weights: `coefs_` have shape (n_in, n_members * n_out), and the
        columns of a member are adjacent. With "shared", the members share the hidden layers. Each member multiplies
        the inputs by its own learned scales, which are initially -1 or 1, of shape (n_members * n_in,) in `coefs_`,
        and has its own output layer (TabM-mini, Gorishniy et al. 2025, arXiv:2410.24210). Sparse rows are then made
        dense, one mini-batch at a time.
    """

    n_members: int = 1
    member_weights: str = "independent"

    _constraints: ClassVar[dict[str, list[object]]] = {
        "n_members": [Interval(Integral, 1, None, closed="left")],
        "member_weights": [StrOptions({"independent", "shared"})],
    }

    @property
    def _independent(self) -> bool:
        return self.n_members > 1 and self.member_weights == "independent"

    def _hidden_layers(self) -> list[Layer]:
        if self.n_members > 1 and self.pretrain is not None:
            raise ValueError(
                f"pretrain is for one network, got n_members={self.n_members} and pretrain={self.pretrain}. Use "
                "n_members=1, or pretrain=None."
            )
        shared = self.n_members > 1 and not self._independent
        return [MemberScaling(self.n_members)] * shared + super()._hidden_layers()

    def _dense_layer(self, units: int) -> Layer:
        if self._independent:
            return MemberDense(units, self.n_members, recipes.initializer(self))
        return super()._dense_layer(units)

    def _output_layers(self, shape: Shape) -> list[Layer]:
        if self.n_members == 1:
            return super()._output_layers(shape)
        dense = MemberDense(self._target.n_outputs, int(self.n_members), recipes.initializer(self))
        return [dense, MemberMean(self._target.loss.link)]

    def _make_objective(self, network: Network, penalty: ElasticNet) -> Objective:
        if not self._network_has_members():
            return super()._make_objective(network, penalty)
        share = 1 / int(self.n_members) if self._independent else 1.0
        return MembersObjective(network, self._target.loss, penalty, share)

    def _network_has_members(self) -> bool:
        """Return whether the network has members."""
        return isinstance(self._network.layers[-1], MemberMean)

    @available_if(_has_members)
    def predict_std(self, X: MatrixLike) -> Floats:
        """Return the standard deviation of the members' predictions.

        The members have different initial values. Their predictions differ most for rows that are unlike the training
        set. This spread does not include the noise of y, for which ``loss="quantile"`` is meant. Only with
        ``n_members > 1``.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Inputs.

        Returns
        -------
        std : ndarray with the shape of `predict`, for classifiers that of `predict_proba`
            In units of y; for classifiers, the standard deviation of the members' probabilities.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            If X does not fit, or is so large that the network's output is not finite.

        Examples
        --------
        >>> import numpy as np
        >>> from sknn_scratch import MLPRegressor
        >>> X = np.linspace(-1, 1, 40)[:, None]
        >>> reg = MLPRegressor((16,), n_members=8, random_state=0).fit(X, np.sin(3 * X[:, 0]))
        >>> near, far = reg.predict_std([[0.5], [5.0]])
        >>> bool(near < far)
        True
        """
        check_is_fitted(self)
        return self._spread(self._raw_of(self._check_X(X), self._network[:-1]))

    @abstractmethod
    def _spread(self, raw: Floats) -> Floats:
        """Return the standard deviation of predictions over the members, for raw of shape (n, n_members, k)."""


@dataclass(eq=False, repr=False, kw_only=True)
class EmbeddedMLP(SeveralMLP):
    """Hidden layers behind an embedding of numeric columns.

    Parameters
    ----------
    embedding : {"auto", "periodic", "piecewise"} or None, default="auto"
        Additional features for each numeric column (more than 10 different values), before the first hidden layer:
        with "periodic" 3 weighted sums of 8 learned cosines, with "piecewise" the position in each of 4 to 12 bins
        between its quantiles (half the square root of the number of distinct rows). The network can then represent
        steeper functions of a column (Gorishniy et al. 2022). "auto" is "periodic" for classification, "piecewise" for
        regression, and None for fewer than 200 distinct rows or more than 30 numeric columns, L-BFGS, sparse rows and
        `pretrain`. With an embedding and ``alpha="auto"``, the c of alpha is 2 + 16 s for classification by
        cross-entropy and 30 s for regression by squared error, where s is the training loss relative to that of
        predicting the mean: 0 in the first 10 epochs, then a moving average over about 5.

    Attributes
    ----------
    embedded_columns_ : tuple of int
        The columns of X that are embedded; empty without an embedding.
    """

    embedding: str | None = "auto"

    _constraints: ClassVar[dict[str, list[object]]] = {
        "embedding": [StrOptions({"auto", "periodic", "piecewise"}), None]
    }

    _embedding: Embedding | None = field(init=False, default=None)  # none with weights by hand

    @property
    def embedded_columns_(self) -> tuple[int, ...]:
        """Columns of X that are embedded."""
        check_is_fitted(self)
        embedding = automatic.embedding_of(self._network)
        return embedding.columns if embedding else ()

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse &= self.embedding in ("auto", None)
        return tags

    def _hidden_layers(self) -> list[Layer]:
        embedding: list[Layer] = [self._embedding] if self._embedding else []
        return embedding + super()._hidden_layers()

    def _automatic_penalty(self) -> tuple[float, float]:
        possible = self._target.loss.measures_noise and self.solver != "lbfgs" and self.pretrain is None
        return self._target.penalty_by_noise if self._embedding and possible else super()._automatic_penalty()

    def _start(self, X: Matrix, numbers: Floats, index: Index, *args: Any) -> None:
        rows: Any = X[index[:: max(1, len(index) // 1000)]]
        self._embedding = automatic.embedding(self, rows, len(index))
        super()._start(X, numbers, index, *args)
        network = self._network
        for i, layer in enumerate(network.layers):
            if isinstance(layer, PiecewiseEmbedding):
                seen = network[:i].predict(rows) if i else rows
                measure_edges(network.params[i], seen[:, list(layer.columns)])


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
