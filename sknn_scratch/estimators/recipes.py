"""Names become recipes: what an estimator's strings and numbers mean in the engine. A new recipe is one line here."""

from collections.abc import Callable, Mapping
from typing import TypeVar

import numpy as np
from sklearn.base import BaseEstimator

from ..nn.initializers import Glorot, He, Initializer, LeCun, Normal, Orthogonal, Zeros
from ..nn.initializers import Identity as IdentityMatrix
from ..nn.layers.activations import (
    ELU,
    GELU,
    Activation,
    Identity,
    LeakyReLU,
    Logistic,
    Mish,
    ReLU,
    SiLU,
    Softplus,
    Tanh,
)
from ..nn.layers.base import Layer
from ..nn.layers.pool import Maxout
from ..nn.links import LINKS
from ..nn.losses import AbsoluteError, Huber, Loss, Poisson, Quantile, Quantiles, SoftmaxCrossEntropy, SquaredError
from ..nn.schedules import Adaptive, Constant, Cosine, Exponential, Inverse, InvScaling, Schedule, StepDecay
from ..nn.settings import plain
from ..nn.solvers import SGD, AdaGrad, Adam, AdamW, Momentum, NAdam, RMSProp, Solver

T = TypeVar("T")

# Each entry reads the estimator's parameters.
SOLVERS: dict[str, Callable[[BaseEstimator], Solver]] = {
    "sgd": lambda e: Momentum(e.momentum, e.nesterovs_momentum) if e.momentum else SGD(),
    "momentum": lambda e: Momentum(0.9 if e.momentum is None else e.momentum, e.nesterovs_momentum),
    "adagrad": lambda e: AdaGrad(e.epsilon),
    "rmsprop": lambda e: RMSProp(e.rho, e.momentum or 0.0, e.epsilon),
    "adam": lambda e: Adam(e.beta_1, e.beta_2, e.epsilon),
    "adamw": lambda e: AdamW(e.beta_1, e.beta_2, e.epsilon),
    "nadam": lambda e: NAdam(e.beta_1, e.beta_2, e.epsilon),
}
SCHEDULES: dict[str, Callable[[BaseEstimator], Schedule]] = {
    "constant": lambda e: Constant(),
    "step": lambda e: StepDecay(e.decay_every, e.decay_factor),
    "inverse": lambda e: Inverse(e.decay_rate),
    "exponential": lambda e: Exponential(e.decay_rate),
    "invscaling": lambda e: InvScaling(e.power_t),
    "adaptive": lambda e: Adaptive(),
    "cosine": lambda e: Cosine(e.max_iter_),
}
INITIALIZERS: dict[str, Callable[[BaseEstimator], Initializer]] = {
    "he": lambda e: He(),
    "glorot": lambda e: Glorot(),
    "lecun": lambda e: LeCun(),
    "normal": lambda e: Normal(e.init_std),
    "orthogonal": lambda e: Orthogonal(),
    "zeros": lambda e: Zeros(),
}
RECURRENT_INITIALIZERS = INITIALIZERS | {"identity": lambda e: IdentityMatrix()}
ACTIVATIONS: dict[str, Callable[[BaseEstimator], Layer]] = {
    "identity": lambda e: Identity(),
    "logistic": lambda e: Logistic(),
    "tanh": lambda e: Tanh(),
    "relu": lambda e: ReLU(),
    "leaky_relu": lambda e: LeakyReLU(),
    "elu": lambda e: ELU(),
    "softplus": lambda e: Softplus(),
    "gelu": lambda e: GELU(),
    "silu": lambda e: SiLU(),
    "mish": lambda e: Mish(),
    "maxout": lambda e: Maxout(e.maxout_pieces),
}
REGRESSION_LOSSES: dict[str, Callable[[BaseEstimator], Loss]] = {
    "squared_error": lambda e: SquaredError(),
    "absolute_error": lambda e: AbsoluteError(),
    "huber": lambda e: Huber(e.delta),
    "quantile": lambda e: Quantile(e.quantile) if np.ndim(e.quantile) == 0 else Quantiles(e.quantile),
    "poisson": lambda e: Poisson(),
}
CLASSIFICATION_LOSSES: dict[str, Callable[[BaseEstimator], Loss]] = {
    "log_loss": lambda e: SoftmaxCrossEntropy(),
}
ACTIVATION_NAMES = set(ACTIVATIONS)


def _recipe(choice: str | T, names: Mapping[str, Callable[[BaseEstimator], T]], estimator: BaseEstimator) -> T:
    """Return the recipe of this name with the estimator's parameters, or the recipe that the choice is already."""
    return plain(names[choice](estimator) if isinstance(choice, str) else choice)


def solver(estimator: BaseEstimator) -> Solver:
    """Return the estimator's stochastic solver."""
    return _recipe(estimator.solver, SOLVERS, estimator)


def schedule(estimator: BaseEstimator) -> Schedule:
    """Return the estimator's learning-rate schedule."""
    return _recipe(estimator.learning_rate, SCHEDULES, estimator)


def initializer(estimator: BaseEstimator) -> Initializer:
    """Return the initial values of the estimator's weights."""
    return _recipe(estimator.init, INITIALIZERS, estimator)


def recurrent_initializer(estimator: BaseEstimator) -> Initializer:
    """Return the initial values of the weights between states."""
    return _recipe(estimator.recurrent_init, RECURRENT_INITIALIZERS, estimator)


def activation(estimator: BaseEstimator, name: str | Layer) -> Layer:
    """Return the activation of this name."""
    return _recipe(name, ACTIVATIONS, estimator)


def n_pieces(estimator: BaseEstimator, name: str | Activation) -> int:
    """Return how many numbers a unit with this activation needs."""
    layer = activation(estimator, name)
    return layer.pieces if isinstance(layer, Maxout) else 1


def regression_loss(estimator: BaseEstimator) -> Loss:
    """Return the regressor's loss."""
    if isinstance(estimator.loss, str) and estimator.loss != "quantile" and np.ndim(estimator.quantile):
        raise ValueError(f"Several quantiles need loss='quantile', got loss={estimator.loss!r}.")
    loss = _recipe(estimator.loss, REGRESSION_LOSSES, estimator)
    if loss.for_classes:
        raise ValueError(f"loss={loss} is for classes. For numbers use {_names(REGRESSION_LOSSES)}.")
    if loss.link not in LINKS:
        raise ValueError(f"loss={loss} has the link {loss.link!r}, which is none of {_names(LINKS)}.")
    return loss


def classification_loss(estimator: BaseEstimator) -> Loss:
    """Return the classifier's loss; the target then chooses its link, see `Loss.linked`."""
    loss = _recipe(estimator.loss, CLASSIFICATION_LOSSES, estimator)
    if not loss.for_classes:
        raise ValueError(
            f"loss={loss} is for numbers. For classes use {_names(CLASSIFICATION_LOSSES)}, or a loss such as Focal(). "
            "A loss of your own for classes has the link 'softmax' or 'logistic', or for_classes = True."
        )
    return loss


def _names(names: Mapping[str, object]) -> str:
    """Return some names for a sentence."""
    return " or ".join(map(repr, names))
