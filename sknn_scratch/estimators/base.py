"""Base of the network estimators: checks and encodes data, trains the network, predicts.

Subclasses define the layers and the meaning of y; how a step is made is the business of `nn`.
"""

import copy
import os
from abc import abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from inspect import signature
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import check_scoring
from sklearn.utils import Tags, check_random_state
from sklearn.utils.validation import check_is_fitted

from .._compat import _fit_context, check_sample_weight
from .._typing import Floats, MatrixLike
from .._warn import warn
from ..data.apart import apart
from ..data.class_weights import needs_all_rows
from ..data.distinct import distinct_rows
from ..data.door import Given, check_X, check_X_y, of_validation_set
from ..data.sample_weights import in_units, mean_weight
from ..data.scaling import measure
from ..data.shape import RowShape, Shape
from ..data.targets import Target
from ..fitting.callers import many_fits
from ..fitting.checkpoint import Checkpoint
from ..fitting.hooks import Hooks, TakesCallbacks
from ..fitting.observer import NetworkObserver, still_falling
from ..fitting.session import INTERRUPTED, Session
from ..fitting.transaction import all_or_nothing
from ..fitting.validation import Validation, nameless, split
from ..nn.arena import Array
from ..nn.hoisting import hoist
from ..nn.layers.base import Layer
from ..nn.layers.dense import Dense
from ..nn.layers.noise import Dropout, GaussianNoise
from ..nn.layers.reshape import Flatten
from ..nn.layers.standardize import Standardize
from ..nn.learner import Diverged, State
from ..nn.network import Network
from ..nn.objective import Objective
from ..nn.patience import Patience
from ..nn.penalty import ElasticNet
from ..nn.rows import Index, Matrix, Rows
from ..nn.settings import plain
from ..nn.trainer import Epoch
from . import automatic, recipes
from .learners import UNSEEN_NAN, divergence, has_nan, make_learner, too_short
from .parameters import TrainingParameters
from .persistence import Versioned
from .report import Report

# What the generators of one seed are for.
INITIAL_VALUES, SPLIT = 1, 3  # 2 is for the epochs


def learns_from_parts(estimator: "NetworkEstimator") -> bool:
    """Return whether there is a `partial_fit`; an AttributeError says why not."""
    if isinstance(estimator.solver, str) and estimator.solver == "lbfgs":
        raise AttributeError("partial_fit is for the stochastic solvers: solver='lbfgs' needs all rows at once.")
    if estimator.checkpoint is not None:
        raise AttributeError("A checkpoint is of one fit. With partial_fit, save the estimator with joblib.dump.")
    needs_all_rows(estimator)
    return True


@dataclass(eq=False, repr=False, kw_only=True)
class NetworkEstimator(TakesCallbacks, Report, Versioned, TrainingParameters):
    """Base of all estimators that train a network."""

    _target: Target = field(init=False)
    _n_rows: int = field(init=False)
    _weight_unit: float = field(init=False)  # mean weight of the first training set

    # What subclasses define

    @abstractmethod
    def _hidden_layers(self) -> list[Layer]:
        """Return the recipes of all layers before the output layer."""

    @abstractmethod
    def _make_target(self, y: Array, classes: npt.ArrayLike | None) -> Target:
        """Return what y means, for a new network."""

    @abstractmethod
    def _renew_target(self, target: Target) -> Target:
        """Return the target of the fitted network, with the parameters as they are now."""

    def _row_shape(self) -> RowShape:
        """Return how rows of X are shaped."""
        return RowShape()

    def _width(self) -> int | None:
        """Return the numbers of a row where the layers tell it, without any weights."""
        return None

    def _augmentation(self) -> list[Layer]:
        """Return the layers that change training rows at random, before all others."""
        return []

    def _masking(self) -> list[Layer]:
        """Return the layers between the standardisation and all that sees steps of sequences."""
        return []

    def _standardizes(self) -> bool:
        """Return whether the inputs are standardised."""
        return self.standardize

    def _penalty_of_a_row(self) -> float:
        """Return the c of ``alpha="auto"``."""
        return self._target.penalty_of_a_row

    def _make_objective(self, network: Network, penalty: ElasticNet) -> Objective:
        """Return what training minimises."""
        return Objective(network, self._target.loss, penalty)

    def _output_layers(self, shape: Shape) -> list[Layer]:
        """Return the layers from hidden outputs of this shape to the raw output."""
        flat: list[Layer] = [Flatten()] if len(shape) > 1 else []
        return [*flat, Dense(self._target.n_outputs, recipes.initializer(self))]

    def _as_X(self, values: Array, X: MatrixLike) -> Array:
        """Return predictions for X in its form."""
        return values

    def _entries_as_X(self, entries: Array, X: Any) -> Any:
        """Return rows with a number for each entry of X in the form of X."""
        return entries.reshape(np.shape(X))

    # Training

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: MatrixLike,
        y: MatrixLike,
        sample_weight: npt.ArrayLike | None = None,
        X_val: MatrixLike | None = None,
        y_val: MatrixLike | None = None,
        sample_weight_val: npt.ArrayLike | None = None,
    ) -> Self:
        """Train the network.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or array of shape (n_samples, ...)
            Inputs; float32 and float64 are kept, anything else becomes float64.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows: a weight of k is the same as k equal rows.
        X_val : array-like or sparse matrix of shape (n_samples_val, n_features), default=None
            Validation set: its loss and score are recorded after each epoch, and with `early_stopping` they decide, in
            place of rows held out of X.
        y_val : array-like of shape (n_samples_val,) or (n_samples_val, n_outputs), default=None
            Its targets.
        sample_weight_val : array-like of shape (n_samples_val,), default=None
            Its weights.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If X, y or the weights do not fit, or if training diverges.
        """
        return self._fit(Given(X, y, sample_weight, X_val, y_val, sample_weight_val))

    def _fit(self, given: Given) -> Self:
        """Train: what `fit` does."""
        path = self._checkpoint_path()
        with all_or_nothing(self):
            if not self.warm_start:
                self._forget()
            elif self.__sklearn_is_fitted__():
                self._network = copy.deepcopy(self._network)  # a failure, even of the refit, leaves the old one
            session = self._learn(given, path=path)
            if (
                self.refit
                and session.observer.keeps_best
                and given.X_val is None
                and session.stop_reason != INTERRUPTED
            ):
                n_epochs_before = self.n_iter_ - session.n_epochs  # of the fits that warm_start went on from
                n_epochs = max(1, n_epochs_before + session.best_epoch)  # best_epoch is 0 where these were best
                del session  # and the rows that it holds
                self._refit(given, n_epochs, path)
        if not self.warm_start:
            self._progress.get("learner", {}).pop("memory", None)  # once or twice the size of the weights
        return self

    def _learn_part(self, given: Given) -> Self:
        """Train for one epoch: what `partial_fit` does."""
        session = self._learn(given, max_epochs=1)
        self.stop_reason_ = session.stop_reason if session.observer.keeps_best or not self.early_stopping else None
        return self

    def _refit(self, given: Given, n_epochs: int, path: str | None) -> None:
        """Train a new network on all rows; if that is interrupted, keep the first one."""
        before = dict(vars(self))
        self._forget()
        try:
            session = self._learn(given, n_epochs, path and path + ".refit", refit=True)
            interrupted = session.stop_reason == INTERRUPTED
        except KeyboardInterrupt:
            if many_fits():
                raise
            interrupted = True
            warn("The refit was interrupted; the estimator keeps what it learned before it.")
        if interrupted:
            self.__dict__.update(before)
        self.stop_reason_ = INTERRUPTED if interrupted else f"{n_epochs} epochs were best for the rows held out"

    def _learn(
        self, given: Given, max_epochs: int | None = None, path: str | None = None, *, refit: bool = False
    ) -> Session[Epoch]:
        """Check, encode and train; a failure changes nothing.

        With None for `max_epochs`, it is a whole training: for `max_iter` epochs at most, with rows held out where the
        parameters say so, and a warning where more epochs would have helped.
        """
        with all_or_nothing(self):
            session, rows, index = self._prepare(given, max_epochs, path, refit=refit)
            try:
                self._train(session, rows, index, whole=max_epochs is None)
                session.hooks.end()
            except BaseException:  # of a callback too, and of a warning that is made an error
                session.undo()
                raise
        return session

    def _prepare(
        self, given: Given, max_epochs: int | None = None, path: str | None = None, *, refit: bool = False
    ) -> tuple[Session[Epoch], Rows, Index]:
        """Do all but train: return the session, the encoded rows, and which of them are the training set."""
        fresh, whole = not self.__sklearn_is_fitted__(), max_epochs is None
        X, y, seen = self._check_X_y(given.X, given.y, reset=fresh)
        self._target = self._make_target(y, given.classes) if fresh else self._renew_target(self._target)
        numbers = self._target.numbers(y)
        weight = self._check_weight(given.sample_weight, X, numbers)
        checkpoint, saved = self._read_checkpoint(path, given, X, numbers, weight)
        index, weight = distinct_rows(X, numbers, weight, merge=self.shuffle)
        if fresh:
            self._start(X, numbers, index, weight, seen, saved.get("seed"))
            self._pretrain(given, X, index, weight)
            if not refit and (doubt := self._row_shape().doubtful(seen)):  # once
                warn(doubt)
        else:
            self._go_on(seen, X.dtype)
        if fresh or not self._weight_unit:  # also of a network made by hand, before it is trained
            self._weight_unit = mean_weight(weight, index)
        self._n_rows = max(self._n_rows, len(index))
        rows = self._encode(X, numbers, weight)
        index, validation = self._validation(given, rows, y, index, hold_out=self.early_stopping and whole)
        # Training runs on `network`, which shares theta with self._network.
        network, hoisted = hoist(self._network, rows.X)
        rows = replace(rows, X=hoisted)
        session = self._begin(given, network, rows, len(index), validation, max_epochs, checkpoint)
        session.resume(saved)
        if whole and not fresh and validation is not None and session.observer.keeps_best:
            session.start_over(validation.record())
        return session, rows, index

    def _start(
        self, X: Matrix, numbers: Floats, index: Index, weight: Floats | None, seen: Shape | None, seed: int | None
    ) -> None:
        """Make a new network, and fix the scales of inputs, targets and weights by these rows."""
        if weight is not None:
            weight = weight / weight.max()  # so that no product with a huge weight overflows
        self._target = self._target.measured(numbers[index], None if weight is None else weight[index])
        drawn = check_random_state(self.random_state).randint(2**31)
        self._seed = int(drawn if seed is None else seed)
        self._seen_shape, self._by_hand = seen, False
        self._input_shape = self._row_shape().resolve(X.shape[1], seen)
        self._network = Network(self._layers(), self._input_shape, self._dtype(X.dtype))
        self._network.initialize(np.random.default_rng([self._seed, INITIAL_VALUES]))
        if self._standardizes():
            measure(self._network.params[self._network.layers.index(Standardize())], X, index, weight)
        self._begin_history()

    def _pretrain(self, given: Given, X: Matrix, index: Index, weight: Floats | None) -> None:
        """Give a new network other initial values."""

    def _start_by_hand(self, shapes: Sequence[Shape], target: Target) -> None:
        """Make a network with weights of these shapes that sees rows and targets as they are."""
        self._target = target
        self._by_hand = True
        self._seed = int(check_random_state(self.random_state).randint(2**31))
        self._weight_unit = 0.0  # not measured yet
        self._seen_shape = None
        self._input_shape = self._row_shape().by_hand(shapes, self._width())
        self.n_features_in_ = int(np.prod(self._input_shape))
        self._network = Network(self._layers(), self._input_shape, self._dtype(np.float64))
        self._network.initialize(np.random.default_rng([self._seed, INITIAL_VALUES]))  # of what is not set by hand
        self._begin_history()

    def _begin_history(self) -> None:
        self._progress: State = {}  # the state from which a next call continues
        self.history_ = {}
        self.n_iter_ = self.t_ = 0
        self.stop_reason_ = None
        self._n_rows = 0  # the most that came at once: what automatic settings go by

    def _dtype(self, of_X: npt.DTypeLike) -> npt.DTypeLike:
        """Return what training computes in; weights by hand are not rounded unless a parameter says so."""
        return np.float64 if self._by_hand and self.dtype in (None, "auto") else automatic.dtype(self, of_X)

    def _go_on(self, seen: Shape | None, of_X: npt.DTypeLike) -> None:
        """Prepare the fitted network for more training, with a copy of the history."""
        self._check_seen(seen)
        self._network = self._network.astype(self._dtype(of_X))
        self._network.make_writeable()
        self.history_ = {name: list(values) for name, values in self.history_.items()}
        was = self._network.input_shape, list(self._network.layers)
        self._input_shape = self._row_shape().resolve(self.n_features_in_, self._seen_shape)
        now = self._input_shape, self._layers()
        if was != now:
            raise ValueError(
                f"The network was built for inputs and layers {was}, but the parameters now say {now}. Training can go "
                "on only with the same layers; fit with warm_start=False to build a new network."
            )

    def _forget(self) -> None:
        """Discard the network, so that the next training makes a new one."""
        self.__dict__.pop("_network", None)

    def _layers(self) -> list[Layer]:
        """Return all layers. Whatever is done to inputs (augmentation, scaling, noise, dropout) is one of them."""
        layers = self._augmentation()
        if not self._by_hand and self._standardizes():
            layers.append(Standardize())
        layers += self._masking()
        if self.input_noise:
            layers.append(GaussianNoise(self.input_noise))
        if self.input_dropout:
            layers.append(Dropout(self.input_dropout))
        layers += self._hidden_layers()
        shape = self._input_shape
        for layer in layers:
            shape = layer.plan(shape)[0]
        return [*map(plain, layers), *self._output_layers(shape)]

    # Data

    def _check_weight(self, sample_weight: npt.ArrayLike | None, X: Matrix, numbers: Floats) -> Floats | None:
        """Return the weights of the rows, or None where all are 1."""
        return None if sample_weight is None else check_sample_weight(sample_weight, X)

    def _check_seen(self, seen: Shape | None) -> None:
        """Refuse arrays whose rows have another shape than those that the network was fitted with."""
        shape = self._row_shape()
        if seen is None or (shape.flat and self._seen_shape is None):
            return
        seen, expected = shape.complete(seen), shape.complete(self._seen_shape or self._network.input_shape)
        if shape.any_length:
            seen, expected = seen[1:], expected[1:]
        if seen != expected:
            raise ValueError(
                f"X has rows of shape {seen}, but {type(self).__name__} is expecting rows of shape {expected}."
            )

    def _check_X(self, X: MatrixLike) -> Matrix:
        """Return X as flat rows that the network can predict for."""
        try:
            rows, seen = check_X(self, X, self._row_shape(), self._seen_shape)
            self._check_seen(seen)
        except ValueError as error:
            shape = getattr(X, "shape", None)
            if self._row_shape().is_row(shape, self.n_features_in_, self._seen_shape or self._network.input_shape):
                advice = f"X has the shape of one row, {shape}. Pass X[None], which is an array of one row."
                raise ValueError(f"{advice} {error}") from None
            raise
        return rows

    def _check_X_y(self, X: MatrixLike, y: Any, *, reset: bool) -> tuple[Matrix, Any, Shape | None]:
        """Return X as flat rows, y as an array, and the shape of the rows of X where it came as an array of them."""
        return check_X_y(self, X, y, self._row_shape(), None if reset else self._seen_shape, reset=reset)

    def _encode(self, X: Matrix, numbers: Floats, weight: Floats | None) -> Rows:
        """Return rows with encoded targets and weights of mean 1."""
        dtype = self._network.theta.dtype
        with np.errstate(over="ignore"):
            target = self._target.encode(numbers)
        if weight is not None:
            target[weight == 0] = 0  # such rows do not count, whatever their numbers are
        if (largest := np.abs(target).max()) > np.sqrt(np.finfo(dtype).max / target.size):
            raise ValueError(
                f"y, or y_val, is as large as {largest:g} on the scale of the network's first training, too large for "
                f"squares in {dtype}. Has it other units? Leave such rows out, or fit a new network on all rows."
            )
        return Rows(X, target.astype(dtype), self._in_units(weight, len(target)))

    def _in_units(self, weight: Floats | None, n_rows: int) -> Floats | None:
        """Return weights of rows, None for 1 each, as multiples of the mean weight of the first training set."""
        return in_units(weight, self._weight_unit, n_rows, self._network.theta.dtype)

    def _validation(
        self, given: Given, rows: Rows, y: Array, index: Index, hold_out: bool
    ) -> tuple[Index, Validation | None]:
        """Return the training set and the validation set: the one that was given, else rows held out."""
        if given.X_val is not None:
            with of_validation_set():
                X, y, seen = self._check_X_y(given.X_val, given.y_val, reset=False)
                self._check_seen(seen)
                numbers = self._target.numbers(y, "y_val")
                weight = self._check_weight(given.sample_weight_val, X, numbers)
            held_out = self._encode(X, numbers, weight)
            if how := apart(rows.X, X):
                warn(
                    f"X_val lies far outside of X. {how} Was X transformed, and X_val not? A Pipeline does not "
                    "transform an X_val that is passed as step__X_val: fit its first steps on the training rows, pass "
                    "pipe[:-1].transform(X_val), or leave X_val out and let early_stopping hold out rows of X."
                )
        elif hold_out:
            strata = self._target.strata(rows.target[index])
            parts = split(index, strata, self.validation_fraction, [self._seed, SPLIT])
            if parts is None:
                return index, None
            index, out = parts
            held_out, y = rows[out], y[out]
        else:
            return index, None
        score = None if self.scoring is None else self._make_score(held_out, y)
        return index, Validation(self._network, self._target, held_out, score, self.scoring)

    def _make_score(self, rows: Rows, y: Array) -> Callable[[], float]:
        """Return a function that scores the network, as it is when called, on validation rows."""
        scorer = check_scoring(self, self.scoring)
        weighted = rows.weight is not None and "sample_weight" in signature(scorer).parameters
        weights = {"sample_weight": rows.weight} if weighted else {}

        def score() -> float:
            return float(scorer(nameless(self), rows.X, y, **weights))

        return score

    # Training in one session

    def _begin(
        self,
        given: Given,
        network: Network,
        rows: Rows,
        n_rows: int,
        validation: Validation | None,
        max_epochs: int | None,
        checkpoint: Checkpoint | None,
    ) -> Session[Epoch]:
        """Make the session, with all that takes part in it."""
        target = self._target
        self.alpha_ = automatic.alpha(self, self._n_rows, self._penalty_of_a_row())
        self.max_iter_ = automatic.max_iter(self, self._n_rows)
        max_epochs = self.max_iter_ if max_epochs is None else max_epochs
        objective = self._make_objective(network, ElasticNet(self.alpha_, float(self.l1_ratio)))
        observer = NetworkObserver(target, rows, validation, self.early_stopping)
        if self._progress.get("scoring") == self.scoring:
            observer.restore(self._progress.get("observer", {}))
        learner = make_learner(self, objective, n_rows, self._seed)
        if state := self._progress.get("learner"):
            learner.restore(state)
        session = Session(
            learner=learner,
            observer=observer,
            patience=Patience(self.tol, self.n_iter_no_change),
            hooks=Hooks(self, given.X, given.y, given.sample_weight, max_epochs),
            learned=lambda: {"_network": copy.deepcopy(self._network)},
            max_epochs=max_epochs,
            seed=self._seed,
            history=self.history_,
            checkpoint=checkpoint,
            verbose=self.verbose,
        )
        if patience := self._progress.get(f"patience of {observer.key}"):
            session.patience.restore(patience)
        if observer.keeps_best:
            session.best_theta = self._progress.get("best_theta", session.best_theta)
        return session

    def _train(self, session: Session[Epoch], rows: Rows, index: Index, whole: bool) -> None:
        """Train, and store the results: parameters, history, the state for further training, the reason to stop."""
        try:
            session.run(rows, index)
        except Diverged:
            raise ValueError(divergence(self, rows, len(self.history_.get("loss", ())) + 1)) from None
        observer = session.observer
        self._progress = self._progress | {
            "learner": session.learner.state(),
            f"patience of {observer.key}": session.patience.state(),
        }
        if state := observer.state():  # there are validation rows
            self._progress |= {"scoring": self.scoring, "observer": state}
        if observer.keeps_best and (whole or session.stop_reason):
            self._network.theta[:] = session.best_theta
            self._forget_best()
        elif observer.keeps_best:
            self._progress["best_theta"] = session.best_theta
        n_epochs = len(self.history_.get("loss", ())) - self.n_iter_
        self.n_iter_ += n_epochs
        self.t_ += n_epochs * len(index)
        self.stop_reason_ = session.stop_reason or f"{n_epochs} epochs were done, as asked"
        losses = self.history_["validation_loss" if observer.keeps_best else "loss"]
        if whole and session.stop_reason is None and still_falling(losses, self.history_["learning_rate"]):
            warn(too_short(self, n_epochs), ConvergenceWarning)

    def _forget_best(self) -> None:
        """Discard the stored best parameters."""
        self._progress = {name: value for name, value in self._progress.items() if name != "best_theta"}

    # Checkpoints

    def _checkpoint_path(self) -> str | None:
        """Return where `fit` leaves its state; refuse what cannot go on from one."""
        if self.checkpoint is None:
            return None
        path = os.path.expanduser(os.fspath(self.checkpoint))
        if self.warm_start or self.solver == "lbfgs":
            raise ValueError(
                f"A checkpoint is of one fit from its start, by a stochastic solver; checkpoint={path!r} cannot be had "
                f"with warm_start={self.warm_start} and solver={self.solver!r}. To go on with a model, save it with "
                "joblib.dump."
            )
        if not os.path.exists(path):
            with suppress(FileNotFoundError):
                os.unlink(path + ".refit")  # of a fit whose own file was deleted, to start anew
        return path

    def _read_checkpoint(
        self, path: str | None, given: Given, X: Matrix, numbers: Floats, weight: Floats | None
    ) -> tuple[Checkpoint | None, State]:
        """Return the checkpoint and the state in it."""
        if path is None:
            return None, {}
        shown = () if path.endswith(".refit") else (given.X_val, given.y_val, given.sample_weight_val)
        data = (X, numbers, weight, given.X_unlabeled, *shown)
        checkpoint = Checkpoint(path, self.get_params(deep=False), data)
        return checkpoint, checkpoint.read()

    # Prediction

    def _raw(self, X: MatrixLike) -> Floats:
        """Return the network's raw output, (n_samples, n_outputs)."""
        check_is_fitted(self)
        return self._raw_of(self._check_X(X))

    def _raw_of(self, rows: Matrix) -> Floats:
        """Return the network's raw output for checked rows."""
        with np.errstate(all="ignore"):
            raw = self._network.astype(rows.dtype).predict(rows)
        if not np.isfinite(raw).all():
            if has_nan(rows):
                raise ValueError(UNSEEN_NAN)
            raise ValueError(
                "The network's output is not finite: the inputs are too large for its weights (largest: "
                f"{max(rows.max(), -rows.min()):g}). Scale the inputs, or fit with standardize=True."
            )
        return raw

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
