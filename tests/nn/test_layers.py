"""Layers: a table of them times a list of laws, and values worked by hand."""

import copy
import math
import pickle

import numpy as np
import pytest
from scipy import sparse, stats

from sknn_scratch.nn.initializers import Ones
from sknn_scratch.nn.layers import (
    ELU,
    GELU,
    Conv2D,
    Dense,
    DropConnect,
    Dropout,
    GaussianNoise,
    Identity,
    Layer,
    LeakyReLU,
    LocallyConnected2D,
    Logistic,
    Maxout,
    Mish,
    Param,
    ReLU,
    Reshape,
    SiLU,
    Softplus,
    Standardize,
    Step,
    Tanh,
)
from sknn_scratch.nn.network import Network
from tests.differences import assert_gradient, slope
from tests.nn.tables import ACTIVATIONS, LAYERS, LAYERS_WITH_GRADIENT, draw_numbers, label, mode

N_ROWS = 6

every_layer = pytest.mark.parametrize(("layer", "input_shape"), LAYERS, ids=label)
every_layer_with_gradient = pytest.mark.parametrize(("layer", "input_shape"), LAYERS_WITH_GRADIENT, ids=label)
every_activation = pytest.mark.parametrize("activation", ACTIVATIONS, ids=label)


class Alone:
    """One layer with random numbers in the place of its initial values, and rows that are not near zero."""

    def __init__(self, layer, input_shape, dtype=np.float64):
        self.layer = layer
        self.rng = np.random.default_rng(0)
        self.network = Network([layer], input_shape, dtype)
        self.p, self.g = self.network.params[0], self.network.grads[0]
        draw_numbers(self.network, self.rng)
        x = self.rng.normal(size=(N_ROWS, *input_shape))
        self.x = (x + 0.1 * np.sign(x)).astype(dtype)

    def forward(self, x, training=True, seed=0):
        """Pass through the layer, with the same random numbers each time."""
        return self.layer.forward(self.p, x, mode(self.network.theta.dtype, training, seed))

    def backward(self, x):
        """Return how much each output counts, the gradient of their sum with respect to x, and fill `g`."""
        self.network.gradient[:] = np.nan  # every number has to be written
        y, backward = self.forward(x)
        counts = self.rng.normal(size=y.shape).astype(y.dtype)
        return counts, backward(counts.copy(), self.g, True)


@every_layer
@pytest.mark.parametrize("training", [True, False])
def test_plan_is_the_shape_that_comes(layer, input_shape, training):
    alone = Alone(layer, input_shape)
    planned, params = layer.plan(input_shape)
    assert alone.forward(alone.x, training)[0].shape == (N_ROWS, *planned)
    assert {name: param.shape for name, param in params.items()} == {
        name: view.shape for name, view in vars(alone.p).items()
    }


@every_layer
def test_a_layer_that_draws_says_so(layer, input_shape):
    """L-BFGS goes by that."""
    alone, training = Alone(layer, input_shape), mode()
    training.rng = training.batch_rng = None
    if layer.is_random:
        with pytest.raises(AttributeError):
            layer.forward(alone.p, alone.x, training)
    else:
        layer.forward(alone.p, alone.x, training)


@every_layer
def test_a_constant_layer_does_in_training_what_it_does_in_prediction(layer, input_shape):
    alone = Alone(layer, input_shape)
    if layer.constant:
        np.testing.assert_array_equal(alone.forward(alone.x, True)[0], alone.forward(alone.x, False)[0])
    assert not (layer.constant and layer.is_random)


@every_layer_with_gradient
def test_gradient_of_input(layer, input_shape):
    alone = Alone(layer, input_shape)
    counts, dx = alone.backward(alone.x)
    assert_gradient(lambda x: np.vdot(counts, alone.forward(x)[0]), alone.x, dx, alone.rng)


@every_layer_with_gradient
def test_gradient_of_every_number(layer, input_shape):
    alone = Alone(layer, input_shape)
    trained = {name for name, param in layer.plan(input_shape)[1].items() if param.trained}
    assert trained == set(vars(alone.g))
    counts, _ = alone.backward(alone.x)
    for name in trained:

        def total(values, name=name):
            before = getattr(alone.p, name).copy()
            setattr(alone.p, name, values)
            value = np.vdot(counts, alone.forward(alone.x)[0])
            setattr(alone.p, name, before)
            return value

        assert_gradient(total, getattr(alone.p, name).copy(), getattr(alone.g, name), alone.rng)


@every_layer_with_gradient
def test_gradient_of_numbers_needs_no_gradient_of_input(layer, input_shape):
    alone = Alone(layer, input_shape)
    counts, _ = alone.backward(alone.x)
    with_dx = alone.network.gradient.copy()
    alone.network.gradient[:] = np.nan
    _, backward = alone.forward(alone.x)
    backward(counts, alone.g, False)
    np.testing.assert_array_equal(alone.network.gradient, with_dx)


@every_layer_with_gradient
def test_input_and_numbers_are_not_written_to(layer, input_shape):
    alone = Alone(layer, input_shape)
    x, theta = alone.x.copy(), alone.network.theta.copy()
    alone.x.flags.writeable = alone.network.theta.flags.writeable = False
    alone.backward(alone.x)
    alone.forward(alone.x, training=False)
    np.testing.assert_array_equal(alone.x, x)
    np.testing.assert_array_equal(alone.network.theta, theta)


@every_layer
def test_prediction_does_not_depend_on_other_rows(layer, input_shape):
    alone = Alone(layer, input_shape)
    bulk, _ = alone.forward(alone.x, training=False)
    rows = [alone.forward(alone.x[[i]], training=False)[0] for i in range(N_ROWS)]
    np.testing.assert_allclose(bulk, np.concatenate(rows), rtol=1e-12)


@every_layer_with_gradient
def test_float32_stays_float32(layer, input_shape):
    alone, exact = Alone(layer, input_shape, np.float32), Alone(layer, input_shape)
    y, _ = alone.forward(alone.x)
    _, dx = alone.backward(alone.x)
    assert y.dtype == dx.dtype == np.float32
    predictions = [a.forward(a.x, training=False)[0] for a in (alone, exact)]
    np.testing.assert_allclose(*predictions, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "input_shape"), [(a, b) for a, b in LAYERS if a.accepts_sparse and len(b) == 1], ids=label
)
@pytest.mark.parametrize("kind", [sparse.csr_array, sparse.csr_matrix])
def test_csr_is_dense(layer, input_shape, kind):
    """From the first values on: a standardisation of sparse rows has no mean to subtract."""
    alone = Alone(layer, input_shape)
    alone.network.initialize(np.random.default_rng(0))
    alone.x[alone.rng.random(alone.x.shape) < 0.5] = 0
    rows = kind(alone.x)
    y, backward = alone.forward(alone.x, training=False)
    sparse_y, sparse_backward = alone.forward(rows, training=False)
    np.testing.assert_allclose(sparse_y.toarray() if sparse.issparse(sparse_y) else sparse_y, y, rtol=1e-12)
    np.testing.assert_array_equal(rows.toarray(), alone.x)
    dy = alone.rng.normal(size=y.shape)
    backward(dy.copy(), alone.g, False)
    gradient = alone.network.gradient.copy()
    alone.network.gradient[:] = np.nan
    sparse_backward(dy.copy(), alone.g, False)
    np.testing.assert_allclose(alone.network.gradient, gradient, rtol=1e-12)


@every_layer
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_huge_inputs_stay_finite(layer, input_shape, dtype):
    alone = Alone(layer, input_shape, dtype)
    x = np.where(alone.x > 0, dtype(1e30), dtype(-1e30))
    with np.errstate(all="raise", under="ignore"):
        y, backward = alone.forward(x)
        assert np.isfinite(y).all()
        if (layer, input_shape) in LAYERS_WITH_GRADIENT:
            assert np.isfinite(backward(np.ones_like(y), alone.g, True)).all()


@every_layer
def test_recipe_is_a_value(layer, input_shape):
    assert copy.deepcopy(layer) == pickle.loads(pickle.dumps(layer)) == layer
    assert hash(copy.deepcopy(layer)) == hash(layer)
    with pytest.raises(AttributeError):
        layer.setting = 1


@pytest.mark.parametrize(
    ("layer", "x", "y"),
    [
        (Identity(), [-2, 0, 3], [-2, 0, 3]),
        (Logistic(), [-math.log(3), 0, math.log(3)], [0.25, 0.5, 0.75]),
        (Tanh(), [-math.log(2), 0, math.log(2)], [-0.6, 0, 0.6]),
        (ReLU(), [-2, 0, 3], [0, 0, 3]),
        (LeakyReLU(), [-2, 0, 3], [-0.02, 0, 3]),
        (LeakyReLU(0.25), [-2, 0, 3], [-0.5, 0, 3]),
        (ELU(), [-math.log(2), 0, 3], [-0.5, 0, 3]),
        (Softplus(), [-math.log(3), 0, math.log(3)], [math.log(4 / 3), math.log(2), math.log(4)]),
        (GELU(), [-1, 0, 1], [-0.15865525393145705, 0, 0.8413447460685429]),  # the normal distribution's table
        (SiLU(), [-math.log(3), 0, math.log(3)], [-math.log(3) / 4, 0, 0.75 * math.log(3)]),
        # u = 1/3 and 3: n = u (u + 2) = 7/9 and 15, n / (n + 2) = 7/25 and 15/17
        (Mish(), [-math.log(3), 0, math.log(3)], [-7 / 25 * math.log(3), 0, 15 / 17 * math.log(3)]),
        (Step(), [-2, 0, 1e-300], [0, 0, 1]),
        (Standardize(), [-math.inf, 0, math.sqrt(3)], [-3, 0, 1.5]),  # sqrt(3) / sqrt(1 + 3 / 9)
    ],
    ids=label,
)
def test_values_by_hand(layer, x, y):
    alone = Alone(layer, (3,))
    alone.network.initialize(np.random.default_rng(0))
    np.testing.assert_allclose(alone.forward(np.array([x], float))[0], [y], rtol=1e-15, atol=1e-16)


def bend(activation, x):
    """Return f(x) and f'(x)."""
    alone = Alone(activation, x.shape[1:], x.dtype)
    y, backward = alone.forward(x)
    return y, backward(np.ones_like(y), alone.g, True)


@pytest.mark.parametrize("activation", [a for a in ACTIVATIONS if a != Identity()], ids=label)
def test_activation_writes_where_it_is_told(activation):
    x = np.linspace(-2, 2, 5)
    out = np.empty_like(x)
    assert activation.activate(x, out) is out


@every_activation
def test_slope_is_that_of_differences_everywhere(activation):
    x = np.linspace(-30, 30, 400)[None]  # which has no 0
    np.testing.assert_allclose(bend(activation, x)[1], slope(lambda x: bend(activation, x)[0], x, 1), atol=1e-9)


@every_activation
def test_float32_is_float64_at_every_size(activation):
    size = np.logspace(-30, 30, 61, dtype=np.float32)
    x = np.concatenate([-size, size])[None]
    with np.errstate(all="raise", under="ignore"):
        single, double = bend(activation, x), bend(activation, x.astype(np.float64))
    np.testing.assert_allclose(single[0], double[0], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(single[1], double[1], rtol=1e-5, atol=1e-6)


@every_activation
def test_activation_that_says_so_rises(activation):
    y, dx = bend(activation, np.linspace(-5, 5, 400)[None])
    assert not activation.rises or ((np.diff(y) >= 0).all() and (dx >= 0).all())


@pytest.mark.parametrize(
    ("activation", "second"),
    [
        (GELU(), lambda x: x * stats.norm.cdf(x)),
        (SiLU(), lambda x: x * (1 + np.tanh(x / 2)) / 2),
        (Mish(), lambda x: x * np.tanh(np.log1p(np.exp(x)))),
    ],
    ids=label,
)
def test_activation_is_a_second_formula(activation, second):
    x = np.linspace(-30, 30, 400)[None]
    np.testing.assert_allclose(bend(activation, x)[0], second(x), rtol=1e-12, atol=1e-14)


def test_dense_by_hand():
    """(1, 2) through W = [[1, 2, 3], [4, 5, 6]], b = (.1, .2, .3), and the error (1, 0, -1) back."""
    alone = Alone(Dense(3), (2,))
    alone.p.W, alone.p.b = [[1, 2, 3], [4, 5, 6]], [0.1, 0.2, 0.3]
    y, backward = alone.forward(np.array([[1.0, 2.0]]))
    np.testing.assert_allclose(y, [[9.1, 12.2, 15.3]])
    np.testing.assert_allclose(backward(np.array([[1.0, 0.0, -1.0]]), alone.g, True), [[-2, -2]])
    np.testing.assert_allclose(alone.g.W, [[1, 0, -1], [2, 0, -2]])
    np.testing.assert_allclose(alone.g.b, [1, 0, -1])


def test_standardize_uses_its_mean_and_scale():
    alone = Alone(Standardize(), (2,))
    alone.p.mean, alone.p.scale = [10, -1], [0.5, 100]
    near = np.array([[10.02, -1.0], [9.98, -0.9999]])  # small ones are nearly linear: z - z^3 / 27
    np.testing.assert_allclose(alone.forward(near)[0], [[0.01, 0], [-0.01, 0.01]], atol=1e-7)
    far = np.array([[1e300, -1e300]])
    np.testing.assert_array_equal(alone.forward(far)[0], [[3, -3]])


def test_standardize_subtracts_the_mean_of_sparse_rows_too():
    alone = Alone(Standardize(), (2,))
    alone.p.mean, alone.p.scale = [10, -1], [0.5, 100]
    x = np.array([[0.0, -1.0], [9.98, 0.0]])
    np.testing.assert_array_equal(alone.forward(sparse.csr_array(x))[0], alone.forward(x)[0])


@pytest.mark.parametrize("unit", [1e38, 1e-41], ids=str)
@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
def test_standardize_float32_columns_whose_mean_or_scale_float32_does_not_hold(unit, kind):
    alone, x = Alone(Standardize(), (1,), np.float32), np.float32([[3], [-3], [0]]) * np.float32(unit)
    alone.p.mean = [0 if kind is sparse.csr_array else -2.5 * unit]
    alone.p.scale = [1 / unit]
    y, _ = alone.forward(kind(x))
    z = (x - alone.p.mean) * alone.p.scale
    assert y.dtype == np.float32
    np.testing.assert_allclose(y if kind is np.asarray else y.toarray(), z / np.sqrt(1 + z**2 / 9), rtol=1e-6)


def test_step_cannot_be_trained():
    alone = Alone(Step(), (3,))
    y, backward = alone.forward(alone.x)
    with pytest.raises(ValueError, match=r"Step has no gradient.*Use Logistic\(\) or ReLU\(\)"):
        backward(np.ones_like(y), alone.g, True)


@pytest.mark.parametrize("a", [0, 1, -0.1, 2, math.nan, "a"])
def test_leaky_relu_rejects_slopes_that_lose_the_sign(a):
    with pytest.raises(ValueError, match=r"0 < a < 1, got a="):
        LeakyReLU(a)


def noise(layer, x, seed=0):
    return Alone(layer, x.shape[1:]).forward(x, seed=seed)[0]


ONES = np.ones((400, 500))


@pytest.mark.parametrize("rate", [0.2, 0.5])
@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
def test_dropout_keeps_the_mean(rate, kind):
    y = noise(Dropout(rate), kind(ONES))
    y = y.toarray() if sparse.issparse(y) else y
    np.testing.assert_allclose(np.unique(y), [0, 1 / (1 - rate)])
    five_errors = 5 * math.sqrt(rate * (1 - rate) / ONES.size)
    assert (y == 0).mean() == pytest.approx(rate, abs=five_errors)


def test_gaussian_noise_has_its_spread():
    y = noise(GaussianNoise(0.3), 7 * ONES)
    assert (y - 7).std() == pytest.approx(0.3, rel=5 / math.sqrt(2 * ONES.size))  # five standard errors
    assert y.mean() == pytest.approx(7, abs=5 * 0.3 / math.sqrt(ONES.size))


@pytest.mark.parametrize("layer", [Dropout(), GaussianNoise()], ids=label)
def test_noise_is_fresh_for_every_row_and_pass(layer):
    x = np.ones((2, 50))
    first, second = noise(layer, x)
    assert (first != second).any()
    assert (noise(layer, x, seed=1) != noise(layer, x)).any()


def test_dropconnect_drops_the_same_weights_for_a_whole_batch():
    alone = Alone(DropConnect(Dense(50), 0.2), (20,))
    alone.p.W, alone.p.b = np.ones((20, 50)), np.full(50, 0.5)
    y, _ = alone.forward(np.eye(20))  # each row shows one input's weights
    np.testing.assert_allclose(np.unique(y), [0.5, 0.5 + 1 / 0.8])  # the bias is never dropped
    assert (y == 0.5).mean() == pytest.approx(0.2, abs=5 * math.sqrt(0.2 * 0.8 / 1000))
    same, same_again = alone.forward(np.ones((2, 20)))[0]
    np.testing.assert_array_equal(same, same_again)
    assert (alone.forward(np.eye(20), seed=1)[0] != y).any()


def test_dropconnect_wants_weights_of_connections():
    class Gains(Layer):
        def plan(self, input_shape):
            return input_shape, {"gain": Param(input_shape, Ones(), decay=False, bias=False)}

    for layer in (Standardize(), Gains()):
        with pytest.raises(ValueError, match=r"DropConnect drops weights, and .* has none"):
            DropConnect(layer).plan((3,))


@pytest.mark.parametrize("layer", [Dropout(), GaussianNoise()], ids=label)
def test_noise_is_absent_from_prediction(layer):
    alone = Alone(layer, (3,))
    np.testing.assert_array_equal(alone.forward(alone.x, training=False)[0], alone.x)


def test_dropconnect_predicts_with_all_weights():
    alone, dense = Alone(DropConnect(Dense(4)), (3,)), Alone(Dense(4), (3,))
    np.testing.assert_array_equal(*(a.forward(alone.x, training=False)[0] for a in (alone, dense)))


@pytest.mark.parametrize("bad", [0, -1, 2.5, "a", None])
@pytest.mark.parametrize(
    ("make", "name"), [(Dense, "units"), (Conv2D, "filters"), (LocallyConnected2D, "filters"), (Maxout, "pieces")]
)
def test_counts_are_whole_numbers_from_1_on(make, name, bad):
    message = rf"{make.__name__} needs {name} to be a whole number >= 1, got {name}={bad!r}"
    with pytest.raises(ValueError, match=message):
        make(bad)


@pytest.mark.parametrize("shape", ["a", 16, (4, 0), (4.0, 4), [4, 4]])
def test_shapes_are_tuples_of_whole_numbers(shape):
    with pytest.raises(ValueError, match="Reshape needs shape to be a tuple of whole numbers >= 1, got shape="):
        Reshape(shape)


@pytest.mark.parametrize("std", [-0.1, math.nan, math.inf, "a"])
def test_spread_of_noise_is_not_negative(std):
    with pytest.raises(ValueError, match="GaussianNoise needs 0 <= std < inf, got std="):
        GaussianNoise(std)


@pytest.mark.parametrize("rate", [-0.1, 1, math.nan, "a"])
@pytest.mark.parametrize("make", [Dropout, lambda rate: DropConnect(Dense(3), rate)], ids=["Dropout", "DropConnect"])
def test_rates_outside_of_0_to_1_are_refused(make, rate):
    with pytest.raises(ValueError, match=r"needs 0 <= rate < 1, got rate="):
        make(rate)
