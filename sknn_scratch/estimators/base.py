"""Base of the network estimators: checks and encodes data, trains the network, predicts.

Subclasses define the layers and the meaning of y; `nn` computes the steps.
"""

import copy
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from .._compat import _fit_context
from .._typing import Floats, MatrixLike
from .._warn import warn
from ..data.apart import warn_if_apart
from ..data.distinct import distinct_rows
from ..data.door import Given, check_X, check_X_y, of_validation_set
from ..data.kinds import read_X
from ..data.sample_weights import in_units, mean_weight, read_weight
from ..data.shape import Shape, as_one_row
from ..data.targets import Target
from ..fitting.callers import many_fits
from ..fitting.checkpoint import Checkpoint, checkpoint_path, open_checkpoint
from ..fitting.hooks import Hooks, TakesCallbacks
from ..fitting.observer import NetworkObserver, still_falling
from ..fitting.session import INTERRUPTED, SPLIT, Session, draw_seed
from ..fitting.transaction import all_or_nothing
from ..fitting.validation import Validation, make_score, split
from ..nn.arena import Array
from ..nn.hoisting import hoist
from ..nn.learner import Diverged
from ..nn.network import Network
from ..nn.objective import Objective
from ..nn.patience import Patience
from ..nn.penalty import ElasticNet
from ..nn.rows import Index, Matrix, Rows
from ..nn.trainer import Epoch
from . import automatic
from .building import BuildsNetwork
from .learners import UNSEEN_NAN, divergence, has_nan, make_learner, too_short
from .persistence import Versioned
from .report import Report


@dataclass(eq=False, repr=False, kw_only=True)
class NetworkEstimator(TakesCallbacks, Report, Versioned, BuildsNetwork):
    """Base of all estimators that train a network."""

    # What subclasses define

    @abstractmethod
    def _make_target(self, y: Array, classes: npt.ArrayLike | None) -> Target:
        """Return what y means, for a new network."""

    @abstractmethod
    def _renew_target(self, target: Target) -> Target:
        """Return the target of the fitted network, with the parameters as they are now."""

    def _automatic_penalty(self) -> tuple[float, float]:
        """Return the c of ``alpha="auto"``, and by how much it is larger for pure noise."""
        return self._target.penalty, 0.0

    def _make_objective(self, network: Network, penalty: ElasticNet) -> Objective:
        """Return what training minimises."""
        return Objective(network, self._target.loss, penalty)

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
        path = checkpoint_path(self)
        with all_or_nothing(self):
            if not self.warm_start:
                self._forget()
            session = self._train(given, path=path)
            held_out = session.observer.keeps_best and given.X_val is None
            if self.refit and held_out and session.stop_reason != INTERRUPTED:
                n_epochs_before = self.n_iter_ - session.n_epochs  # of the fits that warm_start went on from
                n_epochs = max(1, n_epochs_before + session.best_epoch)  # best_epoch is 0 where these were best
                del session  # and the rows that it holds
                self._refit(given, n_epochs, path)
        if not self.warm_start:
            self._progress.get("learner", {}).pop("memory", None)  # once or twice the size of the weights
        return self

    def _partial_fit(self, given: Given) -> Self:
        """Train for one epoch: what `partial_fit` does."""
        with all_or_nothing(self):
            session = self._train(given, max_epochs=1)
        self.stop_reason_ = session.stop_reason if session.observer.keeps_best or not self.early_stopping else None
        return self

    def _refit(self, given: Given, n_epochs: int, path: str | None) -> None:
        """Train a new network on all rows; if that is interrupted, keep the first one."""
        try:
            with all_or_nothing(self):
                self._forget()
                session = self._train(given, n_epochs, path and path + ".refit", refit=True)
                if session.stop_reason == INTERRUPTED:
                    raise KeyboardInterrupt
        except KeyboardInterrupt:
            if many_fits():
                raise
            warn("The refit was interrupted; the estimator keeps what it learned before it.")
            self.stop_reason_ = INTERRUPTED
        else:
            self.stop_reason_ = f"{n_epochs} epochs were best for the rows held out"

    def _train(
        self, given: Given, max_epochs: int | None = None, path: str | None = None, *, refit: bool = False
    ) -> Session[Epoch]:
        """Check, encode and train.

        With None for `max_epochs`, it is a whole training: for `max_iter` epochs at most, with rows held out where the
        parameters say so, and a warning where more epochs would have helped.
        """
        session, rows, index = self._prepare(given, max_epochs, path, refit=refit)
        try:
            session.run(rows, index)
        except Diverged:
            raise ValueError(divergence(self, rows, len(self.history_.get("loss", ())) + 1)) from None
        self._store(session, len(index), whole=max_epochs is None)
        session.hooks.end()
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
        validation_set = given.X_val, given.y_val, given.sample_weight_val
        checkpoint = open_checkpoint(self, path, (X, numbers, weight, given.X_unlabeled, *validation_set))
        index, weight = distinct_rows(X, numbers, weight, merge=self.shuffle)
        if fresh:
            self._seed = draw_seed(self.random_state, checkpoint)
            self._start(X, numbers, index, weight, seen)
            self._pretrain(given, X, index, weight)
            if not refit and (doubt := self._row_shape().doubtful(seen)):  # once
                warn(doubt)
        else:
            self._check_seen(seen)
            self._resume(X.dtype)
        if fresh or not self._weight_unit:  # also of a network made by hand, before it is trained
            self._weight_unit = mean_weight(weight, index)
        self._n_rows = max(self._n_rows, len(index))
        rows = self._encode(X, numbers, weight)
        index, validation = self._validation(given, rows, y, index, hold_out=self.early_stopping and whole)
        # Training runs on `network`, which shares theta with self._network.
        network, hoisted = hoist(self._network, rows.X)
        rows = replace(rows, X=hoisted)
        session = self._make_session(given, network, rows, len(index), validation, max_epochs, checkpoint)
        if whole and not fresh and validation is not None and session.observer.keeps_best:
            session.start_over(validation.record())
        return session, rows, index

    def _pretrain(self, given: Given, X: Matrix, index: Index, weight: Floats | None) -> None:
        """Give a new network other initial values."""

    def _make_session(
        self,
        given: Given,
        network: Network,
        rows: Rows,
        n_rows: int,
        validation: Validation | None,
        max_epochs: int | None,
        checkpoint: Checkpoint | None,
    ) -> Session[Epoch]:
        """Return the session, with all that takes part in it."""
        self.max_iter_ = automatic.max_iter(self, self._n_rows)
        max_epochs = self.max_iter_ if max_epochs is None else max_epochs
        penalty = automatic.penalty(self, self._n_rows, *self._automatic_penalty())
        objective = self._make_objective(network, penalty)
        session = Session(
            learner=make_learner(self, objective, n_rows, self._seed),
            observer=NetworkObserver(self._target, rows, validation, self.early_stopping),
            patience=Patience(self.tol, self.n_iter_no_change),
            hooks=Hooks(self, given.X, given.y, given.sample_weight, max_epochs),
            learned=lambda: {"_network": copy.deepcopy(self._network)},
            max_epochs=max_epochs,
            seed=self._seed,
            history=self.history_,
            checkpoint=checkpoint,
            verbose=self.verbose,
        )
        session.resume(self._progress, self.scoring)
        self.alpha_ = session.learner.alpha  # for callbacks; training may change it
        return session

    def _store(self, session: Session[Epoch], n_rows: int, whole: bool) -> None:
        """Set the attributes: parameters, history, the state for further training, the reason to stop."""
        keeps_best, ended = session.observer.keeps_best, whole or session.stop_reason is not None
        self._progress = session.progress(self._progress, self.scoring, ended=ended)
        if keeps_best and ended:
            self._network.theta[:] = session.best_theta
        self.alpha_ = session.learner.alpha
        self.n_iter_ += session.n_epochs
        self.t_ += session.n_epochs * n_rows
        self.stop_reason_ = session.ended_because
        losses = self.history_["validation_loss" if keeps_best else "loss"]
        if whole and session.stop_reason is None and still_falling(losses, self.history_["learning_rate"]):
            warn(too_short(self, session.n_epochs), ConvergenceWarning)

    # Data

    def _check_weight(self, sample_weight: npt.ArrayLike | None, X: Matrix, numbers: Floats) -> Floats | None:
        """Return the weights of the rows, or None where all are 1."""
        return read_weight(sample_weight, X)

    def _check_seen(self, seen: Shape | None) -> None:
        """Refuse arrays whose rows have another shape than those that the network was fitted with."""
        name, input_shape = type(self).__name__, self._network.input_shape
        self._row_shape().check_seen(seen, self._seen_shape, input_shape, name)

    def _check_X(self, X: MatrixLike) -> Matrix:
        """Return X as flat rows that the network can predict for."""
        try:
            rows, seen = check_X(self, X, self._row_shape(), self._seen_shape)
            self._check_seen(seen)
        except ValueError as error:
            shape = getattr(read_X(X) if isinstance(X, list | tuple) else X, "shape", None)
            if self._row_shape().is_row(shape, self.n_features_in_, self._seen_shape or self._network.input_shape):
                advice = f"X has the shape of one row, {shape}. Pass {as_one_row(X)}, which has one row."
                raise ValueError(f"{advice} {error}") from None
            raise
        return rows

    def _check_X_y(self, X: MatrixLike, y: Any, *, reset: bool) -> tuple[Matrix, Any, Shape | None]:
        """Return X as flat rows, y as an array, and the shape of the rows of X where it came as an array of them."""
        return check_X_y(self, X, y, self._row_shape(), None if reset else self._seen_shape, reset=reset)

    def _encode(self, X: Matrix, numbers: Floats, weight: Floats | None) -> Rows:
        """Return rows with encoded targets, and weights as multiples of the mean of the first training set."""
        dtype = self._network.theta.dtype
        encoded = self._target.encode_checked(numbers, weight, dtype)
        return Rows(X, encoded, in_units(weight, self._weight_unit, X.shape[0], dtype))

    def _validation(
        self, given: Given, rows: Rows, y: Array, index: Index, hold_out: bool
    ) -> tuple[Index, Validation | None]:
        """Return the training set and the validation set: the one that was given, else rows held out."""
        if given.X_val is not None:
            held_out, y = self._read_validation(given.X_val, given.y_val, given.sample_weight_val)
            warn_if_apart(rows.X, held_out.X)
        elif hold_out:
            strata = self._target.strata(rows.target[index])
            index, out = split(index, strata, self.validation_fraction, [self._seed, SPLIT])
            if not len(out):
                return index, None
            held_out, y = rows[out], y[out]
        else:
            return index, None
        score = self._make_score(held_out, y)
        return index, Validation(
            self._network, self._target, held_out, score, self.scoring, decides=self.early_stopping
        )

    def _read_validation(
        self, X_val: MatrixLike, y_val: Any, sample_weight_val: npt.ArrayLike | None
    ) -> tuple[Rows, Array]:
        """Return a validation set as encoded rows, and its y."""
        with of_validation_set():
            X, y, seen = self._check_X_y(X_val, y_val, reset=False)
            self._check_seen(seen)
            numbers = self._target.numbers(y, "y_val")
            weight = self._check_weight(sample_weight_val, X, numbers)
        return self._encode(X, numbers, weight), y

    def _make_score(self, rows: Rows, y: Array) -> Callable[[], float] | None:
        """Return what scores the network on validation rows by the `scoring` of the user."""
        return make_score(self, rows, y)

    # Prediction

    def _raw(self, X: MatrixLike) -> Floats:
        """Return the network's raw output, (n_samples, n_outputs)."""
        if not hasattr(self, "_network"):  # scikit-learn's check alone takes a fifth of the time of one row
            check_is_fitted(self)
        return self._raw_of(self._check_X(X))

    def _raw_of(self, rows: Matrix, network: Network | None = None) -> Floats:
        """Return the raw output for checked rows, of the network or of another one."""
        network = self._network if network is None else network
        with np.errstate(all="ignore"):
            raw = network.astype(rows.dtype).predict(rows)
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
