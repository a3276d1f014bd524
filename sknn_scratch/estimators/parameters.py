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
        How a gradient becomes a step. "sgd" is plain gradient descent unless `momentum` is given.
    alpha : float or "auto", default="auto"
        Strength of the penalty, which is added to the mean loss: the effect of a number depends neither on the number
        of rows nor on `batch_size` nor on the scale of the weights of the rows. "auto" is c n / (n^2 + 50^2) for n
        distinct rows, with c = 2 for classes (10 where columns are embedded) and 5 for numbers: c / n, but weaker for
        so few rows that they may be a table to be fitted exactly, such as a logic gate.
    l1_ratio : float, default=0.0
        Share of the L1 penalty: 0 is L2 alone, 1 is L1 alone, which makes weights exactly zero.
    batch_size : int or "auto", default="auto"
        Rows of a mini-batch; "auto" is a twentieth of the distinct rows, but at least 16 and at
        most 128. L-BFGS uses all rows at once.
    learning_rate : {"constant", "step", "inverse", "exponential", "invscaling", "adaptive", "cosine"} or Schedule, \
default="cosine"
        Schedule of the learning rate A = `learning_rate_init` after t epochs: A; A `decay_factor` ^ floor(t /
        `decay_every`); A / (1 + `decay_rate` t); A exp(-`decay_rate` t); A / step ^ `power_t`; A / 5 each time the
        loss stops improving; half a cosine down to A / 10 over `max_iter` epochs, and A / 10 beyond.
    learning_rate_init : float or "auto", default="auto"
        Largest learning rate, with which all schedules above start; "auto" is 0.1 for sgd, 0.05 for momentum and
        adagrad, 0.003 for rmsprop, 0.01 for adam, adamw and nadam.
    power_t : float, default=0.5
        Exponent of "invscaling".
    decay_rate : float, default=0.1
        Decay an epoch of "inverse" and "exponential".
    decay_every : int, default=10
        Epochs between two falls of "step".
    decay_factor : float, default=0.5
        Factor of each fall of "step".
    max_iter : int or "auto", default="auto"
        Number of epochs at most (L-BFGS: iterations). "auto" is 100, and fewer where there are more than 10,000
        distinct rows, as each epoch then makes more steps: a million visits to rows, but at least 20 epochs, and at
        most 50 where columns are embedded. It is always 100 for L-BFGS, whose iteration is one step.
    shuffle : bool, default=True
        Whether each epoch visits the rows in a new order. With True, a row of weight k is the same as k rows and the
        order of the rows of X means nothing: rows of zero weight are dropped and equal ones merged. With False the
        rows stay as given, but for those of zero weight.
    random_state : int, RandomState instance or None, default=None
        Decides initial values, order of the rows and held-out rows; an int gives the same model each time.
    tol : float, default=1e-4
        A fall of the loss by less than this is no improvement. L-BFGS: largest component of the gradient at the end.
    verbose : bool, default=False
        Whether to print a line an epoch.
    warm_start : bool, default=False
        Whether `fit` goes on from where the last one ended, with the solver's memory.
    momentum : float or None, default=None
        Momentum of "momentum" (None: 0.9), "sgd" and "rmsprop" (None: 0).
    nesterovs_momentum : bool, default=True
        Whether "momentum", and "sgd" with a momentum, look ahead.
    early_stopping : bool, default=False
        Whether to hold out rows, stop when their loss no longer improves, and keep the numbers that were best for
        them. Where there are too few rows to hold out, the training loss is watched.
    scoring : str, callable or None, default=None
        What `early_stopping` watches in place of the loss: any scorer of scikit-learn.
    refit : bool, default=False
        Whether to train again, on all rows, for as many epochs as were best for the rows `early_stopping` held out.
    validation_fraction : float, default=0.1
        Share of the distinct rows that `early_stopping` holds out, of each class where the classes are large enough.
    beta_1 : float, default=0.9
        Adam's decay of the first moment, the mean of the gradient.
    beta_2 : float, default=0.999
        Adam's decay of the second moment, the mean of its square.
    rho : float, default=0.9
        RMSprop's decay of the mean square.
    epsilon : float, default=1e-8
        Keeps adagrad, rmsprop and adam from dividing by zero.
    n_iter_no_change : int, default=10
        How many epochs without improvement end the training. While a "cosine" is still falling, they bring it to its
        end in half as many epochs more, and then end the training, unless `early_stopping` keeps the best epoch.
    max_fun : int, default=15000
        Number of evaluations of the objective at most, for L-BFGS.
    init : {"glorot", "he", "lecun", "normal", "orthogonal", "zeros"} or Initializer, default="glorot"
        Initial values of the weights; biases start at zero.
    init_std : float, default=0.01
        Standard deviation of "normal".
    standardize : bool, default=True
        Whether the inputs are brought to mean 0 and variance 1 inside, outliers clipped smoothly:
        z / sqrt(1 + (z / 3)^2). The mean and scale of the rows of `fit`, or of the first `partial_fit`, stay with the
        model. Where these rows are sparse, rows are scaled without being shifted.
    input_noise : float, default=0.0
        Standard deviation of Gaussian noise that is added to the (standardised) inputs while training.
    input_dropout : float, default=0.0
        Probability of each (standardised) input to be dropped while training.
    max_norm : float or None, default=None
        Largest length of the weights into one unit; longer ones are cut back to it after each step.
    gradient_clip : float or None, default=None
        Largest length of the gradient; a longer one is cut back to it before the step.
    dtype : {"auto", "float32", "float64"} or None, default="auto"
        What training computes in. "auto" is float32 for the stochastic solvers, whose steps are noisy in any case, and
        float64 for L-BFGS; None is that of X. Inputs are standardised, and targets scaled, in the dtype of X.
        Predictions have the dtype of X and are computed in it. Functions that are to be approximated to 1e-5 or better
        need "float64".
    checkpoint : str, os.PathLike or None, default=None
        A file in which `fit` leaves its whole state after each epoch. Where it was killed, the same call of `fit` goes
        on from the last finished epoch and ends with the same bits; a finished one is only read. A file of other
        parameters, data or version is refused. With `refit` the second training has a file of its own, named
        with ".refit" at the end. Not for L-BFGS, `warm_start` and `partial_fit`, nor in searches, whose folds would
        share the file.
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
