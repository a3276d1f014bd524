"""Recurrent layers and sequences of unequal lengths: a step that is not there changes no bit."""

from dataclasses import replace

import numpy as np
import pytest

from sknn_scratch.nn.layers import (
    GRU,
    LSTM,
    Bidirectional,
    Dense,
    Dropout,
    GaussianNoise,
    LastStep,
    MaxSteps,
    MeanSteps,
    Sequence,
    SimpleRNN,
    Standardize,
    StepPoolings,
    Tanh,
)
from sknn_scratch.nn.network import Network
from tests.differences import assert_gradient
from tests.nn.tables import draw_numbers, mode

N_ROWS, N_STEPS, N_FEATURES = 5, 4, 3
LENGTHS = {
    "none": None,
    "one step": [1] * N_ROWS,
    "equal": [3] * N_ROWS,
    "the longest": [N_STEPS] * N_ROWS,
    "unequal": [2, 4, 1, 3, 4],
    "rising": [1, 1, 2, 3, 3],
}
RECURRENT = [
    SimpleRNN(2),
    SimpleRNN(4, "relu", recurrent_dropout=0.4),
    SimpleRNN(2, "logistic", reverse=True),
    LSTM(2),
    LSTM(2, reverse=True, dropout=0.3, recurrent_dropout=0.3),
    GRU(2),
    GRU(2, reverse=True, dropout=0.3, recurrent_dropout=0.3),
]
RECURRENT = [replace(layer, return_sequences=every) for layer in RECURRENT for every in (False, True)]
BOTH_WAYS = [Bidirectional(layer) for layer in RECURRENT]
POOLINGS = [LastStep(), LastStep(2), MeanSteps(), MaxSteps(), StepPoolings((LastStep(1), MaxSteps()))]
OVER_STEPS = [Dense(2), Dropout(), GaussianNoise(), Tanh(), Standardize(), *POOLINGS]

every_layer = pytest.mark.parametrize("layer", [*RECURRENT, *BOTH_WAYS, *OVER_STEPS], ids=str)
all_lengths = pytest.mark.parametrize("lengths", LENGTHS.values(), ids=LENGTHS)


class Chain:
    """Layers with random numbers, after a first layer that makes steps of flat rows."""

    def __init__(self, *layers, dtype=np.float64, n_steps=N_STEPS):
        self.network = Network([Sequence(N_FEATURES), *layers], (n_steps * N_FEATURES + 1,), dtype)
        draw_numbers(self.network, np.random.default_rng(0))
        self.rng = np.random.default_rng(1)

    def rows(self, lengths, n_steps=N_STEPS):
        """Return flat rows, with their lengths in the last column."""
        lengths = np.array([n_steps] * N_ROWS if lengths is None else lengths)
        steps = np.random.default_rng(2).normal(size=(N_ROWS, n_steps, N_FEATURES))
        steps[np.arange(n_steps) >= lengths[:, None]] = 0
        flat = np.column_stack([steps.reshape(N_ROWS, -1), lengths])
        return flat.astype(self.network.theta.dtype)

    def forward(self, rows, training=True):
        return self.network.forward(rows, mode(self.network.theta.dtype, training))


def valid(lengths, n_steps):
    """Return which steps are there."""
    return np.arange(n_steps) < np.array([n_steps] * N_ROWS if lengths is None else lengths)[:, None]


def counts_of(raw, lengths, rng):
    """Return how much each output counts: steps that are not there do not."""
    counts = rng.normal(size=raw.shape)
    return counts * valid(lengths, raw.shape[1])[..., None] if raw.ndim == 3 else counts


@every_layer
@all_lengths
def test_gradients_are_differences(layer, lengths):
    chain = Chain(Dense(N_FEATURES), layer)  # the dense layer's gradient comes through the layer
    rows = chain.rows(lengths)
    raw, backward = chain.forward(rows)
    counts = counts_of(raw, lengths, chain.rng)
    backward(counts.copy())
    theta = chain.network.theta.copy()

    def total(values):
        chain.network.theta[:] = values
        return np.vdot(counts, chain.forward(rows)[0])

    assert_gradient(total, theta, chain.network.gradient, chain.rng)
