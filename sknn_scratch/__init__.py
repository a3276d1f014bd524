"""Neural networks written from scratch, as scikit-learn estimators."""

import signal
import sys

if (
    sys.argv[:1] == ["-m"]  # as long as Python looks for what it is to run
    and ("-m", __name__) in zip(sys.orig_argv, sys.orig_argv[1:], strict=False)
    and signal.getsignal(signal.SIGINT) is signal.default_int_handler
):
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends the imports of the command line without a traceback

from ._version import __version__
from .estimators.autoencoder import Autoencoder
from .estimators.convnet import ConvNetClassifier, ConvNetRegressor
from .estimators.hidden_features import HiddenFeatures
from .estimators.mlp import MLPClassifier, MLPRegressor
from .estimators.network import NetworkClassifier, NetworkRegressor
from .estimators.perceptron import PerceptronClassifier
from .estimators.rbm import BernoulliRBM
from .estimators.recurrent import RecurrentClassifier, RecurrentRegressor
from .studies.diagnosis import diagnose
from .studies.gradients import check_gradient
from .studies.learning_rates import find_learning_rate

__all__ = [
    "Autoencoder",
    "BernoulliRBM",
    "ConvNetClassifier",
    "ConvNetRegressor",
    "HiddenFeatures",
    "MLPClassifier",
    "MLPRegressor",
    "NetworkClassifier",
    "NetworkRegressor",
    "PerceptronClassifier",
    "RecurrentClassifier",
    "RecurrentRegressor",
    "__version__",
    "check_gradient",
    "diagnose",
    "find_learning_rate",
]
