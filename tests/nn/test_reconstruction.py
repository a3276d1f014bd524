"""The objective of autoencoders: penalties on the code and tied weights, by differences."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sknn_scratch.nn.arena import Arena
from sknn_scratch.nn.layers.activations import Logistic, Tanh
from sknn_scratch.nn.layers.base import Mode
from sknn_scratch.nn.layers.dense import Dense
from sknn_scratch.nn.lbfgs import LBFGS
from sknn_scratch.nn.losses import BinaryCrossEntropy, SquaredDistance
from sknn_scratch.nn.network import Network
from sknn_scratch.nn.penalty import ElasticNet
from sknn_scratch.nn.reconstruction import Reconstruction
from sknn_scratch.nn.rows import Rows
from tests.differences import assert_gradient

N, D = 7, 5


def draw(n_units=3, bend=Logistic):
    rng = np.random.default_rng(0)
    network = Network([Dense(n_units), bend(), Dense(D)], (D,), np.float64)
    network.theta[:] = rng.normal(size=network.n_trained)
    X = rng.random((N, D))
    return rng, network, Rows(X, X.copy(), rng.random(N) + 0.5)


def value_of(objective, rows):
    rng = np.random.default_rng(0)
    return objective.value_and_gradient(rows, Mode(True, rng, rng, Arena(np.float64)))


@pytest.mark.parametrize("loss", [SquaredDistance(), BinaryCrossEntropy()])
@pytest.mark.parametrize(
    ("bend", "settings"),
    [
        (Logistic, {"sparsity": 0.1, "sparsity_weight": 2.0}),
        (Tanh, {"activity_l1": 0.3}),
        (Logistic, {"sparsity": 0.1, "sparsity_weight": 2.0, "activity_l1": 0.3}),
    ],
)
@pytest.mark.parametrize("weighted", [False, True])
def test_gradient_with_a_penalty_on_the_code(loss, bend, settings, weighted):
    rng, network, rows = draw(bend=bend)
    rows.weight = rows.weight if weighted else None
    objective = Reconstruction(network, loss, ElasticNet(0.1, 0.5), code=1, **settings)
    assert value_of(objective, rows) == pytest.approx(objective.value(rows), rel=1e-12)
    gradient = network.gradient.copy()

    def value(theta):
        network.theta[:] = theta
        return value_of(objective, rows)

    assert_gradient(value, network.theta.copy(), gradient, rng)


def test_penalty_on_the_code_by_hand():
    """Two rows with the codes 1/4 and 3/4: their mean is 1/2, KL(1/4 | 1/2) = 1/4 log(1/2) + 3/4 log(3/2)."""
    network = Network([Dense(1), Logistic(), Dense(1)], (1,), np.float64)
    network.params[0].W[:], network.params[2].b[:] = np.log(3), 0
    X = np.array([[-1.0], [1.0]])
    rows = Rows(X, np.zeros((2, 1)))
    value = value_of(Reconstruction(network, SquaredDistance(), ElasticNet(), 1, (), 0.25, 3.0, 2.0), rows)
    assert value == pytest.approx(3 * (0.25 * np.log(0.5) + 0.75 * np.log(1.5)) + 2 * 0.5)


def test_gradient_of_tied_weights():
    """Both matrices move together: the slope along (E, E^T) is that of one matrix which is used twice."""
    rng, network, rows = draw()
    objective = Reconstruction(network, SquaredDistance(), ElasticNet(0.1, 0.5), 1, [(0, 2)], 0.1, 2.0)
    network.params[2].W = network.params[0].W.T
    value_of(objective, rows)
    assert_array_equal(network.grads[2].W, network.grads[0].W.T)
    both = network.grads[0].W + network.grads[2].W.T
    biases = np.concatenate([network.grads[0].b, network.grads[2].b])
    here = np.concatenate([network.params[0].W.ravel(), network.params[0].b, network.params[2].b])

    def value(numbers):
        W, b, c = np.split(numbers, [3 * D, 3 * D + 3])
        network.params[0].W, network.params[2].W = W.reshape(D, 3), W.reshape(D, 3).T
        network.params[0].b, network.params[2].b = b, c
        return value_of(objective, rows)

    assert_gradient(value, here, np.concatenate([both.ravel(), biases]), rng)


@pytest.mark.parametrize(("l1_ratio", "slope"), [(0.0, lambda w: w), (1.0, np.sign)])
def test_penalty_counts_tied_weights_once(l1_ratio, slope):
    """For x = -1, 1 and one weight w, 1/2 (w^2 - 1)^2 + penalty(w) has its minimum where 2 w (w^2 - 1) = -penalty'."""
    network = Network([Dense(1), Dense(1)], (1,), np.float64)
    X = np.array([[-1.0], [1.0]])
    network.theta[:] = [0.5, 0.5, 0, 0]
    objective = Reconstruction(network, SquaredDistance(), ElasticNet(0.3, l1_ratio), 0, [(0, 1)])
    LBFGS(objective, tol=1e-10, max_fun=1000).run(Rows(X, X), np.arange(2), 100, lambda epoch: False)
    w = network.params[0].W[0, 0]
    assert w == network.params[1].W
    assert 2 * w * (w**2 - 1) + 0.3 * slope(w) == pytest.approx(0, abs=1e-8)
    expected = 0.5 * (w**2 - 1) ** 2 + 0.3 * (0.5 * w**2 if l1_ratio == 0 else abs(w))
    assert value_of(objective, Rows(X, X)) == objective.value(Rows(X, X)) == pytest.approx(expected)


def test_weights_of_rows_are_repetitions():
    _, network, rows = draw()
    counts = np.array([1, 2, 1, 3, 1, 1, 1])
    objective = Reconstruction(network, SquaredDistance(), ElasticNet(), 1, (), 0.1, 2.0, 0.3)
    n = counts.sum()
    weighted = value_of(objective, Rows(rows.X, rows.target, counts * N / n))
    first = network.gradient.copy()
    X = np.repeat(rows.X, counts, axis=0)
    assert value_of(objective, Rows(X, X)) == pytest.approx(weighted, rel=1e-12)
    assert_allclose(network.gradient, first, rtol=1e-10)
