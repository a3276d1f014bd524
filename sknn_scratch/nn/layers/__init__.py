"""Layer recipes."""

from .activations import ELU, Activation, Identity, LeakyReLU, Logistic, ReLU, Softplus, Step, Tanh
from .base import Layer
from .dense import Dense
from .noise import DropConnect, Dropout, GaussianNoise
from .standardize import Standardize

__all__ = [
    "ELU",
    "Activation",
    "Dense",
    "DropConnect",
    "Dropout",
    "GaussianNoise",
    "Identity",
    "Layer",
    "LeakyReLU",
    "Logistic",
    "ReLU",
    "Softplus",
    "Standardize",
    "Step",
    "Tanh",
]
