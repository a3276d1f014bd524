"""The lectures' numbers, by the names of the lectures' methods.

Row 3 is in `test_perceptron.py`, rows 4, 7 and 8 by hand in `nn/test_layers.py`, `nn/test_losses.py` and
`nn/test_objective.py`, row 16 in `nn/test_penalty.py`, `nn/test_trainer.py` and `nn/test_lbfgs.py`.
"""

import os
from pathlib import Path

import numpy as np
import pytest

from sknn_scratch import MLPClassifier, MLPRegressor, NetworkClassifier
from sknn_scratch.datasets import load_gate, load_mnist
from sknn_scratch.nn.layers import Dense, Logistic, Step
from sknn_scratch.nn.losses import SoftmaxCrossEntropy
from sknn_scratch.nn.network import Network

MNIST = Path(os.environ.get("SKNN_SCRATCH_MNIST", Path(__file__).parents[2] / "shared" / "data" / "mnist"))

# Rows 1 and 2: logic gates

BY_HAND = {"and": ([0.5, 0.5], -0.7), "nand": ([-0.5, -0.5], 0.7), "or": ([0.5, 0.5], -0.2)}


@pytest.mark.parametrize("gate", BY_HAND)
@pytest.mark.parametrize("standardize", [True, False])
def test_gates_by_hand(gate, standardize):
    w, b = BY_HAND[gate]
    X, y = load_gate(gate)
    perceptron = NetworkClassifier(standardize=standardize).set_weights([np.transpose([w])], [[b]])
    assert perceptron.predict(X).tolist() == y.tolist()


@pytest.mark.parametrize("standardize", [True, False])
def test_xor_is_and_of_nand_and_or(standardize):
    (nand, b_nand), (either, b_or), (both, b_and) = (BY_HAND[gate] for gate in ("nand", "or", "and"))
    X, y = load_gate("xor")
    network = NetworkClassifier([Dense(2), Step()], standardize=standardize)
    network.set_weights([np.transpose([nand, either]), np.transpose([both])], [[b_nand, b_or], [b_and]])
    assert network.predict(X).tolist() == y.tolist()


@pytest.mark.parametrize("settings", [{"solver": "lbfgs"}, {"learning_rate_init": 0.1}], ids=["lbfgs", "adam"])
@pytest.mark.parametrize("seed", range(10))
def test_mlp_learns_xor(settings, seed):
    """Eight tanh units; two can represent XOR, but get stuck in a local minimum for every other seed."""
    X, y = load_gate("xor")
    mlp = MLPClassifier((8,), "tanh", alpha=1e-4, random_state=seed, **settings).fit(X, y)
    assert mlp.predict(X).tolist() == y.tolist()


# Row 5: the forward pass through three layers of sigmoid units

COEFS = [[[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]], [[0.1, 0.3], [0.5, 0.2], [0.4, 0.6]], [[0.5, 0.2], [0.4, 0.6]]]
INTERCEPTS = [[0.1, 0.2, 0.3], [0.2, 0.3], [0.1, 0.3]]
OUTPUT = [[0.67948244, 0.7082739]]


@pytest.mark.parametrize("standardize", [True, False])
def test_forward_pass(standardize):
    """Two sigmoid outputs are two labels. Weights by hand mean inputs as they are, also by default."""
    mlp = MLPClassifier((3, 2), "logistic", standardize=standardize).set_weights(COEFS, INTERCEPTS, multilabel=True)
    np.testing.assert_allclose(mlp.predict_proba([[1.0, 0.5]]), OUTPUT, rtol=0, atol=5e-9)


def test_forward_pass_of_the_engine():
    network = Network([Dense(3), Logistic(), Dense(2), Logistic(), Dense(2), Logistic()], (2,), np.float64)
    for p, W, b in zip(network.params[::2], COEFS, INTERCEPTS, strict=True):
        p.W, p.b = W, b
    np.testing.assert_allclose(network.predict(np.array([[1.0, 0.5]])), OUTPUT, rtol=0, atol=5e-9)


# Row 6: softmax

SOFTMAX = [
    ([2.2, 0.4, 0.7], [0.72023846, 0.11905462, 0.16070692], 5e-9),
    ([10, 2, 1], [0.9995, 0.0003, 0.0001], 5e-5),
    ([1010, 1002, 1001], [0.9995, 0.0003, 0.0001], 5e-5),
]


@pytest.mark.parametrize(("raw", "p", "digits"), SOFTMAX)
def test_softmax(raw, p, digits):
    np.testing.assert_allclose(SoftmaxCrossEntropy().predict(np.array([raw], float)), [p], rtol=0, atol=digits)


@pytest.mark.parametrize(("raw", "p", "digits"), SOFTMAX)
def test_softmax_of_an_estimator(raw, p, digits):
    classifier = NetworkClassifier(standardize=False).set_weights([np.eye(3)], [np.zeros(3)])
    np.testing.assert_allclose(classifier.predict_proba([raw]), [p], rtol=0, atol=digits)


# Rows 10 to 14: solvers

STEPS = [
    # y = w x + b at x = 1 with target 0, from w = 1 and b = 0: both have the gradient g = w + b and move alike, so
    # that g = 1 and then 1 - 2 (first step). Rate 0.1.
    ({"solver": "sgd"}, 0.1, 0.08),
    ({"solver": "momentum", "momentum": 0.5, "nesterovs_momentum": False}, 0.1, 0.05 + 0.08),
    ({"solver": "momentum", "momentum": 0.5}, 0.15, 0.06 + 0.07),  # v = .1, then .05 + .07; steps .5 v + .1 g
    ({"solver": "adagrad", "epsilon": 1e-10}, 0.1, 0.0624695),  # cache = 1, then 1.64: .08 / 1.280625
    ({"solver": "rmsprop", "rho": 0.5}, 0.1414214, 0.1007031),  # cache = .5, then .5071573: .0717157 / .7121498
    ({"solver": "rmsprop", "rho": 0.5, "momentum": 0.5}, 0.1414214, 0.0707107 + 0.1007031),
    ({"solver": "adam"}, 0.1, 0.0988126),  # m = .17 / .19, v = .001639 / .001999: .1 * .8947368 / .9054886
]


@pytest.mark.parametrize(("settings", "first", "second"), STEPS, ids=lambda value: str(value))
def test_first_two_steps_of_the_solvers(settings, first, second):
    mlp = MLPRegressor((), learning_rate_init=0.1, learning_rate="constant", alpha=0, standardize=False, **settings)
    mlp.set_weights([[[1]]], [[0]])
    for moved in (first, first + second):
        mlp.partial_fit([[1.0]], [0.0])
        np.testing.assert_allclose(mlp.coefs_[0], [[1 - moved]], atol=1e-7)
        np.testing.assert_allclose(mlp.intercepts_[0], [-moved], atol=1e-7)


# Row 11: learning rates


@pytest.mark.parametrize(
    ("settings", "rates"),
    [
        ({"learning_rate": "step"}, 10 * [0.8] + 10 * [0.4] + 5 * [0.2]),  # half every 10 epochs
        ({"learning_rate": "inverse", "decay_rate": 1}, [0.8, 0.8 / 2, 0.8 / 3, 0.8 / 4]),
        ({"learning_rate": "exponential", "decay_rate": np.log(2)}, [0.8, 0.4, 0.2, 0.1]),
    ],
    ids=lambda value: str(value)[:40],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_learning_rates(settings, rates):
    X, y = load_gate("and")
    mlp = MLPClassifier(solver="sgd", learning_rate_init=0.8, max_iter=len(rates), n_iter_no_change=99, **settings)
    np.testing.assert_allclose(mlp.fit(X, y).history_["learning_rate"], rates)


# Row 31: MNIST


@pytest.mark.skipif(not MNIST.is_dir(), reason=f"needs the four files of MNIST in {MNIST}")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_mnist_with_50_hidden_units():
    """784-50-10 with ReLU, weights .01 N(0, 1), SGD at .1, batches of 100: about 97% after 10,000 steps.

    10,000 steps are 16.7 epochs of 600 steps; we take 17.
    """
    X, y, X_test, y_test = load_mnist(MNIST)
    lecture = {"solver": "sgd", "learning_rate_init": 0.1, "learning_rate": "constant", "batch_size": 100}
    values = {"init": "normal", "init_std": 0.01, "alpha": 0, "standardize": False, "max_iter": 17}
    model = MLPClassifier((50,), "relu", **lecture, **values, random_state=0).fit(X, y)
    assert 0.965 <= model.score(X_test, y_test) <= 0.975
