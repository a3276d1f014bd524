"""Looking into networks. matplotlib is imported here alone, when something is drawn."""

from .activation_maximization import ActivationMaximizationDisplay
from .deconvolution import DeconvolutionDisplay
from .feature_maps import FeatureMapsDisplay
from .history import TrainingHistoryDisplay
from .learning_rate import LearningRateDisplay
from .saliency import SaliencyDisplay, input_gradient
from .weights import WeightsDisplay

__all__ = [
    "ActivationMaximizationDisplay",
    "DeconvolutionDisplay",
    "FeatureMapsDisplay",
    "LearningRateDisplay",
    "SaliencyDisplay",
    "TrainingHistoryDisplay",
    "WeightsDisplay",
    "input_gradient",
]
