"""Neural networks written from scratch, as scikit-learn estimators."""

from ._version import __version__
from .convnet import ConvNetClassifier, ConvNetRegressor
from .diagnosis import diagnose
from .gradients import check_gradient
from .hidden_features import HiddenFeatures
from .learning_rates import find_learning_rate
from .mlp import MLPClassifier, MLPRegressor
from .network import NetworkClassifier, NetworkRegressor
from .perceptron import PerceptronClassifier

__all__ = [
    "ConvNetClassifier",
    "ConvNetRegressor",
    "HiddenFeatures",
    "MLPClassifier",
    "MLPRegressor",
    "NetworkClassifier",
    "NetworkRegressor",
    "PerceptronClassifier",
    "__version__",
    "check_gradient",
    "diagnose",
    "find_learning_rate",
]
