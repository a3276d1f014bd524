"""Layer recipes."""

from .activations import (
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
    Step,
    Tanh,
)
from .augment import (
    ElasticDistortion,
    RandomBrightness,
    RandomColor,
    RandomFlip,
    RandomRotation,
    RandomScaling,
    RandomShift,
)
from .base import Layer, Param
from .conv import Conv2D, LocallyConnected2D
from .dense import Dense
from .embedding import PeriodicEmbedding, PiecewiseEmbedding
from .members import MemberDense, MemberMean, MemberScaling
from .noise import DropConnect, Dropout, GaussianNoise
from .pool import AveragePool2D, L2Pool2D, Maxout, MaxPool2D
from .recurrent import GRU, LSTM, Bidirectional, SimpleRNN
from .reshape import Flatten, Reshape
from .sequence import LastStep, Masking, MaxSteps, MeanSteps, StepPoolings
from .standardize import Standardize

__all__ = [
    "ELU",
    "GELU",
    "GRU",
    "LSTM",
    "Activation",
    "AveragePool2D",
    "Bidirectional",
    "Conv2D",
    "Dense",
    "DropConnect",
    "Dropout",
    "ElasticDistortion",
    "Flatten",
    "GaussianNoise",
    "Identity",
    "L2Pool2D",
    "LastStep",
    "Layer",
    "LeakyReLU",
    "LocallyConnected2D",
    "Logistic",
    "Masking",
    "MaxPool2D",
    "MaxSteps",
    "Maxout",
    "MeanSteps",
    "MemberDense",
    "MemberMean",
    "MemberScaling",
    "Mish",
    "Param",
    "PeriodicEmbedding",
    "PiecewiseEmbedding",
    "RandomBrightness",
    "RandomColor",
    "RandomFlip",
    "RandomRotation",
    "RandomScaling",
    "RandomShift",
    "ReLU",
    "Reshape",
    "SiLU",
    "SimpleRNN",
    "Softplus",
    "Standardize",
    "Step",
    "StepPoolings",
    "Tanh",
]
