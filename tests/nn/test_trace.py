"""Trace: what every layer made of the rows, and derivatives with respect to them against differences."""

import numpy as np
import pytest

from sknn_scratch.nn.layers import (
    AveragePool2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Maxout,
    MaxPool2D,
    ReLU,
    Reshape,
    Standardize,
    Tanh,
)
from sknn_scratch.nn.network import Network
from sknn_scratch.nn.trace import Trace
from tests.differences import assert_gradient
from tests.nn.tables import draw_numbers

NETWORKS = {  # chains whose lowest layers have nothing to train: the derivative goes through them too
    "dense": ([Standardize(), Dropout(), Dense(6), Tanh(), Dense(3)], (5,)),
    "images": ([Standardize(), Conv2D(4, 3), MaxPool2D(2), ReLU(), Flatten(), Dense(3)], (6, 6, 2)),
    "maxout": ([Reshape((6, 6, 1)), AveragePool2D(2), Flatten(), Dense(8), Maxout(2), Dense(2)], (36,)),
}


def network_and_rows(name):
    layers, shape = NETWORKS[name]
    network = Network(layers, shape, np.float64)
    rng = np.random.default_rng(0)
    draw_numbers(network, rng)
    return network, rng.normal(size=(4, int(np.prod(shape)))), rng


@pytest.mark.parametrize("name", NETWORKS)
def test_outputs_are_those_of_prediction(name):
    network, X, _ = network_and_rows(name)
    trace = Trace(network, X)
    assert [y.shape for y in trace.outputs] == [(4, *shape) for shape in network.output_shapes]
    for n, y in enumerate(trace.outputs, start=1):
        np.testing.assert_allclose(network[:n].predict(X), y, rtol=1e-12)
    np.testing.assert_allclose(network.predict(X), trace.outputs[-1], rtol=1e-12)


@pytest.mark.parametrize("name", NETWORKS)
def test_way_back_is_the_derivative(name):
    network, X, rng = network_and_rows(name)
    for n in range(1, len(network.layers) + 1):
        part = network[:n]
        d = rng.normal(size=(4, *part.output_shapes[-1]))
        gradient = Trace(part, X).back(d).reshape(X.shape)
        assert_gradient(lambda x, part=part, d=d: np.vdot(part.predict(x), d), X, gradient, rng)


def test_nothing_is_changed():
    network, X, _ = network_and_rows("images")
    network.gradient[:] = 1
    theta, rows, d = network.theta.copy(), X.copy(), np.ones((4, 3))
    trace = Trace(network, X)
    once, again = trace.back(d), trace.back(d)
    np.testing.assert_array_equal(once, again)
    for was, now in ((theta, network.theta), (rows, X), (np.ones((4, 3)), d), (1, network.gradient)):
        np.testing.assert_array_equal(was, now)


def test_rectified_way_back_by_hand():
    """x = (1, -1) through y = relu(W x), z = V y: a unit that was off passes what a deconvolution sends back."""
    network = Network([Dense(2), ReLU(), Dense(1)], (2,), np.float64)
    network.params[0].W = [[1, 2], [3, 1]]  # W x = (-2, 1): the first unit is off
    network.params[2].W = [[5], [-7]]
    trace = Trace(network, [[1, -1]])
    np.testing.assert_array_equal(trace.back(np.ones((1, 1))), [[-14, -7]])  # -7 (2, 1)
    np.testing.assert_array_equal(trace.back(np.ones((1, 1)), rectify=True), [[5, 15]])  # 5 (1, 3), and -7 -> 0
