"""Tables of everything that obeys laws: one more layer, loss, solver or schedule is one line here.

A setting that is a numpy scalar stands for what a parameter search hands over.
"""

import numpy as np

from sknn_scratch.nn.arena import Arena
from sknn_scratch.nn.initializers import Glorot, He, LeCun, Normal, Ones, Zeros
from sknn_scratch.nn.layers import (
    ELU,
    AveragePool2D,
    Conv2D,
    Dense,
    DropConnect,
    Dropout,
    Flatten,
    GaussianNoise,
    Identity,
    L2Pool2D,
    LeakyReLU,
    LocallyConnected2D,
    Logistic,
    Maxout,
    MaxPool2D,
    ReLU,
    Reshape,
    Softplus,
    Standardize,
    Step,
    Tanh,
)
from sknn_scratch.nn.layers.base import Mode
from sknn_scratch.nn.losses import (
    AbsoluteError,
    BinaryCrossEntropy,
    Huber,
    PerceptronLoss,
    Poisson,
    Quantile,
    SoftmaxCrossEntropy,
    SquaredError,
)
from sknn_scratch.nn.penalty import ElasticNet
from sknn_scratch.nn.schedules import Adaptive, Constant, Cosine, Exponential, Inverse, InvScaling, StepDecay
from sknn_scratch.nn.solvers import SGD, AdaGrad, Adam, Momentum, RMSProp

ACTIVATIONS = [Identity(), Logistic(), Tanh(), ReLU(), LeakyReLU(np.float64(0.1)), ELU(), Softplus()]

LAYERS_WITH_GRADIENT = [  # layer, shape of one row of its input
    (Dense(4), (3,)),
    (Dense(1), (1,)),
    (Standardize(), (3,)),
    (Standardize(), (2, 3, 2)),
    *((activation, (3,)) for activation in ACTIVATIONS),
    (Tanh(), (2, 3, 2)),
    (Dropout(), (3,)),
    (Dropout(np.float64(0.2)), (2, 3, 2)),
    (GaussianNoise(), (3,)),
    (GaussianNoise(np.float64(2.0)), (2, 3, 2)),
    (DropConnect(Dense(4)), (3,)),
    (DropConnect(Dense(4), np.float64(0.2)), (3,)),
    (Conv2D(3, 2), (4, 5, 2)),
    (Conv2D(2, (3, 2), stride=2, padding="same"), (5, 4, 1)),
    (Conv2D(2, 3, stride=(1, 2), padding=1), (4, 5, 4)),
    (Conv2D(2, 3, stride=2, padding=2), (5, 3, 6)),
    (DropConnect(Conv2D(2)), (4, 4, 2)),
    (LocallyConnected2D(2, 2), (3, 4, 2)),
    (LocallyConnected2D(2, (2, 3), stride=2, padding="same"), (5, 4, 1)),
    *((pool(), (4, 6, 2)) for pool in (MaxPool2D, AveragePool2D, L2Pool2D)),
    *((pool(3, 2), (7, 6, 2)) for pool in (MaxPool2D, AveragePool2D, L2Pool2D)),
    *((pool((1, 2)), (3, 4, 2)) for pool in (MaxPool2D, AveragePool2D, L2Pool2D)),
    *((pool(2, 3), (5, 7, 2)) for pool in (MaxPool2D, AveragePool2D, L2Pool2D)),
    (Maxout(), (6,)),
    (Maxout(3), (2, 2, 6)),
    (Maxout(1), (4,)),
    (Reshape((3, 2)), (6,)),
    (Flatten(), (2, 3, 2)),
]
LAYERS = [*LAYERS_WITH_GRADIENT, (Step(), (3,))]


def one_hot(rng, raw):
    return np.eye(raw.shape[1])[rng.integers(raw.shape[1], size=len(raw))]


def bits(rng, raw):
    return rng.integers(2, size=raw.shape).astype(float)


def counts(rng, raw):
    return rng.poisson(2, size=raw.shape).astype(float)


def apart(rng, raw):
    """Draw numbers on both sides of raw, 0.4 or 1.7 away from it: kinks at 0 and 1 are far."""
    return raw + rng.choice([-1.7, -0.4, 0.4, 1.7], size=raw.shape)


LOSSES = [  # loss, how a target for it is drawn
    (SoftmaxCrossEntropy(), one_hot),
    (BinaryCrossEntropy(), bits),
    (PerceptronLoss(), bits),
    (SquaredError(), apart),
    (AbsoluteError(), apart),
    (Huber(), apart),
    (Huber(np.float64(0.8)), apart),
    (Quantile(np.float64(0.3)), apart),
    (Poisson(), counts),
]

PENALTIES = [ElasticNet(), ElasticNet(0.1), ElasticNet(np.float64(0.1), 0.3), ElasticNet(0.1, 1.0)]

SOLVERS = [
    SGD(),
    Momentum(0.9, nesterov=False),
    Momentum(0.9, nesterov=True),
    AdaGrad(),
    RMSProp(),
    RMSProp(np.float64(0.8), mu=0.5),
    Adam(),
]

SCHEDULES = [
    Constant(),
    StepDecay(),
    StepDecay(3, 0.1),
    Inverse(),
    Exponential(),
    InvScaling(),
    Adaptive(),
    Cosine(20),
]

INITIALIZERS = [  # initializer, its standard deviation for fan = (200, 100), its largest value
    (He(), 0.1, np.inf),  # sqrt(2 / 200)
    (Glorot(), 0.0816497, 0.1414214),  # sqrt(2 / 300), sqrt(6 / 300)
    (LeCun(), 0.0707107, np.inf),  # sqrt(1 / 200)
    (Normal(), 0.01, np.inf),
    (Normal(0.3), 0.3, np.inf),
    (Zeros(), 0.0, 0.0),
    (Ones(), 0.0, 1.0),
]


def mode(dtype=np.float64, training=True, seed=0):
    """Return a pass through a network that draws the same random numbers each time."""
    return Mode(
        training=training,
        rng=np.random.default_rng([seed, 1]),
        batch_rng=np.random.default_rng([seed, 2]),
        arena=Arena(dtype),
    )


def label(value):
    """Return the name of a row of a table: the same in every process, as functions' addresses are not."""
    return getattr(value, "__name__", str(value))
