"""Network: where its numbers lie, what it lets nobody do, and that copies are whole."""

import copy
import pickle

import joblib
import numpy as np
import pytest
from scipy import sparse

from sknn_scratch.nn import network as network_module
from sknn_scratch.nn.initializers import Normal, Ones, Zeros
from sknn_scratch.nn.layers import Conv2D, Dense, DropConnect, Flatten, MaxPool2D, MemberDense, ReLU, Standardize, Tanh
from sknn_scratch.nn.layers.base import Layer, Param
from sknn_scratch.nn.network import Network
from sknn_scratch.nn.trace import Trace
from tests.differences import assert_gradient
from tests.nn.tables import draw_numbers, mode


@pytest.fixture
def network():
    """5 inputs, standardised, 4 hidden units, 3 outputs; all numbers random."""
    network = Network([Standardize(), Dense(4), Tanh(), Dense(3)], (5,), np.float64)
    draw_numbers(network, np.random.default_rng(0))
    return network


@pytest.fixture
def X():
    return np.random.default_rng(1).normal(size=(10, 5))


def test_numbers_lie_in_order(network):
    """[weights, which decay | biases, which do not], and [kept mean | kept scale]"""
    assert network.n_decayed == 5 * 4 + 4 * 3
    assert network.n_trained == network.n_decayed + 4 + 3
    assert network.theta.size == network.n_trained
    scaling, hidden, _, output = network.params
    parts = [hidden.W, output.W, hidden.b, output.b]
    np.testing.assert_array_equal(network.theta, np.concatenate([part.ravel() for part in parts]))
    np.testing.assert_array_equal(network.kept, np.concatenate([scaling.mean, scaling.scale]))
    assert network.output_shapes == [(5,), (4,), (4,), (3,)]


def test_layers_see_theta_and_fill_gradient(network):
    network.theta[:] = np.arange(network.theta.size)
    assert network.params[1].W[1, 2] == 6
    network.params[1].W = np.full((5, 4), 7)
    assert (network.theta[:20] == 7).all()
    network.grads[3].b = [1, 2, 3]
    assert network.gradient[-3:].tolist() == [1, 2, 3]
    assert network.gradient.size == network.n_trained
    assert not hasattr(network.grads[0], "mean")  # nobody asks where a mean should have been


@pytest.mark.parametrize("views", ["params", "grads"])
def test_views_reject_a_wrong_name(network, views):
    dense = getattr(network, views)[1]
    with pytest.raises(AttributeError, match=r"no array 'w' in this layer, only \['W', 'b'\]"):
        dense.w = np.zeros((5, 4))
    with pytest.raises(AttributeError, match="no array 'w'"):
        dense.w  # noqa: B018


@pytest.mark.parametrize("value", [np.zeros((4, 5)), np.zeros(20), np.zeros((1, 4)), 0.0])
def test_views_reject_a_wrong_shape(network, value):
    before = network.theta.copy()
    with pytest.raises(ValueError, match=r"W has shape \(5, 4\), got"):
        network.params[1].W = value
    np.testing.assert_array_equal(network.theta, before)


@pytest.mark.parametrize("rows_at_once", [1, 3, 10, 1000])
def test_prediction_in_parts_is_the_whole(network, X, monkeypatch, rows_at_once):
    raw, _ = network.forward(X, mode(training=False))
    monkeypatch.setattr(network_module, "VALUES_AT_ONCE", rows_at_once * 5)
    np.testing.assert_allclose(network.predict(X), raw, rtol=1e-12)


def test_predictions_are_the_callers(network, X):
    """What comes back does not lie in memory that is used again."""
    first = network.predict(X)
    before = first.copy()
    network.predict(-X)
    np.testing.assert_array_equal(first, before)


@pytest.mark.parametrize("layers", [[Dense(3)], [Standardize(), Dense(3)], [ReLU(), Dense(3)]], ids=str)
@pytest.mark.parametrize("kind", [sparse.csr_array, sparse.csr_matrix])
def test_sparse_rows_are_dense_rows(layers, kind, X):
    network = Network(layers, (5,), np.float64)
    network.initialize(np.random.default_rng(0))
    X[X < 0.5] = 0
    np.testing.assert_allclose(network.predict(kind(X)), network.predict(X), rtol=1e-12)


def test_rows_take_the_shape_that_the_first_layer_asks_for():
    network = Network([Standardize()], (2, 3, 2), np.float64)
    network.initialize(np.random.default_rng(0))
    network.params[0].mean = [0, 100]  # one for each channel, the last axis
    raw = network.predict(np.zeros((4, 12)))
    assert raw.shape == (4, 2, 3, 2)
    assert (raw[..., 0] == 0).all()
    np.testing.assert_allclose(raw[..., 1], -100 / np.sqrt(1 + (100 / 3) ** 2))


@pytest.mark.parametrize("positions", [(3,), (2, 3)])
def test_dense_takes_each_position_as_a_row(positions):
    layers, rng = [Dense(4), Tanh(), Dense(3)], np.random.default_rng(0)
    network, flat = (Network(layers, (*shape, 5), np.float64) for shape in (positions, ()))
    network.theta[:] = flat.theta[:] = rng.normal(size=flat.theta.size)
    x, d = rng.normal(size=(6, *positions, 5)), rng.normal(size=(6, *positions, 3))
    assert network.output_shapes == [(*positions, 4), (*positions, 4), (*positions, 3)]

    def value(theta=flat.theta, x=x):
        network.theta[:] = theta
        return np.vdot(network.predict(x), d)

    np.testing.assert_allclose(network.predict(x).reshape(-1, 3), flat.predict(x.reshape(-1, 5)), rtol=1e-12)
    for part, rows in ((network, x), (flat, x.reshape(-1, 5))):
        raw, backward = part.forward(rows, mode())
        backward(d.reshape(raw.shape).copy())
    np.testing.assert_allclose(network.gradient, flat.gradient, rtol=1e-12)
    assert_gradient(value, flat.theta, network.gradient, rng)
    network.theta[:] = flat.theta
    assert_gradient(lambda x: value(x=x), x, Trace(network, x).back(d), rng)
    as_csr = sparse.csr_array(x.reshape(6, -1))
    np.testing.assert_array_equal(network.predict(as_csr), network.predict(x))


def test_largest_product_counts_each_weight_at_every_position():
    network = Network([Dense(2), Tanh(), Flatten(), Dense(3)], (5, 4), np.float64)
    assert network.sizes() == [4 * 2 + 2, 0, 0, 5 * 2 * 3 + 3]
    assert network.largest_product == 5 * (4 * 2 + 2)
    assert Network([MemberDense(2, 3)], (3, 4), np.float64).largest_product == 3 * (4 * 2 + 2)


def test_first_layers_predict_dense_arrays_for_sparse_rows(network, X):
    network.params[0].mean = np.zeros(5)
    np.testing.assert_array_equal(network[:1].predict(sparse.csr_array(X)), network[:1].predict(X))


def test_dense_on_images_is_a_convolution_with_one_pixel():
    """Whatever memory the layers around it lend."""
    rng = np.random.default_rng(0)
    x, results = rng.normal(size=(4, 6, 7, 2)), []
    for layer in (Dense(5), Conv2D(5, 1)):
        network = Network([Conv2D(3), layer, Tanh(), MaxPool2D(2), Flatten(), Dense(2)], (6, 7, 2), np.float64)
        network.initialize(np.random.default_rng(1))
        raw, backward = network.forward(x, mode())
        backward(np.ones_like(raw))
        results.append(np.concatenate([raw.ravel(), network.gradient]))
    np.testing.assert_allclose(*results, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("cut", [0, 1, 2, 3, 4, -1, 99])
def test_parts_chained_are_the_whole(cut):
    network = Network([Standardize(), Conv2D(3), Flatten(), Dense(2)], (5, 4, 2), np.float64)
    draw_numbers(network, np.random.default_rng(0))
    x = np.random.default_rng(1).normal(size=(3, 40))
    middle = x
    for part in (network[:cut], network[cut:]):
        if part.layers:
            middle = part.predict(middle)
    assert len(network[:cut].layers) + len(network[cut:].layers) == len(network.layers) == 4
    np.testing.assert_allclose(middle, network.predict(x), rtol=1e-12)


def test_part_has_its_own_copy_of_the_numbers(network, X):
    raw, theta = network.predict(X), network.theta.copy()
    part = network[:2]
    np.testing.assert_array_equal(part.theta, np.concatenate([theta[:20], theta[32:36]]))
    np.testing.assert_array_equal(part.kept, network.kept)
    part.theta[:] = 0
    np.testing.assert_array_equal(network.theta, theta)
    np.testing.assert_array_equal(network.predict(X), raw)


def test_part_starts_where_the_whole_does(network, X):
    scaled = network[:1].predict(X)
    np.testing.assert_array_equal(network.twin(start=1)[:3].predict(scaled), network[:3].predict(X))
    np.testing.assert_array_equal(network.twin(start=1)[1:].predict(scaled), network.predict(X))


@pytest.mark.parametrize("step", [2, -1])
def test_layers_that_are_no_neighbours_are_no_part(network, step):
    with pytest.raises(ValueError, match=f"Only neighbouring layers are a network, got a step of {step}"):
        network[::step]


def test_weights_and_biases_are_views_of_what_is_trained(network):
    _, hidden, _, output = network.params
    for views, arrays in ((network.weights(), [hidden.W, output.W]), (network.biases(), [hidden.b, output.b])):
        assert all(view is array for view, array in zip(views, arrays, strict=True))


class Scaled(Layer):
    """y = gain (x W) + shift: a gain that the penalty does not count, and that is a weight all the same."""

    def plan(self, input_shape):
        (n_in,) = input_shape
        gain = Param((4,), Ones(), decay=False, bias=False)
        return (4,), {"gain": gain, "shift": Param((4,), Zeros(), decay=False), "W": Param((n_in, 4), Normal(1.0))}

    def forward(self, p, x, mode):
        h = x @ p.W

        def backward(dy, g, need_dx):
            g.gain, g.shift, g.W = (dy * h).sum(axis=0), dy.sum(axis=0), x.T @ (dy * p.gain)
            return dy * p.gain @ p.W.T

        return p.gain * h + p.shift, backward


def test_arrays_of_any_name_are_weights_or_biases():
    network = Network([Scaled(), Dense(2)], (3,), np.float64)
    scaled, dense = network.params
    assert [a.shape for a in network.weights()] == [(4,), (3, 4), (4, 2)]
    assert [a.shape for a in network.biases()] == [(4,), (2,)]
    assert network.weights()[0] is scaled.gain
    assert network.biases()[0] is scaled.shift
    assert network.n_decayed == scaled.W.size + dense.W.size


def test_norms_of_weights_into_units_are_limited():
    network = Network([Scaled()], (3,), np.float64)
    p = network.params[0]
    p.gain, p.shift, p.W = [0.5, -3, 2, 0], [9, 9, 9, 9], [[0.3, 3, 0, 0], [0.4, 4, 0, 0], [0, 0, -7, 0]]
    network.limit_norms(1)
    np.testing.assert_array_equal(p.gain, [0.5, -3, 2, 0])  # no weights into a unit
    np.testing.assert_array_equal(p.shift, [9, 9, 9, 9])
    np.testing.assert_allclose(p.W, [[0.3, 0.6, 0, 0], [0.4, 0.8, 0, 0], [0, 0, -1, 0]])


def test_dropconnect_drops_weights_of_connections_and_neither_gains_nor_biases():
    network = Network([DropConnect(Scaled(), 0.5)], (30,), np.float64)
    p, g, rng = network.params[0], network.grads[0], np.random.default_rng(0)
    p.gain, p.shift, p.W = np.ones(4), np.full(4, 7), np.ones((30, 4))
    raw, _ = network.forward(np.eye(30), mode(seed=2))
    assert np.unique(raw).tolist() == [7, 9]  # W dropped, or kept and doubled
    assert (raw == 9).any(axis=0).all()  # a gain of 0 would drop the whole unit
    network.theta[:] = rng.normal(size=network.theta.size)
    x, d = rng.normal(size=(6, 30)), rng.normal(size=(6, 4))

    def value(theta):
        network.theta[:] = theta
        return np.vdot(network.forward(x, mode(seed=2))[0], d)

    network.forward(x, mode(seed=2))[1](d.copy())
    assert g.gain.all()
    assert_gradient(value, network.theta.copy(), network.gradient, rng)


@pytest.mark.parametrize("other", [copy.deepcopy, lambda network: pickle.loads(pickle.dumps(network))])
def test_copies_are_whole_and_their_own(network, X, other):
    raw, theta = network.predict(X), network.theta.copy()
    twin = other(network)
    np.testing.assert_array_equal(twin.predict(X), raw)
    twin.params[1].W = np.zeros((5, 4))  # views are bound to the new theta
    assert not twin.theta[:20].any()
    twin.forward(X, mode())[1](np.ones((10, 3)))
    assert twin.gradient.any()
    np.testing.assert_array_equal(network.theta, theta)
    assert not network.gradient.any()


def test_pickle_holds_the_numbers_once():
    network = Network([Dense(300)], (300,), np.float64)
    network.theta[:] = np.random.default_rng(0).random(network.theta.size)
    assert len(pickle.dumps(network)) < 1.01 * network.theta.nbytes


def test_read_only_numbers_predict_and_a_copy_is_writeable(network, X, tmp_path):
    raw, theta = network.predict(X), network.theta.copy()
    joblib.dump(network, tmp_path / "network")
    mapped = joblib.load(tmp_path / "network", mmap_mode="r")
    np.testing.assert_array_equal(mapped.predict(X), raw)
    with pytest.raises(ValueError, match="read-only"):
        mapped.params[1].b = np.zeros(4)
    writeable = mapped[:]
    writeable.params[1].b = np.zeros(4)
    assert (writeable.predict(X) != raw).any()
    np.testing.assert_array_equal(joblib.load(tmp_path / "network").theta, theta)


def test_input_is_not_written_to(network, X):
    X.flags.writeable = False
    _, backward = network.forward(X, mode())
    backward(np.ones((10, 3)))
    network.predict(X)


def test_initial_values_are_those_of_the_recipes():
    network = Network([Standardize(), Dense(4, Normal(0.1)), Dense(3)], (5,), np.float64)
    network.theta[:] = np.nan
    network.initialize(np.random.default_rng(7))
    scaling, hidden, output = network.params
    np.testing.assert_array_equal(hidden.W, np.random.default_rng(7).normal(0, 0.1, (5, 4)))
    assert not hidden.b.any()
    assert not output.b.any()
    assert not scaling.mean.any()
    assert (scaling.scale == 1).all()


def test_float32_starts_where_float64_does():
    single, double = (Network([Dense(4), ReLU(), Dense(3)], (5,), dtype) for dtype in (np.float32, np.float64))
    for network in (single, double):
        network.initialize(np.random.default_rng(0))
    np.testing.assert_array_equal(single.theta, double.theta.astype(np.float32))


@pytest.mark.parametrize("X_dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
def test_predictions_have_the_dtype_of_the_network(X_dtype, kind):
    network = Network([Standardize(), Dense(3)], (5,), np.float32)
    assert network.predict(kind(np.ones((2, 5), X_dtype))).dtype == np.float32


class Witness(Layer):
    """Passes everything on and remembers whether it was asked for dx."""

    def __init__(self):
        self.asked = []

    def forward(self, p, x, mode):
        def backward(dy, g, need_dx):
            self.asked.append(need_dx)
            return dy

        return x, backward


def test_below_the_lowest_trained_layer_nothing_is_asked():
    below, above = Witness(), Witness()
    network = Network([below, Standardize(), Dense(4), above, Dense(3)], (5,), np.float64)
    network.forward(np.ones((2, 5)), mode())[1](np.ones((2, 3)))
    assert below.asked == []
    assert above.asked == [True]
