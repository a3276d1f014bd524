"""The settings of the page: their names, defaults and allowed values, and how an estimator has them."""

from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, is_regressor

from ..estimators.mlp import MLPClassifier, MLPRegressor
from .problem import CLASSES, QUANTITIES

# Names and defaults of TensorFlow's playground, so that its links work; those that it does not have come last.
DEFAULTS: dict[str, Any] = {
    "problem": "classification", "dataset": "circle", "regDataset": "reg-plane", "noise": 0, "percTrainData": 50,
    "seed": 0, "x": True, "y": True, "xSquared": False, "ySquared": False, "xTimesY": False, "sinX": False,
    "sinY": False, "networkShape": [4, 2], "activation": "tanh", "learningRate": 0.03, "batchSize": 10,
    "regularization": "none", "regularizationRate": 0, "initZero": False,
    "model": "network", "solver": "sgd", "schedule": "constant", "dropout": 0, "standardize": False, "neighbors": 5,
    "C": 1, "speed": 20,
}  # fmt: skip
CHOICES = {
    "problem": ("classification", "regression"),
    "dataset": (*CLASSES, "digits", "own"),
    "regDataset": (*QUANTITIES, "own"),
    "activation": (
        "tanh", "relu", "sigmoid", "linear", "leaky_relu", "elu", "softplus", "gelu", "silu", "mish"
    ),
    "regularization": ("none", "L1", "L2"),
    "model": ("network", "perceptron", "knn", "svm", "own"),
    "solver": ("sgd", "momentum", "adagrad", "rmsprop", "adam", "adamw", "nadam"),
    "schedule": ("constant", "step", "inverse", "exponential", "invscaling", "adaptive", "cosine"),
}  # fmt: skip
RANGES = {
    "noise": (0, 100), "percTrainData": (1, 100), "seed": (0, 2**31 - 1), "learningRate": (1e-9, 1e9),
    "batchSize": (1, 10**6), "regularizationRate": (0, 1e6), "dropout": (0, 0.95), "neighbors": (1, 1000),
    "C": (1e-6, 1e6), "speed": (1, 1000),
}  # fmt: skip
WHOLE = {"batchSize", "neighbors", "speed"}
LIVE = {"learningRate", "batchSize", "regularization", "regularizationRate", "solver", "schedule"}  # training goes on
SPELLINGS = {"sigmoid": "logistic", "linear": "identity"}
MOST_UNITS, MOST_LAYERS = 64, 8


def settings_of(estimator: BaseEstimator) -> dict[str, Any]:
    """Return the settings of an estimator: of a network of dense layers its parameters, if the page has them all."""
    problem = "regression" if is_regressor(estimator) else "classification"
    if isinstance(estimator, MLPClassifier | MLPRegressor) and hasattr(estimator, "partial_fit"):
        names = {here: there for there, here in SPELLINGS.items()}
        p = estimator.get_params(deep=False)
        try:
            settings = {
                "model": "network",
                "networkShape": [int(size) for size in np.atleast_1d(p["hidden_layer_sizes"])],
                "activation": names.get(p["activation"], p["activation"]),
                "learningRate": p["learning_rate_init"],
                "batchSize": p["batch_size"],
                "regularization": "L1" if p["l1_ratio"] == 1 else "L2",
                "regularizationRate": p["alpha"],
                "solver": p["solver"],
                "schedule": p["learning_rate"],
                "dropout": p["dropout"],
                "standardize": p["standardize"],
                "initZero": p["init"] == "zeros",
                "seed": p["random_state"] or 0,
            }
            plain = p["embedding"] in ("auto", None)
            if p["l1_ratio"] in (0, 1) and p["init"] in ("glorot", "zeros") and plain:
                return {"problem": problem} | {name: checked(name, value) for name, value in settings.items()}
        except (TypeError, ValueError):
            pass  # a recipe or a list of names, for which the page has no control
    return {"problem": problem, "model": "own"}


def checked(name: str, value: object) -> Any:
    """Return the value of a setting, or say what is wrong with it."""
    if name not in DEFAULTS:
        raise ValueError(f"There is no setting {name!r:.100}; there are {', '.join(DEFAULTS)}.")
    if name in CHOICES:
        if value not in CHOICES[name]:
            raise ValueError(f"{name} should be one of {', '.join(CHOICES[name])}, got {value!r:.100}.")
        return value
    if name in RANGES:
        if value == "auto" and name in ("learningRate", "batchSize", "regularizationRate"):
            return value
        return number(name, value, *RANGES[name], whole=name in WHOLE)
    if name == "networkShape":
        if not isinstance(value, list | tuple) or len(value) > MOST_LAYERS:
            raise ValueError(f"networkShape should be a list of {MOST_LAYERS} layers at most, got {value!r:.100}.")
        return [int(number(name, size, 1, MOST_UNITS, whole=True)) for size in value]
    if not isinstance(value, bool):
        raise ValueError(f"{name} should be true or false, got {value!r:.100}.")
    return value


def number(name: str, value: object, low: float, high: float, whole: bool = False) -> Any:
    kind = Integral if whole else Real
    if not isinstance(value, kind) or isinstance(value, bool) or not low <= value <= high:  # type: ignore[operator]
        raise ValueError(
            f"{name} should be a {'whole ' if whole else ''}number from {low:g} to {high:g}, got {value!r:.100}."
        )
    return value


def index(name: str, value: object, n: int) -> int:
    return int(number(name, value, 0, n - 1, whole=True))
