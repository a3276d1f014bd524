"""Neural networks written from scratch, as scikit-learn estimators."""

from ._version import __version__
from .mlp import MLPClassifier, MLPRegressor
from .network import NetworkClassifier, NetworkRegressor

__all__ = [
    "MLPClassifier",
    "MLPRegressor",
    "NetworkClassifier",
    "NetworkRegressor",
    "__version__",
]
