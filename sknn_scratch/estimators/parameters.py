"""The parameters of training: how each is called, what it may be, what it is by default, and what it means."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from numbers import Integral, Real
from typing import ClassVar

import numpy as np
from sklearn.metrics import get_scorer_names

from .._compat import Interval, Options, StrOptions
from ..nn.initializers import Initializer
from ..nn.schedules import Schedule
from ..nn.solvers import Solver
from . import recipes
from .hints import Hinting


@dataclass(eq=False, repr=False, kw_only=True)
class TrainingParameters(Hinting):
    """The parameters that all networks share.

    Parameters
    ----------
    solver : {"adam", "adamw", "nadam", "sgd", "momentum", "adagrad", "rmsprop", "lbfgs"} or Solver, default="adam"
        The solver for weight optimization. "sgd" is plain gradient descent unless `momentum` is given.
    alpha : float or "auto", default="auto"
        Strength of the penalty, which is added to the mean loss, so that its effect does not depend on the number of
        rows, on `batch_size` or on the scale of the sample weights. "auto" is c n / (n^2 + 50^2) for n distinct rows,
        with c = 2 for classification and c = 5 for regression. This is about c / n, and less for very few rows, which
        may be a table to fit exactly, such as a logic gate. With embedded columns, c follows the noise (see
        `embedding`).
    l1_ratio : float, default=0.0
        The elastic-net mixing parameter: 0 is an L2 penalty, 1 an L1 penalty, which sets weights to exactly zero.
    batch_size : int or "auto", default="auto"
        Size of the mini-batches; "auto" is a twentieth of the number of distinct rows, at least 16 and at most 128.
        L-BFGS uses all rows at once.
    learning_rate : {"constant", "step", "inverse", "exponential", "invscaling", "adaptive", "cosine"} or Schedule, \
default="cosine"
        Schedule of the learning rate. With A = `learning_rate_init`, the rate after t epochs is, in this order: A; A
        `decay_factor` ^ floor(t / `decay_every`); A / (1 + `decay_rate` t); A exp(-`decay_rate` t); A / step ^
        `power_t`; A, divided by 5 each time the loss stops improving; half a cosine from A to A / 10 over `max_iter`
        epochs, and A / 10 beyond.
    learning_rate_init : float or "auto", default="auto"
        Largest learning rate, with which all schedules above start; "auto" is 0.1 for sgd, 0.05 for momentum and
        adagrad, 0.003 for rmsprop, 0.01 for adam, adamw and nadam; with "auto" and one of the last four, layers
        between the first and the output layer learn with a share of this rate if their units have k > 500 inputs:
        500 / k, but at least 0.3.
    power_t : float, default=0.5
        Exponent of "invscaling".
    decay_rate : float, default=0.1
        Decay per epoch of "inverse" and "exponential".
    decay_every : int, default=10
        Number of epochs between two decreases of "step".
    decay_factor : float, default=0.5
        Factor of each decrease of "step".
    max_iter : int or "auto", default="auto"
        Maximum number of epochs (L-BFGS: of iterations). "auto" is 100 for up to 4,000 distinct rows and 400,000 / n
        for n distinct rows beyond, at least 20; at most 50 with embedded columns; always 100 for L-BFGS.
    shuffle : bool, default=True
        Whether to shuffle the rows in each epoch. If True, a row of weight k is equivalent to k rows, and the order of
        the rows of X has no effect: rows of zero weight are dropped and duplicate rows merged. If False, only rows of
        zero weight are dropped.
    random_state : int, RandomState instance or None, default=None
        Determines the initial values, the order of the rows and the held-out rows. Pass an int for reproducible
        results.
    tol : float, default=1e-4
        Minimum decrease of the loss that counts as an improvement. For L-BFGS, training ends when the largest
        component of the gradient is at most `tol`.
    verbose : bool, default=False
        Whether to print one line per epoch.
    warm_start : bool, default=False
        Whether `fit` continues from the solution of the previous call, with the state of the solver.
    momentum : float or None, default=None
        Momentum of "momentum" (None: 0.9), "sgd" and "rmsprop" (None: 0).
    nesterovs_momentum : bool, default=True
        Whether "momentum", and "sgd" with a momentum, use Nesterov's momentum.
    early_stopping : bool, default=False
        Whether to hold out a validation set, stop training when its loss no longer improves, and restore the best
        weights. With too few rows to hold out, the training loss is monitored instead.
    scoring : str, callable or None, default=None
        The scorer that `early_stopping` monitors instead of the loss, as in scikit-learn.
    refit : bool, default=False
        Whether to train again on all rows after `early_stopping`, for the number of epochs that was best for the
        held-out rows.
    validation_fraction : float, default=0.1
        Proportion of the distinct rows that `early_stopping` holds out, stratified if the classes are large enough.
    beta_1 : float, default=0.9
        Adam's decay rate of the first moment, the mean of the gradient.
    beta_2 : float, default=0.999
        Adam's decay rate of the second moment, the mean of the squared gradient.
    rho : float, default=0.9
        RMSprop's decay rate of the mean squared gradient.
    epsilon : float, default=1e-8
        Avoids division by zero in adagrad, rmsprop and adam.
    n_iter_no_change : int, default=10
        Number of epochs without improvement after which training ends. A "cosine" that is still falling is first
        brought to its end within half as many further epochs, unless `early_stopping` keeps the best epoch.
    max_fun : int, default=15000
        Maximum number of evaluations of the objective by L-BFGS.
    init : {"glorot", "he", "lecun", "normal", "orthogonal", "zeros"} or Initializer, default="glorot"
        Initial values of the weights; biases start at zero.
    init_std : float, default=0.01
        Standard deviation of "normal".
    standardize : bool, default=True
        Whether to scale the inputs internally to mean 0 and variance 1, with outliers softly clipped:
        z / sqrt(1 + (z / 3)^2). The mean and scale are measured by `fit`, or by the first `partial_fit`. If the rows
        are sparse, they are scaled but not centred.
    input_noise : float, default=0.0
        Standard deviation of Gaussian noise added to the (standardised) inputs in training.
    input_dropout : float, default=0.0
        Probability of dropping each (standardised) input in training.
    max_norm : float or None, default=None
        Maximum norm of the weights into one unit; after each step, larger ones are scaled down to it.
    gradient_clip : float or None, default=None
        Maximum norm of the gradient; before each step, a larger one is scaled down to it.
    dtype : {"auto", "float32", "float64"} or None, default="auto"
        The dtype of training. "auto" is float32 for the stochastic solvers and float64 for L-BFGS; None is the dtype of
        X. Inputs are standardised, and targets scaled, in the dtype of X; predictions are also computed in it. Use
        "float64" to approximate functions to 1e-5 or better.
    checkpoint : str, os.PathLike or None, default=None
        A file to which `fit` saves the state of training after each epoch. After an interruption, the same call of
        `fit` continues from the last finished epoch, with bit-identical results; if training was finished, the model is
        only loaded. A file with other parameters, data or version raises an error. With `refit`, the second training
        has its own file, with the suffix ".refit". Not available for L-BFGS, `warm_start` and `partial_fit`, nor in
        searches, whose folds would share the file.
    """

    def __init_subclass__(cls, **kwargs: object) -> None:
        """Join the constraints that each class declares of its own parameters."""
        super().__init_subclass__(**kwargs)
        declared = (vars(base).get("_constraints", {}) for base in reversed(cls.__mro__))
        cls._parameter_constraints = dict(chain.from_iterable(each.items() for each in declared))

    solver: str | Solver = "adam"
    alpha: float | str = "auto"
    l1_ratio: float = 0.0
    batch_size: int | str = "auto"
    learning_rate: str | Schedule = "cosine"
    learning_rate_init: float | str = "auto"
    power_t: float = 0.5
    decay_rate: float = 0.1
    decay_every: int = 10
    decay_factor: float = 0.5
    max_iter: int | str = "auto"
    shuffle: bool = True
    random_state: int | np.random.RandomState | None = None
    tol: float = 1e-4
    verbose: bool = False
    warm_start: bool = False
    momentum: float | None = None
    nesterovs_momentum: bool = True
    early_stopping: bool = False
    scoring: str | Callable[..., float] | None = None
    refit: bool = False
    validation_fraction: float = 0.1
    beta_1: float = 0.9
    beta_2: float = 0.999
    rho: float = 0.9
    epsilon: float = 1e-8
    n_iter_no_change: int = 10
    max_fun: int = 15_000
    init: str | Initializer = "glorot"
    init_std: float = 0.01
    standardize: bool = True
    input_noise: float = 0.0
    input_dropout: float = 0.0
    max_norm: float | None = None
    gradient_clip: float | str | None = None
    dtype: str | None = "auto"
    checkpoint: str | os.PathLike[str] | None = None

    _constraints: ClassVar[dict[str, list[object]]] = {
        "solver": [StrOptions({*recipes.SOLVERS, "lbfgs"}), Solver],
        "alpha": [StrOptions({"auto"}), Interval(Real, 0, None, closed="left")],
        "l1_ratio": [Interval(Real, 0, 1, closed="both")],
        "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "learning_rate": [StrOptions(set(recipes.SCHEDULES)), Schedule],
        "learning_rate_init": [StrOptions({"auto"}), Interval(Real, 0, None, closed="neither")],
        "power_t": [Interval(Real, 0, None, closed="left")],
        "decay_rate": [Interval(Real, 0, None, closed="left")],
        "decay_every": [Interval(Integral, 1, None, closed="left")],
        "decay_factor": [Interval(Real, 0, 1, closed="right")],
        "max_iter": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "shuffle": ["boolean"],
        "random_state": ["random_state"],
        "tol": [Interval(Real, 0, None, closed="left")],
        "verbose": ["verbose"],
        "warm_start": ["boolean"],
        "momentum": [Interval(Real, 0, 1, closed="both"), None],
        "nesterovs_momentum": ["boolean"],
        "early_stopping": ["boolean"],
        "scoring": [StrOptions(set(get_scorer_names())), callable, None],
        "refit": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="left")],
        "beta_1": [Interval(Real, 0, 1, closed="left")],
        "beta_2": [Interval(Real, 0, 1, closed="left")],
        "rho": [Interval(Real, 0, 1, closed="left")],
        "epsilon": [Interval(Real, 0, None, closed="neither")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left"), Options(Real, {np.inf})],
        "max_fun": [Interval(Integral, 1, None, closed="left")],
        "init": [StrOptions(set(recipes.INITIALIZERS)), Initializer],
        "init_std": [Interval(Real, 0, None, closed="neither")],
        "standardize": ["boolean"],
        "input_noise": [Interval(Real, 0, None, closed="left")],
        "input_dropout": [Interval(Real, 0, 1, closed="left")],
        "max_norm": [Interval(Real, 0, None, closed="neither"), None],
        "gradient_clip": [Interval(Real, 0, None, closed="neither"), None],
        "dtype": [StrOptions({"auto", "float32", "float64"}), None],
        "checkpoint": [str, os.PathLike, None],
    }
