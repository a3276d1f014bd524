"""Recurrent layers and sequences of unequal lengths: a step that is not there changes no bit."""

import json
import sys
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sknn_scratch import RecurrentRegressor
from sknn_scratch.nn.layers import (
    GRU,
    LSTM,
    Bidirectional,
    Dense,
    Dropout,
    GaussianNoise,
    LastStep,
    Masking,
    MaxSteps,
    MeanSteps,
    SimpleRNN,
    Standardize,
    StepPoolings,
    Tanh,
)
from sknn_scratch.nn.losses import Loss
from sknn_scratch.nn.network import Network
from sknn_scratch.nn.objective import Objective
from sknn_scratch.nn.penalty import ElasticNet
from sknn_scratch.nn.rows import Rows
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
OVER_STEPS = [Dense(2), Dropout(), Dropout(per_sequence=True), GaussianNoise(), Tanh(), Standardize(), *POOLINGS]

every_layer = pytest.mark.parametrize("layer", [*RECURRENT, *BOTH_WAYS, *OVER_STEPS], ids=str)
all_lengths = pytest.mark.parametrize("lengths", LENGTHS.values(), ids=LENGTHS)


class Chain:
    """Layers with random numbers, after a first layer that finds the lengths."""

    def __init__(self, *layers, dtype=np.float64, n_steps=N_STEPS):
        self.network = Network([Masking(), *layers], (n_steps, N_FEATURES), dtype)
        draw_numbers(self.network, np.random.default_rng(0))
        self.rng = np.random.default_rng(1)

    def rows(self, lengths, n_steps=N_STEPS):
        """Return sequences, padded with NaN."""
        lengths = np.array([n_steps] * N_ROWS if lengths is None else lengths)
        steps = np.random.default_rng(2).normal(size=(N_ROWS, n_steps, N_FEATURES))
        steps[np.arange(n_steps) >= lengths[:, None]] = np.nan
        return steps.astype(self.network.theta.dtype)

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
@pytest.mark.parametrize("before", [Dense(N_FEATURES), GRU(N_FEATURES, return_sequences=True)], ids=str)
def test_gradients_are_differences(layer, lengths, before):
    """The gradient of the layer before comes through the layer; a dense one and a GRU differ in memory layout."""
    chain = Chain(before, layer)
    rows = chain.rows(lengths)
    raw, backward = chain.forward(rows)
    counts = counts_of(raw, lengths, chain.rng)
    backward(counts.copy())
    theta = chain.network.theta.copy()

    def total(values):
        chain.network.theta[:] = values
        return np.vdot(counts, chain.forward(rows)[0])

    assert_gradient(total, theta, chain.network.gradient, chain.rng)


@every_layer
@pytest.mark.parametrize("n_more", [1, 5])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_more_padding_changes_no_bit(layer, n_more, dtype):
    lengths = LENGTHS["unequal"]
    chain, padded = (Chain(Dense(N_FEATURES), layer, dtype=dtype, n_steps=n) for n in (N_STEPS, N_STEPS + n_more))
    rows = chain.rows(lengths)
    more = np.pad(rows, [(0, 0), (0, n_more), (0, 0)], constant_values=np.nan)
    (raw, backward), (more_raw, more_backward) = chain.forward(rows), padded.forward(more)
    np.testing.assert_array_equal(more_raw, raw)
    counts = counts_of(raw, lengths, chain.rng).astype(dtype)
    backward(counts.copy())
    more_backward(counts.copy())
    np.testing.assert_array_equal(padded.network.gradient, chain.network.gradient)
    same = padded.network.predict(more)
    np.testing.assert_array_equal(same[:, :N_STEPS] if raw.ndim == 3 else same, chain.network.predict(rows))


@pytest.mark.parametrize("layer", [*RECURRENT, *BOTH_WAYS, LastStep(), MeanSteps(), MaxSteps()], ids=str)
def test_what_stands_in_the_place_of_a_missing_step_changes_no_bit(layer):
    lengths = np.array(LENGTHS["unequal"])
    there = valid(lengths, N_STEPS)[..., None]
    network = Network([layer], (N_STEPS, N_FEATURES), np.float64)
    draw_numbers(network, np.random.default_rng(0))
    x = np.random.default_rng(1).normal(size=(N_ROWS, N_STEPS, N_FEATURES))
    results = []
    for other in (0.0, 1e6):
        now = mode()
        now.lengths = lengths
        y, backward = layer.forward(network.params[0], np.where(there, x, other), now)
        dx = backward(np.ones_like(y), network.grads[0], True)
        assert not np.where(there, 0, dx).any()
        results.append([y, dx, network.gradient.copy()])
    for one, same in zip(*results, strict=True):
        np.testing.assert_array_equal(one, same)


@pytest.mark.parametrize("layer", [*RECURRENT, *BOTH_WAYS, LastStep(), MeanSteps(), MaxSteps()], ids=str)
@all_lengths
def test_a_row_alone_has_the_same_output(layer, lengths):
    chain = Chain(layer)
    rows = chain.rows(lengths)
    raw, _ = chain.forward(rows, training=False)
    for i in range(N_ROWS):
        (alone,), _ = chain.forward(rows[[i]], training=False)
        np.testing.assert_allclose(alone, raw[i, : len(alone)] if raw.ndim == 3 else raw[i], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("layer", [SimpleRNN(2), LSTM(2), GRU(2)], ids=str)
@all_lengths
def test_reversed_rows_read_in_reverse_are_the_rows(layer, lengths):
    ahead, back = (Chain(replace(layer, reverse=reverse, return_sequences=True)) for reverse in (False, True))
    rows = ahead.rows(lengths)
    there = valid(lengths, N_STEPS)
    turned = np.full_like(rows, np.nan)
    for row, other, n in zip(rows, turned, there.sum(axis=1), strict=True):
        other[:n] = row[:n][::-1]
    y, y_back = ahead.forward(rows)[0], back.forward(turned)[0]
    for one, other, n in zip(y, y_back, there.sum(axis=1), strict=True):
        np.testing.assert_allclose(other[:n][::-1], one[:n], rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("layer", [SimpleRNN(2), LSTM(2), GRU(2)], ids=str)
@pytest.mark.parametrize("reverse", [False, True])
@all_lengths
def test_last_state_is_that_of_the_last_step_read(layer, reverse, lengths):
    last, every = (Chain(replace(layer, reverse=reverse, return_sequences=s)) for s in (False, True))
    rows = last.rows(lengths)
    y, states = last.forward(rows)[0], every.forward(rows)[0]
    ends = valid(lengths, N_STEPS).sum(axis=1) - 1
    np.testing.assert_array_equal(y, states[:, 0] if reverse else states[np.arange(N_ROWS), ends])


def test_both_ways_are_a_layer_each():
    x = np.random.default_rng(0).normal(size=(N_ROWS, N_STEPS, N_FEATURES))
    both = Network([Bidirectional(GRU(2))], x.shape[1:], np.float64)
    draw_numbers(both, np.random.default_rng(1))
    sides = []
    for layer, end in ((GRU(2), ""), (GRU(2, reverse=True), "_reverse")):
        alone = Network([layer], x.shape[1:], np.float64)
        for name in vars(alone.params[0]):
            setattr(alone.params[0], name, getattr(both.params[0], name + end))
        sides.append(alone.predict(x))
    np.testing.assert_array_equal(both.predict(x), np.concatenate(sides, axis=1))


def test_pooling_by_hand():
    x = np.array([[[1.0, -3], [5, -1], [9, 9]], [[2, 4], [8, 8], [8, 8]]])
    for layer, y in (
        (LastStep(), [[5, -1], [2, 4]]),
        (MeanSteps(), [[3, -2], [2, 4]]),
        (MaxSteps(), [[5, -1], [2, 4]]),
    ):
        now = mode()
        now.lengths = np.array([2, 1])
        np.testing.assert_array_equal(layer.forward(None, x, now)[0], y)


@pytest.mark.parametrize("layer", [SimpleRNN(20, "relu"), LSTM(20), GRU(20)], ids=str)
def test_dropout_has_one_mask_a_sequence(layer):
    """An input that is always 1 and counts once in each step is there at all steps or at none."""
    network = Network([replace(layer, dropout=0.5, return_sequences=True)], (3, 1), np.float64)
    network.params[0].W = np.ones_like(network.params[0].W)
    y, _ = network.forward(np.ones((200, 3, 1)), mode())
    dropped = y == 0
    assert (dropped.all(axis=(1, 2)) | ~dropped.any(axis=(1, 2))).all()
    assert dropped[:, 0, 0].mean() == pytest.approx(0.5, abs=5 * 0.5 / np.sqrt(200))


def test_dropout_of_all_steps_has_one_mask_a_sequence():
    y, _ = Dropout(0.5, per_sequence=True).forward(None, np.ones((200, 3, 20)), mode())
    np.testing.assert_array_equal(y[:, 1:], y[:, :1].repeat(2, axis=1))
    assert (y == 0).mean() == pytest.approx(0.5, abs=5 * 0.5 / np.sqrt(200 * 20))
    assert set(np.unique(y)) == {0, 2}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("targets", "per_sequence"), [("step", True), ("sequence", False)])
def test_dropout_of_the_last_recurrent_layer(targets, per_sequence):
    y = np.ones((2, 3) if per_sequence else 2)
    reg = RecurrentRegressor((2,), targets=targets, dropout=0.5, max_iter=1).fit(np.ones((2, 3, 1)), y)
    assert Dropout(0.5, per_sequence=per_sequence) in reg._network.layers


def test_recurrent_dropout_has_one_mask_a_sequence():
    """h[t] = 1 + m h[t-1] with m = 0 or 2, the same at all steps: 1, 1, 1 or 1, 3, 7."""
    network = Network([SimpleRNN(1, "relu", recurrent_dropout=0.5, return_sequences=True)], (3, 1), np.float64)
    network.theta[:] = 1, 1, 0
    y, _ = network.forward(np.ones((200, 3, 1)), mode())
    assert {tuple(row) for row in y[..., 0]} == {(1, 1, 1), (1, 3, 7)}
    np.testing.assert_array_equal(network.predict(np.ones((1, 3, 1)))[0, :, 0], [1, 2, 3])


@pytest.mark.parametrize("layer", [LSTM(2), Bidirectional(GRU(2, return_sequences=True))], ids=str)
@pytest.mark.parametrize("shard_size", [0, 2, 3])
def test_shards_are_cut_to_their_own_longest_sequence(layer, shard_size):
    """The raw outputs of fewer steps than planned are followed by zeros."""
    chain = Chain(layer)
    rows = chain.rows(LENGTHS["rising"])
    whole = chain.network.predict(rows)
    network = chain.network
    network.shard_size = shard_size
    target = np.zeros((N_ROWS, *network.output_shapes[-1]))
    objective = Objective(network, SumOfSquares(), ElasticNet())
    raw = np.zeros_like(target)
    results = []
    for _ in range(2):
        with objective.in_threads(N_ROWS):
            value = objective.value_and_gradient(Rows(rows, target, None), mode(), raw)
        results.append((value, network.gradient.copy()))
        np.testing.assert_allclose(raw, whole, rtol=1e-13)
    assert results[0][0] == results[1][0] == pytest.approx(np.square(whole).sum() / 2 / N_ROWS)
    np.testing.assert_array_equal(results[0][1], results[1][1])
    if raw.ndim == 3:
        assert not raw[:, max(LENGTHS["rising"]) :].any()


class SumOfSquares(Loss):
    """For raw outputs with fewer steps than the target has: none of them is missed, as the target is 0."""

    def rows(self, target, raw):
        return np.square(raw).reshape(len(raw), -1).sum(axis=1) / 2, raw


def test_memory_of_a_prediction_does_not_grow_with_the_units_of_a_step():
    """5,000 rows of 20 numbers: all at once, the states and gates of LSTM(64) would take 600 MB."""
    network = Network([LSTM(64)], (20, 1), np.float64)
    X = np.zeros((5000, 20, 1))
    tracemalloc.start()
    network.predict(X)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30e6


def waves(start, shape):
    """Return sines of start, start + 1, ..."""
    return np.sin(start + np.arange(np.prod(shape))).reshape(shape)


PYTORCH = json.loads((Path(__file__).parent / "pytorch.json").read_text())


@pytest.mark.parametrize(
    ("name", "layers"),
    [
        ("RNN tanh", [SimpleRNN(2)]),
        ("RNN relu", [SimpleRNN(2, "relu")]),
        ("LSTM", [LSTM(2)]),
        ("GRU", [GRU(2)]),
        ("RNN tanh bidirectional", [SimpleRNN(2)]),
        ("LSTM bidirectional", [LSTM(2)]),
        ("GRU bidirectional", [GRU(2)]),
        ("RNN tanh two layers", [SimpleRNN(2), SimpleRNN(2)]),
        ("LSTM two layers", [LSTM(2), LSTM(2)]),
        ("GRU two layers", [GRU(2), GRU(2)]),
        ("RNN relu two layers bidirectional", [SimpleRNN(2, "relu"), SimpleRNN(2, "relu")]),
        ("LSTM two layers bidirectional", [LSTM(2), LSTM(2)]),
        ("GRU two layers bidirectional", [GRU(2), GRU(2)]),
    ],
)
@pytest.mark.parametrize(("dtype", "atol"), [(np.float64, 1e-10), (np.float32, 1e-6)])
def test_pytorch_has_the_same_outputs_and_gradients(name, layers, dtype, atol):
    """pytorch.json is what PyTorch 2.13.0 makes in float64 of the same sines: see the tables in the docstrings."""
    layers = [replace(layer, return_sequences=True) for layer in layers]
    ends = [(i, "") for i in range(len(layers))]
    if "bidirectional" in name:
        layers, ends = list(map(Bidirectional, layers)), [(i, end) for i, _ in ends for end in ("", "_reverse")]
    network = Network(layers, (3, 2), dtype)
    for k, (i, end) in enumerate(ends):
        for j, array in enumerate("WUbc"):
            if array + end in vars(network.params[i]):
                setattr(network.params[i], array + end, waves(4 * k + j, getattr(network.params[i], array + end).shape))
    outputs, backwards = network.trace(waves(5, (2, 3, 2)).astype(dtype), mode(dtype))
    expected = PYTORCH[name]
    np.testing.assert_allclose(outputs[-1].ravel(), expected["y"], rtol=0, atol=atol)
    d = waves(7, outputs[-1].shape).astype(dtype)
    for backward, g in zip(reversed(backwards), reversed(network.grads), strict=True):
        d = backward(d, g, True)
    np.testing.assert_allclose(d.ravel(), expected["dx"], rtol=0, atol=atol)
    for (i, end), gradients in zip(ends, expected["gradients"], strict=True):
        for array, values in gradients.items():
            got = getattr(network.grads[i], array + end).ravel()
            np.testing.assert_allclose(got, values, rtol=0, atol=atol, err_msg=array + end)


@pytest.mark.parametrize("layer", [LSTM(2), LastStep(), Bidirectional(GRU(2))], ids=str)
def test_flat_rows_are_refused(layer):
    with pytest.raises(ValueError, match=r"needs rows of shape \(n_steps, n_features\), got \(3,\). A recurrent layer"):
        layer.plan((3,))


def test_settings_are_checked():
    with pytest.raises(ValueError, match="LSTM needs units to be a whole number >= 1, got units=0"):
        LSTM(0)
    with pytest.raises(ValueError, match="GRU needs 0 <= dropout < 1, got dropout=1"):
        GRU(2, dropout=1)
    with pytest.raises(
        ValueError, match="SimpleRNN needs activation to be 'tanh', 'relu', 'logistic', got activation='x'"
    ):
        SimpleRNN(2, "x")
    with pytest.raises(ValueError, match=r"Bidirectional needs a layer such as LSTM\(16\), got layer=Dense"):
        Bidirectional(Dense(2))


def test_gates_that_keep_start_open():
    network = Network([LSTM(2)], (3, 1), np.float64)
    network.initialize(np.random.default_rng(0))
    np.testing.assert_array_equal(network.params[0].b, [0, 0, 0, 0, 1, 1, 0, 0])
    for gate in np.split(network.params[0].U, 4, axis=1):
        np.testing.assert_allclose(gate @ gate.T, np.eye(2), atol=1e-14)
    network = Network([GRU(2)], (3, 1), np.float64)
    network.initialize(np.random.default_rng(0))
    np.testing.assert_array_equal(network.params[0].b, [1, 1, 0, 0, 0, 0])


def calls(layer, n_steps):
    """Return how many functions, Python's and C's, a pass forwards and backwards calls."""
    network = Network([layer], (n_steps, 3), np.float32)
    x = np.zeros((8, n_steps, 3), np.float32)
    count = 0

    def note(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        raw, backward = network.forward(x, mode(np.float32))
        backward(raw)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(("layer", "most"), [(SimpleRNN(4), 12.1), (LSTM(4), 15.4), (GRU(4), 14.3)], ids=str)
def test_calls_of_a_step(layer, most):
    """`most` is a tenth above what was counted when this was written; ufuncs themselves are not counted."""
    assert (calls(layer, 30) - calls(layer, 10)) / 20 < most


def test_the_last_step_of_units_that_read_from_the_end_is_at_the_first():
    layer = LSTM(2, return_sequences=True)
    chains = Chain(Bidirectional(layer), LastStep(2)), Chain(Bidirectional(replace(layer, return_sequences=False)))
    rows = chains[0].rows(LENGTHS["unequal"])
    by_pooling, by_itself = (chain.forward(rows)[0] for chain in chains)
    np.testing.assert_array_equal(by_pooling, by_itself)
