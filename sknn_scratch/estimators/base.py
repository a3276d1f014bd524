"""A network estimator speaks scikit-learn: it checks, encodes, has a network learn, and reports.

It does not know what the layers are (its subclasses say so) nor how a step is made (the engine in `nn` does).
"""

import os
import warnings
from abc import abstractmethod
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from inspect import signature
from typing import Any, ClassVar

import numpy as np
from scipy import sparse
from sklearn.base import is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import check_scoring
from sklearn.utils import check_array, check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from .._compat import CallbackSupportMixin, _fit_context, check_sample_weight
from ..data.class_weights import needs_all_rows
from ..data.distinct import weighted_rows
from ..data.scaling import measure
from ..fitting.checkpoint import Checkpoint
from ..fitting.hooks import Hooks
from ..fitting.progress import Progress
from ..fitting.transaction import all_or_nothing
from ..fitting.validation import Validation, nameless, split
from ..nn.layers.base import Layer
from ..nn.layers.dense import Dense
from ..nn.layers.noise import Dropout, GaussianNoise
from ..nn.layers.standardize import Standardize
from ..nn.lbfgs import LBFGS
from ..nn.network import Network
from ..nn.objective import Objective
from ..nn.patience import Patience
from ..nn.penalty import ElasticNet
from ..nn.trainer import Diverged, Trainer
from ..nn.workers import workers
from . import recipes
from .parameters import TrainingParameters
from .persistence import Versioned
from .summary import html_table, table

# What the generators of one seed are for.
INITIAL_VALUES, EPOCHS, SPLIT = 1, 2, 3
INTERRUPTED = "interrupted"
# Whether validation rows decide -> where the state keeps how long there was no improvement.
PATIENCE = {False: "patience", True: "validation_patience"}
ROWS: dict[str, Any] = {"accept_sparse": "csr", "dtype": [np.float64, np.float32], "order": "C"}


def learns_from_parts(estimator: "NetworkEstimator") -> bool:
    """Whether there is a `partial_fit`; an AttributeError says why not."""
    if isinstance(estimator.solver, str) and estimator.solver == "lbfgs":
        raise AttributeError("partial_fit is for the stochastic solvers: solver='lbfgs' needs all rows at once.")
    if estimator.checkpoint is not None:
        raise AttributeError("A checkpoint is of one fit. With partial_fit, save the estimator with joblib.dump.")
    needs_all_rows(estimator)
    return True


def _canonical(X: Any) -> Any:
    """Return CSR rows with one entry a cell; the layers bend entries, not their sums."""
    if sparse.issparse(X) and not X.has_canonical_format:
        X = X.copy()
        X.sum_duplicates()
    return X


def _finite(array: Any, name: str) -> Any:
    try:
        return check_array(array, dtype=np.float64, ensure_2d=False, allow_nd=True)
    except ValueError as error:
        raise ValueError(f"The {name} must be finite numbers: {error}") from None


@dataclass(eq=False, repr=False, kw_only=True)
class NetworkEstimator(CallbackSupportMixin, Versioned, TrainingParameters):
    """Base of all estimators that train a network.

    Attributes
    ----------
    coefs_ : list of ndarray
        Weights of each layer, of shape (n_in, n_out) for dense layers: views, for scaled inputs (and scaled numbers as
        targets).
    intercepts_ : list of ndarray
        Biases of each layer, of shape (n_out,) for dense layers: views.
    loss_ : float
        Training loss of the last epoch, penalty included; of a regressor in scaled units.
    best_loss_ : float or None
        Smallest training loss; None with early stopping.
    loss_curve_ : list of float
        Training loss of each epoch.
    validation_scores_ : list of float or None
        Accuracy or R2, or what `scoring` says, on the validation rows after each epoch; None where there are none.
    best_validation_score_ : float or None
        The best of them.
    history_ : dict of lists
        All that is recorded of each epoch: "loss", "score", "learning_rate", "gradient_norm", "seconds", and where
        there are validation rows "validation_loss" and "validation_score".
    n_iter_ : int
        Epochs done.
    t_ : int
        Rows seen, equal ones merged.
    stop_reason_ : str or None
        Why training ended; None after a `partial_fit` that may be followed by more.
    alpha_ : float
        The penalty's strength; what "auto" meant.
    batch_size_ : int
        Rows of a mini-batch; not there with L-BFGS.
    learning_rate_init_ : float
        The learning rate at the start; not there with L-BFGS.
    max_iter_ : int
        Epochs at most; what "auto" meant.
    n_features_in_ : int
        Number of features of X.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, where X has names and all are strings.
    n_layers_ : int
        Number of layers with weights, and the input layer.
    n_outputs_ : int
        Number of outputs of the network.
    out_activation_ : str
        What turns raw outputs into predictions: "softmax", "logistic" (two classes, labels), "identity" or "exp".
    """

    _penalty_of_a_row: ClassVar[float]  # the c of alpha="auto"

    # What subclasses say

    @abstractmethod
    def _hidden_layers(self) -> list[Layer]:
        """Return the recipes of all layers before the output layer."""

    @abstractmethod
    def _read_target(self, y: Any, *, fresh: bool, classes: Any) -> Any:
        """Check y and return it as numbers of shape (n_samples, n_outputs); when fresh, decide `_target`."""

    # Learning

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
    ) -> "NetworkEstimator":
        """Train the network.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features)
            Inputs; float32 and float64 are kept, anything else becomes float64.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows: a weight of k is the same as k equal rows.
        X_val : array-like or sparse matrix of shape (n_samples_val, n_features), default=None
            Rows that are not learned from: their loss and score are recorded after each epoch, and with
            `early_stopping` they decide, in place of rows held out of X.
        y_val : array-like of shape (n_samples_val,) or (n_samples_val, n_outputs), default=None
            Their targets.
        sample_weight_val : array-like of shape (n_samples_val,), default=None
            Their weights.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If X, y or the weights do not fit, or if training diverges.
        """
        fresh = not (self.warm_start and hasattr(self, "_network"))
        shown = X_val, y_val, sample_weight_val
        path = None if self.checkpoint is None else os.path.expanduser(self.checkpoint)
        if path is not None and (self.warm_start or self.solver == "lbfgs"):
            raise ValueError(
                f"A checkpoint is of one fit from its start, by a stochastic solver; checkpoint={path!r} cannot be had "
                f"with warm_start={self.warm_start} and solver={self.solver!r}. To go on with a model, save it with "
                "joblib.dump."
            )
        with all_or_nothing(self):
            if path is not None and not os.path.exists(path):
                with suppress(FileNotFoundError):
                    os.unlink(path + ".refit")  # of a fit whose own file was deleted, to start anew
            progress = self._learn(X, y, sample_weight, shown, fresh=fresh, max_epochs=None, path=path)
            held_out = progress.validation is not None and X_val is None
            if self.refit and held_out and progress.stop_reason != INTERRUPTED:
                best = max(1, self.n_iter_ - progress.n_epochs + progress.best_epoch)
                self._learn_again(X, y, sample_weight, best, None if path is None else path + ".refit")
        if not self.warm_start:
            self._state.pop("memory", None)  # one or two times the size of the weights, and of no use any more
        return self

    def _learn_again(self, X: Any, y: Any, sample_weight: Any, n_epochs: int, path: str | None) -> None:
        """Start anew on all rows; where that is interrupted, what was learned before stays."""
        before = dict(vars(self))
        try:
            progress = self._learn(X, y, sample_weight, fresh=True, max_epochs=n_epochs, whole=False, path=path)
            interrupted = progress.stop_reason == INTERRUPTED
        except KeyboardInterrupt:
            interrupted = True
            warnings.warn("The refit was interrupted; the estimator keeps what it learned before it.", stacklevel=4)
        if interrupted:
            vars(self).update(before)
        self.stop_reason_ = INTERRUPTED if interrupted else f"{n_epochs} epochs were best for the rows held out"

    def _learn_part(
        self, X: Any, y: Any, sample_weight: Any, shown: tuple[Any, Any, Any], classes: Any = None
    ) -> "NetworkEstimator":
        """Train for one epoch: what `partial_fit` does."""
        fresh = not hasattr(self, "_network")
        progress = self._learn(X, y, sample_weight, shown, fresh=fresh, max_epochs=1, whole=False, classes=classes)
        self.stop_reason_ = progress.stop_reason if progress.decides or not self.early_stopping else None
        return self

    def _learn(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        shown: tuple[Any, Any, Any] = (None, None, None),
        *,
        fresh: bool,
        max_epochs: int | None,
        whole: bool = True,
        classes: Any = None,
        path: str | None = None,
    ) -> Progress:
        """Check, encode and train; a failure changes nothing. Only a `whole` training holds rows out and warns.

        For so many epochs at most; None for as many as `max_iter` says.
        """
        with all_or_nothing(self):
            progress, rows, index = self._prepare(
                X, y, sample_weight, shown, fresh=fresh, max_epochs=max_epochs, whole=whole, classes=classes, path=path
            )
            self._train(progress, rows, index, whole)
            progress.hooks.end()
        return progress

    def _prepare(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        shown: tuple[Any, Any, Any] = (None, None, None),
        *,
        fresh: bool,
        max_epochs: int | None,
        whole: bool,
        classes: Any = None,
        path: str | None = None,
    ) -> tuple[Progress, tuple[Any, Any, Any], Any]:
        """Do all but train: return who would, the encoded rows, and which of them to learn from."""
        given = X, y, sample_weight
        X, y = self._check_X_y(X, y, reset=fresh)
        numbers = self._read_target(y, fresh=fresh, classes=classes)
        weight = self._check_weight(sample_weight, X, numbers)
        saved: dict[str, Any] = {}
        checkpoint = None
        if path is not None:
            checkpoint = Checkpoint(path, self.get_params(deep=False), (X, numbers, weight, *shown))
            saved = checkpoint.read()
        if self.shuffle:
            index, weight = weighted_rows(X, numbers, weight)
        else:
            index = np.arange(X.shape[0]) if weight is None else np.flatnonzero(weight)
        if fresh:
            self._start(X, numbers, index, weight, saved.get("seed"))
        else:
            self._go_on()
        self._n_rows = max(self._n_rows, len(index))
        rows = self._encode(X, numbers, weight)
        index, validation = self._validation(rows, y, index, shown, hold_out=self.early_stopping and whole)
        progress = self._begin(given, rows, index, validation, max_epochs)
        progress.checkpoint = checkpoint
        if saved:
            progress.restore(saved)
            if progress.epochs_left:
                checkpoint.write(saved)  # a path that cannot be written to is an error now, not after training
        elif checkpoint:
            checkpoint.begin(progress.state())
        elif whole and not fresh:
            progress.look_again()
        return progress, rows, index

    def _encode(self, X: Any, numbers: Any, weight: Any) -> tuple[Any, Any, Any]:
        """Return rows, targets and weights as the network learns them."""
        dtype = self._network.theta.dtype
        if weight is None and self._weight_unit != 1:
            weight = np.ones(X.shape[0])
        weight = None if weight is None else (weight / self._weight_unit).astype(dtype)
        return X.astype(dtype, copy=False), self._target.encode(numbers).astype(dtype), weight

    def _validation(
        self, rows: tuple[Any, Any, Any], y: Any, index: Any, shown: tuple[Any, Any, Any], hold_out: bool
    ) -> tuple[Any, Validation | None]:
        """Return the rows to learn from, and those to watch: what was shown, else some that are held out."""
        X_val, y_val, weight_val = shown
        if (X_val is None) != (y_val is None):
            raise ValueError("X_val and y_val belong together: pass both or neither.")
        if X_val is None and weight_val is not None:
            raise ValueError("sample_weight_val is for the rows of X_val. Pass these rows too, or no weights for them.")
        if X_val is not None:
            X_val, y_val = self._check_X_y(X_val, y_val, reset=False)
            numbers = self._read_target(y_val, fresh=False, classes=None)
            weight_val = self._check_weight(weight_val, X_val, numbers)
            held_out = self._encode(X_val, numbers, weight_val)
        elif hold_out:
            X, target, weight = rows
            parts = split(index, self._target.strata(target[index]), self.validation_fraction, [self._seed, SPLIT])
            if parts is None:
                return index, None
            index, out = parts
            held_out = X[out], target[out], None if weight is None else weight[out]
            y_val = y[out]
        else:
            return index, None
        score = None
        if self.scoring is not None:
            scorer = check_scoring(self, self.scoring)
            weighted = held_out[2] is not None and "sample_weight" in signature(scorer).parameters
            weights = {"sample_weight": held_out[2]} if weighted else {}

            def score() -> float:
                return float(scorer(nameless(self), held_out[0], y_val, **weights))

            if self.early_stopping and not np.isfinite(score()):
                warnings.warn(
                    f"scoring={self.scoring!r} gives no number for the {len(y_val)} validation rows, so early stopping "
                    "watches their loss. Pass more of them (some scores need rows of each class), or another scoring.",
                    stacklevel=6,
                )
                score = None

        return index, Validation(self._network, self._target, *held_out, score)

    def _check_X_y(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, Any]:
        """Return X and y as the arrays that the network works with."""
        if sparse.issparse(y) and not is_classifier(self):
            raise ValueError("Sparse y is for labels. Pass numbers dense, as y.toarray().")
        if hasattr(getattr(y, "dtype", None), "numpy_dtype") and not y.isna().any():
            y = y.to_numpy(y.dtype.numpy_dtype)  # pandas' Int64 and boolean, which would become float64
        X = self._as_rows(X, reset=reset)
        X, y = validate_data(self, X, y, reset=reset, multi_output=True, **ROWS)
        return _canonical(X), y

    def _check_X(self, X: Any) -> Any:
        """Return X as an array that the network can predict for."""
        return _canonical(validate_data(self, self._as_rows(X, reset=False), reset=False, **ROWS))

    def _as_rows(self, X: Any, *, reset: bool) -> Any:
        """Return X with one flat row for each sample."""
        return X

    def _width(self, coefs: Any) -> int:
        """Return the number of features that a network with these weights takes."""
        return np.shape(coefs[0])[0]

    def _input_shape(self, n_features: int) -> tuple[int, ...]:
        """Return the shape in which the first layer sees a row."""
        return (n_features,)

    def _check_weight(self, sample_weight: Any, X: Any, numbers: Any) -> Any:
        """Return the weights of the rows, or None where all are 1."""
        return None if sample_weight is None else check_sample_weight(sample_weight, X)

    def _augmentation(self) -> list[Layer]:
        """Return the recipes that change training rows before anything else sees them."""
        return []

    def _layers(self) -> list[Layer]:
        layers = self._augmentation()
        if self.standardize and not self._by_hand:
            layers.append(Standardize())
        if self.input_noise:
            layers.append(GaussianNoise(self.input_noise))
        if self.input_dropout:
            layers.append(Dropout(self.input_dropout))
        return [*layers, *self._hidden_layers(), Dense(self._target.n_outputs, recipes.initializer(self))]

    def _start(self, X: Any, numbers: Any, index: Any, weight: Any, seed: Any = None) -> None:
        """Make a new network, and fix the scales of inputs, targets and weights by these rows."""
        self._weight_unit = 1.0
        if weight is not None:
            largest = weight.max()
            weight = weight / largest  # so that no product with a huge weight overflows
            self._weight_unit = float(largest * weight[index].mean())
        self._target.measure(numbers[index], None if weight is None else weight[index])
        drawn = check_random_state(self.random_state).randint(2**31)
        self._seed = int(drawn if seed is None else seed)
        input_shape = self._input_shape(X.shape[1])
        self._by_hand = False
        self._network = Network(self._layers(), input_shape, X.dtype)
        self._network.initialize(np.random.default_rng([self._seed, INITIAL_VALUES]))
        if self.standardize:
            measure(self._network.params[self._network.layers.index(Standardize())], X, index, weight)
        self._begin_history()

    def _begin_history(self) -> None:
        self._state: dict[str, Any] = {}
        self.history_: dict[str, list[float]] = {}
        self.n_iter_ = self.t_ = 0
        self._n_rows = 0  # the most that came at once: what automatic settings go by

    def _go_on(self) -> None:
        """Make the network ready for more training, in a copy of the history."""
        self._network.make_writeable()
        self.history_ = {name: list(values) for name, values in self.history_.items()}
        was = self._network.input_shape, list(self._network.layers)
        now = self._input_shape(self.n_features_in_), self._layers()
        if was != now:
            raise ValueError(
                f"The network was built for inputs and layers {was}, but the parameters now say {now}. Training can go "
                "on only with the same layers; fit with warm_start=False to build a new network."
            )

    def _begin(
        self,
        given: tuple[Any, Any, Any],
        rows: tuple[Any, Any, Any],
        index: Any,
        validation: Validation | None,
        max_epochs: int | None,
    ) -> Progress:
        """Put together who trains the network, and who watches."""
        network = self._network
        self.alpha_ = self._automatic_alpha() if isinstance(self.alpha, str) else self.alpha
        self.max_iter_ = self._automatic_max_iter() if isinstance(self.max_iter, str) else int(self.max_iter)
        max_epochs = self.max_iter_ if max_epochs is None else max_epochs
        objective = Objective(network, self._target.loss(), ElasticNet(self.alpha_, self.l1_ratio))
        _, target, weight = rows
        truth = self._target.truth(target)

        def score(index: Any, raw: Any) -> float:
            return self._target.score(truth[index], raw, None if weight is None else weight[index])

        decides = self.early_stopping and validation is not None
        progress = Progress(
            network=network,
            trainer=self._make_trainer(objective, len(index)),
            patience=Patience(self.tol, self.n_iter_no_change, *self._state.get(PATIENCE[decides], ())),
            history=self.history_,
            hooks=Hooks(self, *given, max_epochs),
            score=score,
            validation=validation,
            decides=decides,
            max_epochs=max_epochs,
            verbose=self.verbose,
            seed=self._seed,
        )
        if progress.decides:
            progress.best_theta = self._state.get("best_theta", progress.best_theta)
        return progress

    def _train(self, progress: Progress, rows: tuple[Any, Any, Any], index: Any, whole: bool) -> None:
        """Train, and keep what came of it: the numbers, the progress, the reason to stop."""
        network, trainer = progress.network, progress.trainer
        try:
            # Divergence is looked for once an epoch, not warned about at every step.
            run = workers() if network.shard_size else nullcontext()
            with run as trainer.objective.run, np.errstate(all="ignore"):
                if progress.epochs_left:
                    progress.hooks.begin_epoch()
                    trainer.run(*rows, index, progress.epochs_left, progress)
        except BaseException as error:
            if not isinstance(error, KeyboardInterrupt) or not progress.n_epochs:
                network.theta[:] = progress.first_theta
                if isinstance(error, Diverged):
                    raise ValueError(self._divergence(len(self.history_.get("loss", ())) + 1)) from None
                raise
            progress.stop_reason = INTERRUPTED
            warnings.warn(
                f"Training was interrupted after {progress.n_epochs} epochs; the estimator keeps what it learned.",
                stacklevel=5,
            )
        if trainer.converged:
            progress.stop_reason = progress.stop_reason or "the solver reached a minimum"
        watched = {name: self._state[name] for name in (*PATIENCE.values(), "best_theta") if name in self._state}
        self._state = watched | trainer.state()
        self._state[PATIENCE[progress.decides]] = [progress.patience.best, progress.patience.waited]
        if progress.decides and (whole or progress.stop_reason):
            network.theta[:] = progress.best_theta
            self._state.pop("best_theta", None)
        elif progress.decides:
            self._state["best_theta"] = progress.best_theta
        n_epochs = len(self.history_.get("loss", ())) - self.n_iter_
        self.n_iter_ += n_epochs
        self.t_ += n_epochs * len(index)
        self.stop_reason_ = progress.stop_reason or f"{n_epochs} epochs were done, as asked"
        if whole and progress.stop_reason is None and progress.still_falling:
            warnings.warn(
                f"The loss was still falling after max_iter={self.max_iter_} epochs, so going on would help. Raise "
                "max_iter, or learning_rate_init to get there in fewer epochs.",
                ConvergenceWarning,
                stacklevel=5,
            )

    def _automatic_alpha(self) -> float:
        return self._penalty_of_a_row * self._n_rows / (self._n_rows**2 + 50**2)

    def _automatic_max_iter(self) -> int:
        return 100 if self.solver == "lbfgs" else min(100, max(20, 1_000_000 // self._n_rows))

    def _make_trainer(self, objective: Objective, n_rows: int) -> Trainer | LBFGS:
        if self.solver == "lbfgs":
            if self.max_norm is not None or self.gradient_clip is not None:
                raise ValueError(
                    f"max_norm={self.max_norm} and gradient_clip={self.gradient_clip} change single steps, and "
                    "solver='lbfgs' chooses its steps itself. Use a stochastic solver such as solver='adam'."
                )
            return LBFGS(objective, self.tol, self.max_fun)
        solver = recipes.solver(self)
        self.batch_size_ = min(
            n_rows, max(16, min(128, n_rows // 20)) if isinstance(self.batch_size, str) else self.batch_size
        )
        automatic = self.learning_rate_init == "auto"
        self.learning_rate_init_ = solver.default_rate if automatic else self.learning_rate_init
        trainer = Trainer(
            objective,
            solver,
            recipes.schedule(self),
            float(self.learning_rate_init_),
            self.batch_size_,
            self.shuffle,
            (self._seed, EPOCHS),
            self.max_norm,
            self.gradient_clip,
        )
        if "counts" in self._state:
            trainer.restore(self._state)
        return trainer

    def _divergence(self, epoch: int) -> str:
        advice = [] if self.standardize else ["scale the inputs (standardize=True)"]
        if self.solver == "lbfgs":
            what = "L-BFGS"
            advice.append("raise alpha")
        else:
            rate: Any = self.learning_rate_init_
            what = f"learning_rate_init={rate:g} and solver={self.solver!r}"
            advice.insert(0, f"lower learning_rate_init, to {rate / 10:g} for example")
        return f"Training diverged in epoch {epoch}: under {what} the loss grew beyond all numbers. " + (
            "Try to " + " or ".join(advice) + "."
        )

    # Weights by hand

    def _set_weights(self, coefs: Any, intercepts: Any, make_target: Any) -> "NetworkEstimator":
        """Put numbers into the network; one that does not exist yet is made to take rows as wide as the first coefs."""
        with all_or_nothing(self):
            if not hasattr(self, "_network"):
                self._validate_params()
                if len(coefs) == 0 or len(intercepts) == 0:
                    raise ValueError(f"A network needs at least one layer, got coefs={coefs}, intercepts={intercepts}.")
                self._target = make_target(np.size(intercepts[-1]))
                self._by_hand = True  # and so without a standardisation, which nobody could measure
                self._seed, self._weight_unit = int(check_random_state(self.random_state).randint(2**31)), 1.0
                self.n_features_in_ = self._width(coefs)
                input_shape = self._input_shape(self.n_features_in_)
                self._network = Network(self._layers(), input_shape, np.float64)
                self._begin_history()
            self._state.pop("best_theta", None)
            self._network.make_writeable()
            places = [p for p in self._network.params if hasattr(p, "W")]
            if not len(coefs) == len(intercepts) == len(places):
                raise ValueError(
                    f"The network has {len(places)} layers with weights, got {len(coefs)} coefs and {len(intercepts)} "
                    "intercepts."
                )
            arrays = []
            for i, (p, W, b) in enumerate(zip(places, coefs, intercepts, strict=True)):
                W, b = _finite(W, f"coefs of layer {i}"), _finite(b, f"intercepts of layer {i}")
                if W.shape != p.W.shape or b.shape != p.b.shape:
                    raise ValueError(
                        f"Layer {i} needs coefs of shape {p.W.shape} and intercepts of shape {p.b.shape}, got "
                        f"{W.shape} and {b.shape}."
                    )
                arrays.append((W, b))
            for p, (W, b) in zip(places, arrays, strict=True):
                p.W, p.b = W, b
        return self

    # Prediction

    def _raw(self, X: Any) -> Any:
        """Return the network's raw output, (n_samples, n_outputs)."""
        check_is_fitted(self)
        X = self._check_X(X)
        with np.errstate(all="ignore"):
            raw = self._network.predict(X)
        if not np.isfinite(raw).all():
            raise ValueError(
                "The network's output is not finite: the inputs are too large for its weights (largest: "
                f"{abs(X).max():g}). Scale the inputs, or fit with standardize=True."
            )
        return raw

    # What is known after fit

    def summary(self) -> None:
        """Print a table of the layers, with their output shapes and numbers of trained parameters."""
        check_is_fitted(self)
        print(table(self._layer_rows()))

    def _layer_rows(self) -> list[tuple[str, tuple[int, ...], int]]:
        network = self._network
        return list(zip(map(repr, network.layers), network.output_shapes, network.sizes(), strict=True))

    def _get_fitted_attr_html(self, doc_link: str = "") -> Any:
        """Put the layers above scikit-learn's table of fitted attributes in the HTML of a notebook."""
        attributes = super()._get_fitted_attr_html(doc_link)
        draw = attributes._html_repr
        attributes._html_repr = lambda: html_table(self._layer_rows()) + draw()
        return attributes

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_network")

    @property
    def coefs_(self) -> list[Any]:
        """Weights of each layer, first layer first: views, of shape (n_in, n_out) for dense layers."""
        check_is_fitted(self)
        return [p.W for p in self._network.params if hasattr(p, "W")]

    @property
    def intercepts_(self) -> list[Any]:
        """Biases of each layer: views."""
        check_is_fitted(self)
        return [p.b for p in self._network.params if hasattr(p, "b")]

    def _recorded(self) -> dict[str, list[float]]:
        check_is_fitted(self)
        if not self.history_:
            raise AttributeError(f"This {type(self).__name__} was given its weights by hand and has not learned yet.")
        return self.history_

    @property
    def loss_curve_(self) -> list[float]:
        """Training loss, penalty included, of each epoch."""
        check_is_fitted(self)
        return self.history_.get("loss", [])

    @property
    def loss_(self) -> float:
        """Training loss of the last epoch."""
        return self._recorded()["loss"][-1]

    @property
    def best_loss_(self) -> float | None:
        """Smallest training loss; None with early stopping, where the validation loss decides."""
        return None if self.early_stopping else min(self._recorded()["loss"])

    @property
    def validation_scores_(self) -> list[float] | None:
        """Score on the validation rows after each epoch; None where there are none."""
        check_is_fitted(self)
        return self.history_.get("validation_score")

    @property
    def best_validation_score_(self) -> float | None:
        """Best score on the validation rows; None where there are none."""
        return float(np.nanmax(self.validation_scores_)) if self.validation_scores_ else None

    @property
    def n_layers_(self) -> int:
        """Number of layers with weights, and the input layer."""
        return len(self.coefs_) + 1

    @property
    def n_outputs_(self) -> int:
        """Number of outputs of the network."""
        check_is_fitted(self)
        return self._target.n_outputs

    @property
    def out_activation_(self) -> str:
        """What turns the raw output into predictions."""
        check_is_fitted(self)
        return self._target.loss().link

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def check_network(estimator: Any) -> Any:
    """Return a network estimator, taken out of a FrozenEstimator; refuse anything else."""
    if isinstance(estimator, FrozenEstimator):
        estimator = estimator.estimator
    if not isinstance(estimator, NetworkEstimator):
        raise TypeError(
            "Only networks have layers to look into, such as MLPClassifier and ConvNetRegressor; got an instance of "
            f"{type(estimator).__name__}. Of a pipeline pass the last step, and X as the steps before it "
            "transform it; of a search best_estimator_."
        )
    return estimator
