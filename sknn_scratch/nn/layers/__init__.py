"""Layer recipes."""

from .activations import ELU, Activation, Identity, LeakyReLU, Logistic, ReLU, Softplus, Step, Tanh
from .base import Layer
from .conv import Conv2D
from .dense import Dense
from .locally_connected import LocallyConnected2D
from .noise import DropConnect, Dropout, GaussianNoise
from .pool import AveragePool2D, L2Pool2D, Maxout, MaxPool2D
from .reshape import Flatten, Reshape
from .standardize import Standardize

__all__ = [
    "ELU",
    "Activation",
    "AveragePool2D",
    "Conv2D",
    "Dense",
    "DropConnect",
    "Dropout",
    "Flatten",
    "GaussianNoise",
    "Identity",
    "L2Pool2D",
    "Layer",
    "LeakyReLU",
    "LocallyConnected2D",
    "Logistic",
    "MaxPool2D",
    "Maxout",
    "ReLU",
    "Reshape",
    "Softplus",
    "Standardize",
    "Step",
    "Tanh",
]
