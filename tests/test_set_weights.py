"""Weights by hand: what `coefs_` and `intercepts_` show goes back in, for every network and every layer."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone, is_classifier
from sklearn.utils import estimator_html_repr

from sknn_scratch import (
    ConvNetClassifier,
    ConvNetRegressor,
    MLPClassifier,
    MLPRegressor,
    NetworkClassifier,
    NetworkRegressor,
)
from sknn_scratch.nn.initializers import Normal, Ones, Zeros
from sknn_scratch.nn.layers import (
    Conv2D,
    Dense,
    DropConnect,
    Flatten,
    Layer,
    LocallyConnected2D,
    Logistic,
    Maxout,
    Param,
    ReLU,
    Reshape,
    Tanh,
)
from tests.learned import numbers

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

rng = np.random.default_rng(0)
X = rng.normal(size=(90, 4)) * [1, 10, 0.1, 3] + 5
CODES = (X[:, 0] > 5).astype(int) + (X[:, 1] > 9)
NAMES = np.array(["ham", "eggs", "spam"])[CODES]
NUMBERS = X[:, 0] + 0.1 * X[:, 1]
QUICK = {"max_iter": 5, "random_state": 0}


def target(model):
    return NAMES if is_classifier(model) else NUMBERS


def raw(model, X):
    """What comes out of the network, in the units in which it was trained."""
    if is_classifier(model):
        return model.decision_function(X)
    return (model.predict(X) - NUMBERS.mean()) / NUMBERS.std()


# Layers of one's own


@dataclass(frozen=True)
class Gained(Layer):
    """y = gain * (x W) + b: weights, biases, and a third array that is neither by its name."""

    units: int

    def plan(self, input_shape):
        n_in, *_ = input_shape
        return (self.units,), {
            "gain": Param((self.units,), Ones(), bias=self.units % 2 == 0),  # a weight or a bias, as one says
            "W": Param((n_in, self.units), Normal(0.3), fan=(n_in, self.units)),
            "b": Param((self.units,), Zeros(), decay=False),
        }

    def forward(self, p, x, mode):
        z = x @ p.W

        def backward(dy, g, need_dx):
            g.gain, g.b = (dy * z).sum(axis=0), dy.sum(axis=0)
            dz = dy * p.gain
            g.W = x.T @ dz
            return dz @ p.W.T

        return p.gain * z + p.b, backward


@dataclass(frozen=True)
class RadialBasis(Layer):
    """y_k = exp(-|x - centre_k|^2 / 8): centres are no biases, and no penalty draws them to 0."""

    units: int

    def plan(self, input_shape):
        (n_in,) = input_shape
        return (self.units,), {"centres": Param((n_in, self.units), Normal(1.0), decay=False, bias=False)}

    def forward(self, p, x, mode):
        from_centres = x[:, :, None] - p.centres
        y = np.exp(-(from_centres**2).sum(axis=1) / 8)

        def backward(dy, g, need_dx):
            pull = (dy * y)[:, None] * from_centres / 4
            g.centres = pull.sum(axis=0)
            return -pull.sum(axis=2)

        return y, backward


@dataclass(frozen=True)
class Shift(Layer):
    """y = x + b, a layer with biases alone; and a number of its own that is kept, not trained."""

    def plan(self, input_shape):
        kept = Param((), Ones(), decay=False, trained=False)
        return input_shape, {"b": Param(input_shape, Zeros(), decay=False), "kept": kept}

    def forward(self, p, x, mode):
        def backward(dy, g, need_dx):
            g.b = dy.sum(axis=0)
            return dy

        return x + p.b * p.kept, backward


@dataclass(frozen=True)
class Gain(Layer):
    """y = gain * x, with one number for all."""

    def plan(self, input_shape):
        return input_shape, {"gain": Param((), Ones(), decay=False, bias=False)}

    def forward(self, p, x, mode):
        def backward(dy, g, need_dx):
            g.gain = (dy * x).sum()
            return dy * p.gain

        return x * p.gain, backward


# Networks, each with the numbers of its coefs_, intercepts_ and layers.

IMAGES = (2, 2, 1)
NETWORKS = {
    "no hidden layers": ([], 1, 1, 2),
    "dense": ([Dense(5), ReLU(), Dense(4), Tanh()], 3, 3, 4),
    "dropconnect": ([DropConnect(Dense(5), 0.3), Tanh()], 2, 2, 3),
    "maxout": ([Dense(6), Maxout(2), DropConnect(Dense(6)), Maxout(3)], 3, 3, 4),
    "gain among the weights": ([Dense(5), Gained(3), Tanh()], 4, 3, 4),
    "gain among the biases": ([Dense(5), Gained(4), Tanh()], 3, 4, 4),
    "radial basis": ([RadialBasis(7)], 2, 1, 3),
    "radial basis later": ([Dense(5), Tanh(), RadialBasis(7)], 3, 2, 4),
    "shift": ([Dense(5), Shift(), Tanh()], 2, 3, 4),
    "shift first": ([Shift(), Dense(5), Tanh()], 2, 3, 4),
    "convolution later": ([Dense(16), ReLU(), Reshape((4, 4, 1)), Conv2D(2), ReLU(), Flatten()], 3, 3, 4),
    "convolution": ([Reshape(IMAGES), Conv2D(3, 2, padding="same"), ReLU(), Flatten()], 2, 2, 3),
    "convolution with dropconnect": ([Reshape(IMAGES), DropConnect(Conv2D(3, 2)), ReLU()], 2, 2, 3),
    "locally connected": ([Reshape(IMAGES), LocallyConnected2D(2, 2, padding="same"), ReLU(), Flatten()], 2, 2, 3),
    "gain first": ([Gained(3), Tanh()], 3, 2, 3),
    "scalar": ([Dense(5), Gain(), Tanh()], 3, 2, 4),
    "scalar first": ([Gain(), Dense(5), Tanh()], 3, 2, 4),
    "scalar before images": ([Gain(), Reshape(IMAGES), Conv2D(3, 2), ReLU()], 3, 2, 4),
    "dropconnect around a gain": ([DropConnect(Gained(4), 0.3), Tanh()], 2, 3, 3),
}
each_class = pytest.mark.parametrize("network", [NetworkClassifier, NetworkRegressor])

ESTIMATORS = [
    MLPClassifier((5,), **QUICK),
    MLPClassifier((5, 4), "maxout", dropout=0.2, drop_connect=0.2, **QUICK),
    MLPRegressor((5,), **QUICK),
    NetworkClassifier([Dense(5), ReLU()], **QUICK),
    NetworkRegressor([Dense(5), ReLU()], **QUICK),
    ConvNetClassifier(image_shape=(2, 2), filters=3, hidden_layer_sizes=(4,), **QUICK),
    ConvNetRegressor(image_shape=(2, 2), filters=3, kernel_size=2, activation="maxout", drop_connect=0.1, **QUICK),
]
each_estimator = pytest.mark.parametrize("model", ESTIMATORS, ids=repr)


def assert_round_trip(model):
    """Put the numbers of one fitted model into another one, fitted differently."""
    a, b = clone(model).fit(X, target(model)), clone(model).set_params(random_state=1).fit(X, target(model))
    assert not np.array_equal(raw(a, X), raw(b, X))
    assert b.set_weights(a.coefs_, a.intercepts_) is b
    assert_array_equal(numbers(b), numbers(a))
    assert_array_equal(b.predict(X), a.predict(X))
    assert_array_equal(raw(b, X), raw(a, X))
    same = numbers(a)
    assert_array_equal(numbers(a.set_weights(a.coefs_, a.intercepts_)), same)  # views of themselves
    a.set_weights([W + 1 for W in a.coefs_], [w - 1 for w in a.intercepts_])
    n_weights = sum(W.size for W in a.coefs_)
    assert_allclose(numbers(a) - same, np.where(np.arange(len(same)) < n_weights, 1, -1), rtol=1e-6)
    return b


def assert_made_by_hand(model):
    """Make a fresh network of these numbers: without standardisation, it sees what the fitted one sees."""
    model = clone(model).set_params(standardize=False)
    fitted = clone(model).fit(X, target(model))
    classes = {"classes": fitted.classes_} if is_classifier(model) else {}
    made = clone(model).set_weights(fitted.coefs_, fitted.intercepts_, **classes)
    assert_array_equal(numbers(made), numbers(fitted))
    if is_classifier(model):
        assert_array_equal(made.predict(X), fitted.predict(X))
        assert_array_equal(made.decision_function(X), fitted.decision_function(X))
    else:
        assert_allclose(made.predict(X), raw(fitted, X), rtol=1e-6, atol=1e-9)
    assert (made.n_features_in_, made.n_layers_) == (4, fitted.n_layers_)
    assert estimator_html_repr(made)
    assert made.partial_fit(X, target(model)).n_iter_ == 1
    assert_array_equal(made.fit(X, target(model)).predict(X), fitted.predict(X))  # anew, as if there had been no hand


@each_class
@pytest.mark.parametrize("name", NETWORKS)
def test_numbers_of_every_layer_go_back_in(network, name):
    layers, n_coefs, n_intercepts, n_layers = NETWORKS[name]
    model = assert_round_trip(network(layers, **QUICK))
    assert (len(model.coefs_), len(model.intercepts_), model.n_layers_) == (n_coefs, n_intercepts, n_layers)


@each_class
@pytest.mark.parametrize("name", NETWORKS)
def test_networks_are_made_by_hand(network, name):
    assert_made_by_hand(network(NETWORKS[name][0], **QUICK))


@each_estimator
def test_every_estimator(model):
    assert_round_trip(model)
    assert_made_by_hand(model)


KERNELS = [np.ones((2, 2, 1, 3)), np.ones((3, 2))], [np.zeros(3), np.zeros(2)]


@pytest.mark.parametrize(
    ("layers", "numbers", "message"),
    [
        ([Conv2D(3, 2), ReLU()], KERNELS, r"Put Reshape\(\(height, width, channels\)\) before"),
        ([Dense(3)], ([np.ones(4), 2.0], [[0.0, 0.0]]), r"two axes.*\[\(4,\), \(\)\].*Reshape\(\(n_features,\)\)"),
    ],
    ids=["images of no shape", "nothing as wide as a row"],
)
def test_what_does_not_tell_the_shape_of_a_row_is_refused(layers, numbers, message):
    model = NetworkRegressor(layers)
    with pytest.raises(ValueError, match=message):
        model.set_weights(*numbers)
    assert not model.__sklearn_is_fitted__()


def test_scalars_may_be_numbers():
    model = NetworkRegressor([Gain(), Gain()]).set_weights([3.0, np.float32(2), [[1.0], [2.0]]], [[0.5]])
    assert_array_equal(model.predict([[1.0, 1.0]]), [3 * 2 * (1 + 2) + 0.5])
    for wrong in (np.nan, "a", [3.0]):
        with pytest.raises(ValueError, match=r"coefs\[1\] (must be finite numbers|should have the shape \(\))"):
            model.set_weights([3.0, wrong, [[1.0], [2.0]]], [[0.5]])


@pytest.mark.parametrize("fitted", [False, True])
def test_numbers_too_large_for_the_networks_dtype_are_refused(fitted):
    model = MLPRegressor((), dtype="float32", **QUICK)
    if fitted:
        model.fit(X, NUMBERS)
    with pytest.raises(ValueError, match=r"coefs\[0\] must be finite numbers in float32.*1e\+300.*dtype='float64'"):
        model.set_weights([np.full((4, 1), 1e300)], [[0.0]])
    assert model.__sklearn_is_fitted__() is fitted
    huge = MLPRegressor((), dtype="float64").set_weights([np.full((4, 1), 1e300)], [[0.0]])
    assert huge.predict([[0.0, 0, 0, 1]]) == [1e300]


def test_several_labels_are_for_a_network_that_is_made_here():
    one, several = (
        MLPClassifier(()).set_weights([np.ones((4, 3))], [np.zeros(3)], multilabel=m) for m in (False, True)
    )
    before = numbers(one)
    with pytest.raises(ValueError, match=r"multilabel=True.*Leave multilabel=False"):
        one.set_weights([np.zeros((4, 3))], [np.zeros(3)], multilabel=True)
    assert_array_equal(numbers(one), before)
    several.set_weights([np.zeros((4, 3))], [np.zeros(3)], multilabel=True)  # as it is


@pytest.mark.parametrize("factor", [1.0, 1000.0])
def test_scale_of_the_weights_of_rows_means_nothing_after_weights_by_hand_either(factor):
    coefs, intercepts = [np.ones((4, 5)), np.ones((5, 1))], [np.zeros(5), np.zeros(1)]
    weight = rng.random(90)
    settings = {"solver": "sgd", "standardize": False, "learning_rate_init": 1e-4, "random_state": 0}
    a, b = (
        MLPRegressor((5,), **settings).set_weights(coefs, intercepts).partial_fit(X, NUMBERS, w)
        for w in (weight, factor * weight / weight.mean())
    )
    assert_allclose(numbers(a), numbers(b), rtol=1e-12)
    assert_allclose(a.loss_, b.loss_, rtol=1e-12)


# The lecture's network, and what is refused


def test_set_weights_makes_the_lectures_network():
    # Lecture row 5: a logistic unit everywhere, the output included.
    coefs = [[[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]], [[0.1, 0.3], [0.5, 0.2], [0.4, 0.6]], [[0.5, 0.2], [0.4, 0.6]]]
    intercepts = [[0.1, 0.2, 0.3], [0.2, 0.3], [0.1, 0.3]]
    model = MLPClassifier((3, 2), "logistic").set_weights(coefs, intercepts, multilabel=True)
    assert_allclose(model.predict_proba([[1.0, 0.5]]), [[0.67948244, 0.7082739]], rtol=1e-6)
    network = NetworkClassifier([Dense(3), Logistic(), Dense(2), Logistic()])
    assert_allclose(
        network.set_weights(coefs, intercepts, multilabel=True).predict_proba([[1.0, 0.5]])[0, 0], 0.67948244, rtol=1e-6
    )


def test_weights_by_hand_have_no_reason_to_stop():
    network = MLPClassifier((2,)).set_weights([np.ones((3, 2)), np.ones((2, 1))], [np.zeros(2), np.zeros(1)])
    assert network.stop_reason_ is None
    assert network.n_iter_ == 0


def test_set_weights_is_all_or_nothing():
    model = MLPClassifier((5,))
    with pytest.raises(ValueError, match="shape"):
        model.set_weights([np.ones((4, 6)), np.ones((6, 3))], [np.zeros(6), np.zeros(3)])
    assert not model.__sklearn_is_fitted__()
    model.set_params(**QUICK).fit(X, CODES)
    before = numbers(model)
    for coefs, intercepts in (
        ([np.ones((4, 5)), np.ones((5, 4))], model.intercepts_),
        ([np.ones((4, 5)), [["?"] * 3] * 5], model.intercepts_),
        ([np.ones((4, 5)), np.full((5, 3), np.nan)], model.intercepts_),
    ):
        with pytest.raises(ValueError, match=r"Layer 1|coefs"):
            model.set_weights(coefs, intercepts)
        assert_array_equal(numbers(model), before)
