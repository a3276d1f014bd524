"""Recurrent networks: `hidden_layer_sizes` becomes recurrent layers, a pooling over the steps, and dense layers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from sklearn.base import is_classifier
from sklearn.metrics import accuracy_score
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from .._compat import Interval, StrOptions, check_sample_weight
from .._docs import public
from .._typing import Floats, MatrixLike
from ..data.door import check_X
from ..data.sequences import SequenceShape, is_list, n_steps, split_rows
from ..data.shape import Shape
from ..data.steps import Lengths, Steps, read_steps
from ..data.targets import Labels
from ..nn.arena import Array
from ..nn.initializers import Initializer
from ..nn.layers.activations import Activation
from ..nn.layers.base import Layer
from ..nn.layers.dense import Dense
from ..nn.layers.noise import Dropout
from ..nn.layers.recurrent import GRU, LSTM, Bidirectional, SimpleRNN
from ..nn.layers.reshape import Flatten
from ..nn.layers.sequence import (
    LastStep,
    Masking,
    MaxSteps,
    MeanSteps,
    StepPooling,
    StepPoolings,
    count_steps,
    step_mask,
)
from ..nn.rows import Matrix, Rows
from . import recipes
from .classification import NetworkClassification
from .dense_layers import DenseLayers, whole_numbers
from .regression import NetworkRegression, score_numbers

CELLS: dict[str, Callable[..., Any]] = {"simple": SimpleRNN, "lstm": LSTM, "gru": GRU}
STEP_POOLINGS: dict[str, type[StepPooling]] = {"last": LastStep, "mean": MeanSteps, "max": MaxSteps}


@dataclass(eq=False, repr=False, kw_only=True)
class Recurrent(DenseLayers):
    """Recurrent layers, a pooling of their outputs over the steps, and dense layers.

    Parameters
    ----------
    hidden_layer_sizes : array-like of int, default=(32,)
        Number of units of each recurrent layer.
    cell : {"lstm", "gru", "simple"}, default="lstm"
        Type of the recurrent layers: long short-term memory (Hochreiter and Schmidhuber 1997), gated recurrent units
        (Cho et al. 2014), or simple recurrent units, h(t) = s(W x(t) + U h(t-1) + b) (Elman 1990; lecture row 36).
    activation : {"tanh", "relu", "logistic"}, default="tanh"
        The activation s of simple recurrent units.
    bidirectional : bool, default=False
        Whether each layer has as many additional units, which read the sequence backwards.
    pooling : {"last", "mean", "max"} or list of these, default=("last", "max")
        How the outputs at all steps are reduced to one vector: the last output (for units that read backwards, the
        output at the first step), the mean or the maximum; the results of several are concatenated. Not used with
        ``targets="step"``.
    dense_layer_sizes : array-like of int, default=()
        Number of units of each dense hidden layer after the recurrent layers.
    dense_activation : str, Activation or list of these, default="relu"
        Activation of the dense hidden layers, as `activation` of `MLPClassifier`.
    maxout_pieces : int, default=2
        Number of linear pieces of each dense unit, with "maxout".
    dropout : float, default=0.0
        Probability of dropping each output of a recurrent layer, with the same mask at all steps of a sequence (Gal and
        Ghahramani 2016), and each dense hidden unit, in training.
    recurrent_dropout : float, default=0.0
        Probability of dropping each unit of the state h(t-1) in training, with the same mask at all steps of a
        sequence.
    drop_connect : float, default=0.0
        Probability of dropping each weight of the hidden layers in training; a new mask is drawn for each mini-batch.
    recurrent_init : {"orthogonal", "identity", "glorot", "he", "lecun", "normal", "zeros"} or Initializer, \
default="orthogonal"
        Initial values of the weights between states; `init` is used for all other weights.
    sequence_shape : tuple (steps, features) or None, default=None
        Shape of the sequence in each flat row of X, step after step. None: a univariate series. Not needed for lists
        and arrays of sequences.
    targets : {"sequence", "step"}, default="sequence"
        Whether y has one target for each sequence or one for each step.
    alpha : float or "auto", default=1e-4
        Strength of the penalty, which is added to the mean loss; "auto" is the value of `MLPClassifier`, which is too
        large for small numbers of sequences.
    gradient_clip : float, "auto" or None, default="auto"
        Maximum norm of the gradient; before each step, a larger one is scaled down to it. "auto" is 1, and None for
        L-BFGS.
    n_iter_no_change : int, default=40
        Number of epochs without improvement after which training ends, as in `MLPClassifier`. The loss of recurrent
        networks can stay level for many epochs before it falls, in particular with few sequences and thus few steps
        per epoch.

    Attributes
    ----------
    sequence_shape_ : tuple (steps, features)
        The shape of the longest sequence in the first call of `fit` or `partial_fit`.
    """

    hidden_layer_sizes: int | Sequence[int] | npt.NDArray[np.integer] = field(default=(32,), kw_only=False)
    activation: str = field(default="tanh", kw_only=True)
    cell: str = "lstm"
    bidirectional: bool = False
    pooling: str | Sequence[str] = ("last", "max")
    dense_layer_sizes: int | Sequence[int] | npt.NDArray[np.integer] = ()
    dense_activation: str | Activation | Sequence[str | Activation] = "relu"
    dropout: float = 0.0
    recurrent_dropout: float = 0.0
    recurrent_init: str | Initializer = "orthogonal"
    sequence_shape: Sequence[int] | None = None
    targets: str = "sequence"
    alpha: float | str = 1e-4
    gradient_clip: float | str | None = "auto"
    n_iter_no_change: int = 40

    _constraints: ClassVar[dict[str, list[object]]] = {
        "cell": [StrOptions(set(CELLS))],
        "activation": [StrOptions({"tanh", "relu", "logistic"})],
        "bidirectional": ["boolean"],
        "pooling": [StrOptions(set(STEP_POOLINGS)), list, tuple],
        "dense_layer_sizes": ["array-like", Integral],
        "dense_activation": [StrOptions(recipes.ACTIVATION_NAMES), Activation, list, tuple],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "recurrent_dropout": [Interval(Real, 0, 1, closed="left")],
        "recurrent_init": [StrOptions(set(recipes.RECURRENT_INITIALIZERS)), Initializer],
        "sequence_shape": [tuple, list, None],
        "targets": [StrOptions({"sequence", "step"})],
        "gradient_clip": [StrOptions({"auto"}), Interval(Real, 0, None, closed="neither"), None],
    }

    def _row_shape(self) -> SequenceShape:
        return SequenceShape(("steps", "features"), "sequence_shape", self.sequence_shape, lambda n: (n, 1))

    def _masking(self) -> list[Layer]:
        return [Masking()]

    def _hidden_layers(self) -> list[Layer]:
        sizes = whole_numbers("hidden_layer_sizes", self.hidden_layer_sizes)
        if not sizes:
            raise ValueError("hidden_layer_sizes must hold at least one number of units, got ().")
        pooling = None if self.targets == "step" else self._pooling(sizes[-1])
        layers: list[Layer] = []
        for i, size in enumerate(sizes):
            all_steps = i < len(sizes) - 1 or self.targets == "step" or pooling is not None
            layers.append(self._weighted(self._recurrent(size, all_steps, self.dropout if i else 0.0)))
        if pooling is not None:
            layers.append(pooling)
        if self.dropout:
            layers.append(Dropout(self.dropout, per_sequence=pooling is None and self.targets == "step"))
        sizes = whole_numbers("dense_layer_sizes", self.dense_layer_sizes)
        return layers + self._dense(sizes, self._activations("dense_activation", len(sizes)))

    def _pooling(self, size: int) -> Layer | None:
        """Return the layer behind the last recurrent one; None where that gives its last state by itself."""
        names = [self.pooling] if isinstance(self.pooling, str) else list(self.pooling)
        if not names or any(name not in STEP_POOLINGS for name in names):
            raise ValueError(f"pooling must be one or several of {sorted(STEP_POOLINGS)}, got {self.pooling!r}.")
        if names == ["last"]:
            return None
        last = LastStep(size if self.bidirectional else 0)
        poolings = tuple(last if name == "last" else STEP_POOLINGS[name]() for name in names)
        return poolings[0] if len(poolings) == 1 else StepPoolings(poolings)

    def _recurrent(self, size: int, all_steps: bool, dropout: float) -> Layer:
        settings: dict[str, Any] = {"activation": self.activation} if self.cell == "simple" else {}
        layer = CELLS[self.cell](
            size,
            return_sequences=all_steps,
            dropout=dropout,
            recurrent_dropout=self.recurrent_dropout,
            init=recipes.initializer(self),
            recurrent_init=recipes.recurrent_initializer(self),
            **settings,
        )
        return Bidirectional(layer) if self.bidirectional else layer

    def _output_layers(self, shape: Shape) -> list[Layer]:
        if self.targets == "sequence":
            return super()._output_layers(shape)
        return [Dense(self._target.n_outputs, recipes.initializer(self)), Flatten()]

    # One answer a step

    def _check_X_y(self, X: MatrixLike, y: Any, *, reset: bool) -> tuple[Matrix, Any, Shape | None]:
        if self.targets == "sequence":
            if is_list(y) and len({np.shape(of_row) for of_row in y}) > 1:
                raise ValueError(
                    "y has entries of different lengths. For an answer at each step of X pass targets='step'."
                )
            return super()._check_X_y(X, y, reset=reset)
        rows: Any
        rows, seen = check_X(self, X, self._row_shape(), None if reset else self._seen_shape, reset=reset)
        n_features = self._row_shape().resolve(rows.shape[1], seen)[1]
        lengths = count_steps(rows.reshape(len(rows), -1, n_features))
        return rows, read_steps(y, lengths, n_steps(X, lengths, n_features), labels=is_classifier(self)), seen

    def _lengths(self, rows: Any) -> Lengths:
        """Return the numbers of steps of checked rows."""
        return count_steps(rows.reshape(len(rows), -1, self._network.input_shape[1]))

    def _raw(self, X: MatrixLike) -> Floats:
        """Return the network's raw output: with one answer a step of all steps, one sequence after the other."""
        if self.targets == "sequence":
            return super()._raw(X)
        check_is_fitted(self)
        rows = self._check_X(X)
        steps = self._raw_of(rows).reshape(rows.shape[0], -1, self._target.n_outputs)
        return steps[step_mask(self._lengths(rows), steps.shape[1])]

    def _as_X(self, values: Array, X: MatrixLike) -> Any:
        return values if self.targets == "sequence" else self._steps_as_X(values, X)

    def _entries_as_X(self, entries: Array, X: Any) -> Any:
        steps = entries.reshape(len(entries), -1, self._network.input_shape[1])
        values = self._steps_as_X(steps[step_mask(self._lengths(self._check_X(X)), steps.shape[1])], X)
        if is_list(X):
            return [of_steps.reshape(np.shape(x)) for of_steps, x in zip(values, X, strict=True)]
        return values.reshape(np.shape(X))

    def _steps_as_X(self, values: Array, X: Any) -> Any:
        """Return what there is for all steps in the form of X: a list, or an array padded with NaN or None."""
        lengths = self._lengths(self._check_X(X))
        if is_list(X):
            return split_rows(values, lengths)
        there = step_mask(lengths, n_steps(X, lengths, self._network.input_shape[1]))
        if there.all():
            return values.reshape(*there.shape, *values.shape[1:])
        kind, filler = (np.result_type(values, np.float32), np.nan) if values.dtype.kind in "biuf" else (object, None)
        padded = np.full((*there.shape, *values.shape[1:]), filler, kind)
        padded[there] = values
        return padded

    def _make_score(self, rows: Rows, y: Array) -> Callable[[], float] | None:
        if self.targets == "step" and isinstance(self.scoring, str):
            raise ValueError(
                f"scoring={self.scoring!r} knows no answers for each step. Leave scoring=None, for that of `score`, or "
                "pass a callable(estimator, X, y)."
            )
        if self._seen_shape is not None:  # sequences, as they came
            rows = replace(rows, X=np.asarray(rows.X).reshape(len(rows), -1, self._seen_shape[1]))
        return super()._make_score(rows, y)

    def _renew_target(self, target: Any) -> Any:
        if not isinstance(target, Steps):
            return super()._renew_target(target)  # type: ignore[safe-super]
        return replace(target, step=super()._renew_target(target.step))  # type: ignore[safe-super, arg-type]

    def score(self, X: MatrixLike, y: Any, sample_weight: npt.ArrayLike | None = None) -> float:
        """Return accuracy, R2 or D2; with ``targets="step"``, over all steps of all sequences.

        Parameters
        ----------
        X : array-like
            Sequences.
        y : array-like
            True targets, one per sequence or one per step.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the sequences.

        Returns
        -------
        score : float
            Accuracy for a classifier; R2 for a regressor; for several quantiles, the mean of their D2 pinball scores.
        """
        if self.targets == "sequence":
            return super().score(X, y, sample_weight)
        raw = self._raw(X)
        rows, of_rows, _ = self._check_X_y(X, y, reset=False)
        answers, predictions = np.concatenate(list(of_rows)), self._target.decode(raw)
        weight = None
        if sample_weight is not None:
            weight = check_sample_weight(sample_weight, rows).repeat([len(each) for each in of_rows])
        if is_classifier(self):
            return float(accuracy_score(answers, predictions, sample_weight=weight))
        target: Any = self._target
        return score_numbers(target.step, answers, predictions, weight)

    @property
    def sequence_shape_(self) -> Shape:
        """Shape of the longest sequence in the first call of `fit` or `partial_fit`, (steps, features)."""
        check_is_fitted(self)
        return self._network.input_shape

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = False
        tags.input_tags.three_d_array = True
        return tags


@public
@dataclass(eq=False, repr=False, kw_only=True)
class RecurrentClassifier(Recurrent, NetworkClassification):
    """Recurrent network for classification of sequences, or of each step of a sequence.

    X is an array of shape (n_samples, steps, features), with shorter sequences padded with NaN at the end; a list of
    arrays of shape (steps_i, features) or (steps_i,); or, with `sequence_shape`, flat rows, which work everywhere in
    scikit-learn. All three give the same model.

    With ``targets="step"``, y has shape (n_samples, steps) or is a list of arrays of shape (steps_i,). Predictions
    are lists if X is a list, and arrays with an axis of steps otherwise.

    See Also
    --------
    RecurrentRegressor : The same network for regression.
    ConvNetClassifier : Often better for long univariate series whose shape determines the class.

    Examples
    --------
    >>> import numpy as np
    >>> from sknn_scratch import RecurrentClassifier
    >>> rng = np.random.default_rng(0)
    >>> X = [rng.normal(size=rng.integers(3, 9)) for _ in range(200)]
    >>> y = ["up" if x.sum() > 0 else "down" for x in X]
    >>> clf = RecurrentClassifier((8,), random_state=0).fit(X, y)
    >>> bool(clf.score(X, y) > 0.9)
    True
    """

    def _make_target(self, y: Any, classes: npt.ArrayLike | None) -> Any:
        if self.targets == "sequence":
            return super()._make_target(y, classes)
        if self.class_weight is not None:
            raise ValueError("class_weight weighs samples; with targets='step' one sequence has several classes.")
        return Steps(super()._make_target(np.concatenate(list(y)), classes))

    @property
    def _labels(self) -> Labels:
        target: Any = self._target
        labels: Labels = target.step if self.targets == "step" else target
        return labels


@public
@dataclass(eq=False, repr=False, kw_only=True)
class RecurrentRegressor(Recurrent, NetworkRegression):
    """Recurrent network for regression on sequences, or on each step of a sequence.

    The forms of X and y are described in `RecurrentClassifier`. To forecast a series, cut it into windows with
    `sknn_scratch.forecasting.windows`.

    See Also
    --------
    RecurrentClassifier : The same network for classification.
    sknn_scratch.forecasting.forecast : Forecasts with any regressor.

    Examples
    --------
    >>> import numpy as np
    >>> from sknn_scratch import RecurrentRegressor
    >>> X = np.random.default_rng(0).normal(size=(200, 6, 2))
    >>> y = X.sum(axis=(1, 2))
    >>> reg = RecurrentRegressor((8,), random_state=0).fit(X, y)
    >>> bool(reg.score(X, y) > 0.9)
    True
    """

    def _make_target(self, y: Any, classes: npt.ArrayLike | None) -> Any:
        if self.targets == "sequence":
            return super()._make_target(y, classes)
        return Steps(super()._make_target(np.concatenate(list(y)), classes))
