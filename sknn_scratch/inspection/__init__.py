"""Displays of networks and of their training; matplotlib is imported when something is drawn."""

from .activation_maximization import ActivationMaximizationDisplay
from .code import CodeDisplay
from .deconvolution import DeconvolutionDisplay
from .feature_maps import FeatureMapsDisplay
from .gibbs import GibbsDisplay
from .history import TrainingHistoryDisplay
from .learning_rate import LearningRateDisplay
from .network import NetworkDisplay
from .reconstruction import ReconstructionDisplay
from .saliency import SaliencyDisplay, input_gradient
from .solver_paths import SolverPathsDisplay
from .states import StatesDisplay
from .weights import WeightsDisplay

__all__ = [
    "ActivationMaximizationDisplay",
    "CodeDisplay",
    "DeconvolutionDisplay",
    "FeatureMapsDisplay",
    "GibbsDisplay",
    "LearningRateDisplay",
    "NetworkDisplay",
    "ReconstructionDisplay",
    "SaliencyDisplay",
    "SolverPathsDisplay",
    "StatesDisplay",
    "TrainingHistoryDisplay",
    "WeightsDisplay",
    "input_gradient",
]
