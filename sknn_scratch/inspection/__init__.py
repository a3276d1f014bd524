"""Looking into networks. matplotlib is imported here alone, when something is drawn."""

from .feature_maps import FeatureMapsDisplay
from .history import TrainingHistoryDisplay
from .learning_rate import LearningRateDisplay
from .weights import WeightsDisplay

__all__ = [
    "FeatureMapsDisplay",
    "LearningRateDisplay",
    "TrainingHistoryDisplay",
    "WeightsDisplay",
]
