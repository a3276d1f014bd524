"""Names become recipes: what an estimator's strings and numbers mean in the engine. A new recipe is one line here."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..nn.initializers import Glorot, He, Initializer, LeCun, Normal, Zeros
from ..nn.layers.activations import ACTIVATIONS, Activation
from ..nn.layers.base import Layer
from ..nn.layers.pool import Maxout
from ..nn.losses import REGRESSION_LOSSES, Huber, Loss, Quantile
from ..nn.schedules import Adaptive, Constant, Cosine, Exponential, Inverse, InvScaling, Schedule, StepDecay
from ..nn.solvers import SGD, AdaGrad, Adam, Momentum, RMSProp, Solver

if TYPE_CHECKING:
    from .parameters import TrainingParameters

# Each entry reads the estimator's parameters.
SOLVERS: dict[str, Callable[["TrainingParameters"], Solver]] = {
    "sgd": lambda e: Momentum(e.momentum, e.nesterovs_momentum) if e.momentum else SGD(),
    "momentum": lambda e: Momentum(0.9 if e.momentum is None else e.momentum, e.nesterovs_momentum),
    "adagrad": lambda e: AdaGrad(e.epsilon),
    "rmsprop": lambda e: RMSProp(e.rho, e.momentum or 0.0, e.epsilon),
    "adam": lambda e: Adam(e.beta_1, e.beta_2, e.epsilon),
}
SCHEDULES: dict[str, Callable[["TrainingParameters"], Schedule]] = {
    "constant": lambda e: Constant(),
    "step": lambda e: StepDecay(e.decay_every, e.decay_factor),
    "inverse": lambda e: Inverse(e.decay_rate),
    "exponential": lambda e: Exponential(e.decay_rate),
    "invscaling": lambda e: InvScaling(e.power_t),
    "adaptive": lambda e: Adaptive(),
    "cosine": lambda e: Cosine(e.max_iter_),
}
INITIALIZERS: dict[str, Callable[["TrainingParameters"], Initializer]] = {
    "he": lambda e: He(),
    "glorot": lambda e: Glorot(),
    "lecun": lambda e: LeCun(),
    "normal": lambda e: Normal(e.init_std),
    "zeros": lambda e: Zeros(),
}
MAXOUT = "maxout"  # an activation to its user, but no elementwise one
ACTIVATION_NAMES = {*ACTIVATIONS, MAXOUT}


def solver(estimator: "TrainingParameters") -> Solver:
    """Return the estimator's stochastic solver."""
    return estimator.solver if isinstance(estimator.solver, Solver) else SOLVERS[estimator.solver](estimator)


def schedule(estimator: "TrainingParameters") -> Schedule:
    """Return the estimator's learning-rate schedule."""
    rate = estimator.learning_rate
    return rate if isinstance(rate, Schedule) else SCHEDULES[rate](estimator)


def activation(estimator: Any, name: str | Activation) -> Layer:
    """Return the activation of this name."""
    if isinstance(name, Activation):
        return name
    return Maxout(estimator.maxout_pieces) if name == MAXOUT else ACTIVATIONS[name]()


def n_pieces(estimator: Any, name: str | Activation) -> int:
    """Return how many numbers a unit with this activation needs."""
    return estimator.maxout_pieces if name == MAXOUT else 1


def initializer(estimator: "TrainingParameters") -> Initializer:
    """Return the initial values of the estimator's weights."""
    init = estimator.init
    return init if isinstance(init, Initializer) else INITIALIZERS[init](estimator)


def regression_loss(estimator: Any) -> Loss:
    """Return the regressor's loss."""
    if isinstance(estimator.loss, Loss):
        return estimator.loss
    if estimator.loss == "huber":
        return Huber(estimator.delta)
    if estimator.loss == "quantile":
        return Quantile(estimator.quantile)
    return REGRESSION_LOSSES[estimator.loss]()
