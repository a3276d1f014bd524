"""Tables of everything that obeys laws: one more layer, loss, solver or schedule is one line here.

A setting that is a numpy scalar stands for what a parameter search hands over.
"""

import numpy as np

from sknn_scratch.nn import initializers, layers, losses, schedules, solvers
from sknn_scratch.nn.arena import Arena
from sknn_scratch.nn.layers.base import Mode
from sknn_scratch.nn.links import LINKS
from sknn_scratch.nn.penalty import ElasticNet
from tests.nn import adding

ACTIVATIONS = [
    layers.Identity(),
    layers.Logistic(),
    layers.Tanh(),
    layers.ReLU(),
    layers.LeakyReLU(np.float64(0.1)),
    layers.ELU(),
    layers.Softplus(),
    layers.GELU(),
    layers.SiLU(),
    layers.Mish(),
    adding.Softsign(),
]

LAYERS_WITH_GRADIENT = [  # layer, shape of one row of its input
    (layers.Dense(4), (3,)),
    (layers.Dense(1), (1,)),
    (layers.Dense(4), (5, 3)),
    (layers.Dense(2), (2, 3, 4)),
    (layers.PeriodicEmbedding((0, 2), n_frequencies=4), (3,)),
    (layers.PeriodicEmbedding((1,), np.int64(2), 3, std=np.float64(2.0)), (2,)),
    (layers.PiecewiseEmbedding((2, 0), 3), (3,)),
    (layers.MemberScaling(2), (3,)),
    (layers.MemberDense(4, 2), (3,)),
    (layers.MemberDense(np.int64(2), np.int64(3)), (3, 4)),
    (layers.DropConnect(layers.MemberDense(2, 3)), (3, 4)),
    *((layers.MemberMean(link), (3, 4)) for link in LINKS),
    (layers.Standardize(), (3,)),
    (layers.Standardize(), (2, 3, 2)),
    *((activation, (3,)) for activation in ACTIVATIONS),
    (layers.Tanh(), (2, 3, 2)),
    (layers.Dropout(), (3,)),
    (layers.Dropout(np.float64(0.2)), (2, 3, 2)),
    (layers.GaussianNoise(), (3,)),
    (layers.GaussianNoise(np.float64(2.0)), (2, 3, 2)),
    (layers.DropConnect(layers.Dense(4)), (3,)),
    (layers.DropConnect(layers.Dense(4), np.float64(0.2)), (3,)),
    (layers.Conv2D(3, 2), (4, 5, 2)),
    (layers.Conv2D(2, (3, 2), stride=2, padding="same"), (5, 4, 1)),
    (layers.Conv2D(2, 3, stride=(1, 2), padding=1), (4, 5, 4)),
    (layers.Conv2D(2, 3, stride=2, padding=2), (5, 3, 6)),
    (layers.DropConnect(layers.Conv2D(2)), (4, 4, 2)),
    (layers.LocallyConnected2D(2, 2), (3, 4, 2)),
    (layers.LocallyConnected2D(2, (2, 3), stride=2, padding="same"), (5, 4, 1)),
    *((pool(), (4, 6, 2)) for pool in (layers.MaxPool2D, layers.AveragePool2D, layers.L2Pool2D)),
    *((pool(3, 2), (7, 6, 2)) for pool in (layers.MaxPool2D, layers.AveragePool2D, layers.L2Pool2D)),
    *((pool((1, 2)), (3, 4, 2)) for pool in (layers.MaxPool2D, layers.AveragePool2D, layers.L2Pool2D)),
    *((pool(2, 3), (5, 7, 2)) for pool in (layers.MaxPool2D, layers.AveragePool2D, layers.L2Pool2D)),
    (layers.Maxout(), (6,)),
    (layers.Maxout(3), (2, 2, 6)),
    (layers.Maxout(1), (4,)),
    (layers.Reshape((3, 2)), (6,)),
    (layers.Flatten(), (2, 3, 2)),
    (layers.Masking(), (4, 3)),
    (layers.LastStep(), (4, 3)),
    (layers.LastStep(np.int64(2)), (4, 3)),
    (layers.MeanSteps(), (4, 3)),
    (layers.MaxSteps(), (4, 3)),
    (layers.StepPoolings((layers.LastStep(1), layers.MaxSteps(), layers.MeanSteps())), (4, 3)),
    (layers.SimpleRNN(3), (4, 2)),
    (layers.SimpleRNN(3, "logistic", return_sequences=True), (4, 2)),
    (layers.SimpleRNN(3, "relu", reverse=True), (3, 2)),
    (layers.LSTM(3), (4, 2)),
    (layers.LSTM(1, return_sequences=True, reverse=True), (4, 1)),
    (layers.LSTM(3, dropout=np.float64(0.3), recurrent_dropout=np.float64(0.4)), (4, 2)),
    (layers.GRU(3), (4, 2)),
    (layers.GRU(2, return_sequences=True, reverse=True), (4, 1)),
    (layers.GRU(3, dropout=0.3, recurrent_dropout=0.4), (4, 2)),
    (layers.Bidirectional(layers.LSTM(2)), (4, 3)),
    (layers.Bidirectional(layers.GRU(2, return_sequences=True, recurrent_dropout=0.2)), (4, 3)),
    (layers.DropConnect(layers.SimpleRNN(3)), (4, 2)),
    (adding.WeightNorm(4), (3,)),
]
LAYERS = [*LAYERS_WITH_GRADIENT, (layers.Step(), (3,))]

GEOMETRIC = [
    layers.RandomShift(2),
    layers.RandomShift((np.int64(1), 20), fill=-7.0),
    layers.RandomFlip(),
    layers.RandomFlip(vertical=True),
    layers.RandomRotation(np.float64(40.0)),
    layers.RandomRotation(40.0, fill=np.float64(-7.0)),
    layers.RandomScaling(np.float64(0.5)),
    layers.RandomScaling(0.5, fill=-7),
    layers.ElasticDistortion(np.float64(30.0), np.float64(3.0)),
    layers.ElasticDistortion(30.0, 3.0, fill=-7.0),
]
AUGMENTATIONS = [*GEOMETRIC, layers.RandomBrightness(np.float64(0.3)), layers.RandomColor(np.float64(0.3))]


def one_hot(rng, raw):
    return np.eye(raw.shape[1])[rng.integers(raw.shape[1], size=len(raw))]


def shares(rng, raw):
    """Draw smoothed labels: numbers between 0 and 1, of which those of a row sum to 1."""
    return rng.dirichlet(np.ones(raw.shape[1]), size=len(raw))


def bits(rng, raw):
    return rng.integers(2, size=raw.shape).astype(float)


def counts(rng, raw):
    return rng.poisson(2, size=raw.shape).astype(float)


def apart(rng, raw):
    """Draw numbers on both sides of raw, 0.4 or 1.7 away from it: kinks at 0 and 1 are far."""
    return raw + rng.choice([-1.7, -0.4, 0.4, 1.7], size=raw.shape)


LOSSES = [  # loss, how a target for it is drawn
    (losses.SoftmaxCrossEntropy(), one_hot),
    (losses.SoftmaxCrossEntropy(), shares),
    (losses.BinaryCrossEntropy(), bits),
    (losses.BinaryCrossEntropy(), shares),
    (losses.Focal(), one_hot),
    (losses.Focal(np.float64(0.5)), shares),
    (losses.Focal(0), shares),
    (losses.Focal(link="logistic"), bits),
    (losses.Focal(np.float64(0.5), "logistic"), shares),
    (losses.Focal(0, "logistic"), shares),
    (losses.PerceptronLoss(), bits),
    (losses.SquaredError(), apart),
    (losses.SquaredDistance(), apart),
    (losses.AbsoluteError(), apart),
    (losses.Huber(), apart),
    (losses.Huber(np.float64(0.8)), apart),
    (losses.Quantile(np.float64(0.3)), apart),
    (losses.Quantiles((0.1, np.float64(0.5), 0.7)), apart),
    (losses.Poisson(), counts),
    (adding.LogCosh(), apart),
    (adding.Brier(), one_hot),
    (adding.Brier(), shares),
    (adding.Brier("logistic"), bits),
]

PENALTIES = [ElasticNet(), ElasticNet(0.1), ElasticNet(np.float64(0.1), 0.3), ElasticNet(0.1, 1.0)]

SOLVERS = [
    solvers.SGD(),
    solvers.Momentum(0.9, nesterov=False),
    solvers.Momentum(0.9, nesterov=True),
    solvers.AdaGrad(),
    solvers.RMSProp(),
    solvers.RMSProp(np.float64(0.8), mu=0.5),
    solvers.Adam(),
    solvers.AdamW(),
    solvers.NAdam(),
    solvers.NAdam(np.float64(0.8), np.float64(0.99)),
    adding.AdaMax(),
]

FALLING_SCHEDULES = [  # which start at the largest rate and never rise
    schedules.Constant(),
    schedules.StepDecay(),
    schedules.StepDecay(3, 0.1),
    schedules.Inverse(),
    schedules.Exponential(),
    schedules.InvScaling(),
    schedules.Adaptive(),
    schedules.Cosine(20),
    schedules.Linear(40),
]
SCHEDULES = [*FALLING_SCHEDULES, adding.WarmUp()]

INITIALIZERS = [  # initializer, its standard deviation for fan = (200, 100), its largest value
    (initializers.He(), 0.1, np.inf),  # sqrt(2 / 200)
    (initializers.Glorot(), 0.0816497, 0.1414214),  # sqrt(2 / 300), sqrt(6 / 300)
    (initializers.LeCun(), 0.0707107, np.inf),  # sqrt(1 / 200)
    (initializers.Normal(), 0.01, np.inf),
    (initializers.Normal(0.3), 0.3, np.inf),
    (initializers.Zeros(), 0.0, 0.0),
    (initializers.Ones(), 0.0, 1.0),
    (initializers.Orthogonal(), 400**-0.5, np.inf),  # 5 gates of 100 orthonormal columns of 400 numbers
    (adding.GlorotNormal(), 0.0816497, np.inf),  # sqrt(2 / 300)
]


def draw_numbers(network, rng):
    """Give all numbers of a network random values."""
    numbers = rng.normal(size=network.theta.size + network.kept.size)
    network.theta[:], network.kept[:] = np.split(numbers, [network.theta.size])


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
