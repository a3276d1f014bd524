"""Objective: the gradient of whole networks, against differences and against scikit-learn's."""

import inspect
import warnings
from contextlib import nullcontext

import numpy as np
import pytest
from scipy import sparse
from sklearn import neural_network
from sklearn.exceptions import ConvergenceWarning

from sknn_scratch.nn import network as network_module
from sknn_scratch.nn import objective as objective_module
from sknn_scratch.nn.layers import Dense, Identity, Logistic, ReLU, Standardize, Tanh
from sknn_scratch.nn.losses import BinaryCrossEntropy, Huber, Poisson, SoftmaxCrossEntropy, SquaredError
from sknn_scratch.nn.network import Network
from sknn_scratch.nn.objective import Objective
from sknn_scratch.nn.penalty import ElasticNet
from sknn_scratch.nn.rows import Rows
from sknn_scratch.nn.workers import workers
from tests.differences import assert_gradient
from tests.nn.tables import ACTIVATIONS, LOSSES, PENALTIES, apart, counts, draw_numbers, label, mode

N, N_IN, N_HIDDEN, N_OUT = 6, 4, 5, 3


def draw(activation):
    """Return a network with random numbers, and rows that put no unit and no output near a kink."""
    rng = np.random.default_rng(7)
    network = Network([Standardize(), Dense(N_HIDDEN), activation, Dense(N_OUT)], (N_IN,), np.float64)
    draw_numbers(network, rng)
    X = rng.normal(size=(N, N_IN))
    hidden = Network(network.layers[:2], (N_IN,), np.float64)
    hidden.params[0].mean, hidden.params[0].scale = network.params[0].mean, network.params[0].scale
    hidden.params[1].W, hidden.params[1].b = network.params[1].W, network.params[1].b
    raw = network.predict(X)
    assert min(abs(hidden.predict(X)).min(), abs(raw).min()) > 0.01
    return rng, network, X, raw


def value_and_gradient(objective, *rows):
    value = objective.value_and_gradient(Rows(*rows), mode())
    return value, objective.network.gradient.copy()


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=label)
@pytest.mark.parametrize(("loss", "draw_target"), LOSSES, ids=label)
@pytest.mark.parametrize("penalty", PENALTIES, ids=label)
def test_gradient_of_whole_networks(activation, loss, draw_target, penalty):
    rng, network, X, raw = draw(activation)
    target, weight = draw_target(rng, raw), rng.random(N) + 0.5
    objective = Objective(network, loss, penalty)
    _, gradient = value_and_gradient(objective, X, target, weight)
    trained = network.theta[: network.n_trained]

    def value(numbers):
        trained[:] = numbers
        return value_and_gradient(objective, X, target, weight)[0]

    assert_gradient(value, trained.copy(), gradient, rng)


@pytest.mark.parametrize("penalty", PENALTIES, ids=label)
def test_penalty_counts_weights_and_no_bias(penalty):
    rng, network, X, raw = draw(Tanh())
    target = apart(rng, raw)
    value, gradient = value_and_gradient(Objective(network, SquaredError(), penalty), X, target)
    plain, plain_gradient = value_and_gradient(Objective(network, SquaredError(), ElasticNet()), X, target)
    weights = np.concatenate([network.params[1].W.ravel(), network.params[3].W.ravel()])
    assert value - plain == pytest.approx(penalty.value(weights), rel=1e-10, abs=1e-12)
    np.testing.assert_array_equal(gradient[weights.size :], plain_gradient[weights.size :])


def test_dropped_rows_and_repeated_rows():
    """Whatever the weights, the penalty is counted once."""
    rng, network, X, raw = draw(Tanh())
    target, weight = apart(rng, raw), np.array([2, 0, 1, 3, 0, 0])  # with mean 1
    objective = Objective(network, Huber(), ElasticNet(0.1, 0.5))
    value, gradient = value_and_gradient(objective, X, target, weight.astype(float))
    value_k, gradient_k = value_and_gradient(objective, X.repeat(weight, axis=0), target.repeat(weight, axis=0))
    assert value == pytest.approx(value_k, rel=1e-13)
    np.testing.assert_allclose(gradient, gradient_k, rtol=1e-10, atol=1e-14)


def test_csr_is_dense():
    rng = np.random.default_rng(0)
    network = Network([Standardize(), Dense(3), ReLU(), Dense(2)], (4,), np.float64)
    network.initialize(rng)
    X, target = rng.normal(size=(8, 4)) * rng.integers(2, size=(8, 4)), rng.normal(size=(8, 2))
    objective = Objective(network, SquaredError(), ElasticNet(0.1))
    value, gradient = value_and_gradient(objective, X, target)
    value_csr, gradient_csr = value_and_gradient(objective, sparse.csr_array(X), target)
    assert value_csr == pytest.approx(value, rel=1e-14)
    np.testing.assert_allclose(gradient_csr, gradient, rtol=1e-12)


def test_rows_may_lie_in_the_arena_of_the_pass():
    """That is where the trainer puts them, so the objective must not lend their memory again."""
    rng = np.random.default_rng(0)
    network = Network([Dense(N_HIDDEN), Tanh(), Dense(N_OUT)], (N_IN,), np.float64)
    draw_numbers(network, rng)
    X, target = rng.normal(size=(N, N_IN)), rng.normal(size=(N, N_OUT))
    objective = Objective(network, SquaredError(), ElasticNet())
    value, gradient = value_and_gradient(objective, X, target)
    shared = mode()
    rows = Rows(X, target).take(np.arange(N), shared.arena)
    assert objective.value_and_gradient(rows, shared) == value
    np.testing.assert_array_equal(network.gradient, gradient)


class InShards(Identity):
    """Asks for shards, as convolutions do."""

    in_shards = True


def backwards(task, items):
    return [task(item) for item in reversed(items)][::-1]


@pytest.fixture
def sharded(monkeypatch):
    """An objective whose mini-batches are cut into shards of 4 rows, 10 rows and their weights."""
    monkeypatch.setattr(network_module, "SHARD_SIZE", 4)
    rng = np.random.default_rng(0)
    network = Network([InShards(), Dense(5), Tanh(), Dense(2)], (3,), np.float64)
    network.initialize(rng)
    objective = Objective(network, SquaredError(), ElasticNet(0.1, 0.5))
    return objective, rng.normal(size=(10, 3)), rng.normal(size=(10, 2)), rng.random(10)


@pytest.mark.parametrize("n_rows", [1, 4, 5, 10])
def test_shards_add_up_to_the_whole(sharded, n_rows, monkeypatch):
    objective, *batch = sharded
    first = [part[:n_rows] for part in batch]
    value, gradient = value_and_gradient(objective, *first)
    monkeypatch.setattr(objective_module, "workers", lambda: nullcontext(backwards))
    with objective.in_threads(len(batch[1])):
        value_and_gradient(objective, *batch)  # leaves something in all of its memory
        value_sharded, gradient_sharded = value_and_gradient(objective, *first)
    assert value_sharded == pytest.approx(value, rel=1e-13)
    np.testing.assert_allclose(gradient_sharded, gradient, rtol=1e-10)


def test_bits_do_not_depend_on_who_does_which_shard_when(sharded, monkeypatch):
    objective, *batch = sharded
    results = []
    for shared_out in (lambda: nullcontext(backwards), workers):
        monkeypatch.setattr(objective_module, "workers", shared_out)
        with objective.in_threads(len(batch[1])):
            results += [value_and_gradient(objective, *batch) for _ in range(2)]
    for value, gradient in results[1:]:
        assert value == results[0][0]
        np.testing.assert_array_equal(gradient, results[0][1])


def test_threads_are_there_within_in_threads_only_and_only_for_shards(sharded, monkeypatch):
    objective, *batch = sharded
    shards = []

    def counting(task, items):
        shards.append(len(items))
        return backwards(task, items)

    def no_threads():
        raise AssertionError

    monkeypatch.setattr(objective_module, "workers", lambda: nullcontext(counting))
    with objective.in_threads(len(batch[1])):
        value_and_gradient(objective, *batch)
    with pytest.raises(TypeError), objective.in_threads(len(batch[1])):
        value_and_gradient(objective, None, None)
    value_and_gradient(objective, *batch)
    assert shards == [3]
    monkeypatch.setattr(objective_module, "workers", no_threads)
    with Objective(Network([Dense(2)], (3,), np.float64), SquaredError(), ElasticNet()).in_threads(9):
        pass


def test_shards_go_by_the_multiplications_at_all_positions(monkeypatch):
    asked = []
    monkeypatch.setattr(objective_module, "workers", lambda: asked.append(True) or nullcontext(map))
    for positions in (1, 10):
        network = Network([Dense(2)], (positions, 3), np.float64)
        monkeypatch.setattr(objective_module, "TRAINING_WORTH_SHARING", 9 * 10 * network.sizes()[0])
        with Objective(network, SquaredError(), ElasticNet()).in_threads(9):
            assert asked == [True] * (positions == 10)


# scikit-learn's MLP as a second implementation

X = np.random.default_rng(0).normal(size=(12, N_IN))
WEIGHT = np.random.default_rng(1).random(12) + 0.5
WEIGHT /= WEIGHT.mean()
CLASSES = np.arange(12) % 3
LABELS = np.random.default_rng(2).integers(2, size=(12, 3))
NUMBERS = np.random.default_rng(3).normal(size=(12, 3))
POISSON = [
    (Poisson(), np.exp(NUMBERS[:, :1]), neural_network.MLPRegressor(loss="poisson"), np.exp(NUMBERS[:, 0]))
    for name in neural_network.MLPRegressor().get_params()
    if name == "loss"  # since scikit-learn 1.7
]

ours_and_theirs = pytest.mark.parametrize(
    ("loss", "target", "theirs", "y"),
    [
        (SoftmaxCrossEntropy(), np.eye(3)[CLASSES], neural_network.MLPClassifier(), CLASSES),
        (BinaryCrossEntropy(), (CLASSES > 0)[:, None].astype(float), neural_network.MLPClassifier(), CLASSES > 0),
        (BinaryCrossEntropy(), LABELS.astype(float), neural_network.MLPClassifier(), LABELS),
        (SquaredError(), NUMBERS[:, :1], neural_network.MLPRegressor(), NUMBERS[:, 0]),
        (SquaredError(), NUMBERS, neural_network.MLPRegressor(), NUMBERS),
        *POISSON,
    ],
    ids=["multiclass", "binary", "multilabel", "squared error", "several outputs", *["poisson"] * len(POISSON)],
)


def scikit_learn(theirs, activation, y, target, alpha, weight):
    """Return the weights of scikit-learn's network after a step, its loss and its gradient at these weights."""
    theirs.set_params(hidden_layer_sizes=(7, 5), activation=activation, alpha=alpha, max_iter=1, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        theirs.fit(X, y)
    numbers = theirs.coefs_, theirs.intercepts_
    gradients = [np.empty_like(a) for a in numbers[0]], [np.empty_like(b) for b in numbers[1]]
    weighted = "sample_weight" in inspect.signature(theirs._backprop).parameters
    if weight is not None and not weighted:
        pytest.skip("scikit-learn's MLP came to know weights in 1.7")
    loss, W, b = theirs._backprop(
        X, target, *([weight] if weighted else []), [X, None, None, None], [None, None, None], *gradients
    )
    return numbers, loss, np.concatenate([part.ravel() for part in [*W, *b]])


@ours_and_theirs
@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["", "weighted"])
def test_loss_and_gradient_are_those_of_scikit_learn(loss, target, theirs, y, activation, weight):
    """At alpha = its alpha / rows."""
    recipe = next(a for a in ACTIVATIONS if type(a).__name__.lower() == activation)
    k = target.shape[1]
    network = Network([Dense(7), recipe, Dense(5), recipe, Dense(k)], (N_IN,), np.float64)
    numbers, their_loss, their_gradient = scikit_learn(theirs, activation, y, target, 0.3, weight)
    for p, W, b in zip(network.params[::2], *numbers, strict=True):
        p.W, p.b = W, b
    value, gradient = value_and_gradient(Objective(network, loss, ElasticNet(0.3 / len(X))), X, target, weight)
    assert value == pytest.approx(their_loss, rel=1e-10)
    if isinstance(loss, SquaredError) and k > 1:
        # Its gradient is that of k times its loss (issue 8349): wrong by k, but for the penalty. Ours is its loss's,
        # as test_gradient_of_whole_networks shows.
        pull = np.zeros_like(gradient)
        pull[: network.n_decayed] = 0.3 / len(X) * network.theta[: network.n_decayed]
        their_gradient = (their_gradient - pull) / k + pull
    np.testing.assert_allclose(gradient, their_gradient, rtol=1e-10, atol=1e-13)


def test_lecture_backpropagation_by_hand():
    """Row 8: delta_out = (g - d) f'(h), delta_i = (sum_k delta_k w_ki) f'(h_i), dE/dw_ij = g_j delta_i.

    One input 1, hidden logistic units at h = 0 and log 3 (outputs 1/2 and 3/4), output weights 4 and 8, target 7.
    """
    network = Network([Dense(2), Logistic(), Dense(1)], (1,), np.float64)
    hidden, _, output = network.params
    hidden.W, hidden.b, output.W, output.b = [[0, np.log(3)]], [0, 0], [[4], [8]], [0]
    value, _ = value_and_gradient(Objective(network, SquaredError(), ElasticNet()), np.ones((1, 1)), np.array([[7.0]]))
    assert value == pytest.approx(0.5)  # the output is 2 + 6, the error 1
    np.testing.assert_allclose(network.grads[2].W, [[0.5], [0.75]])
    np.testing.assert_allclose(network.grads[2].b, [1])
    np.testing.assert_allclose(network.grads[0].b, [4 * 0.25, 8 * 0.1875])
    np.testing.assert_allclose(network.grads[0].W, [[1, 1.5]])


def test_poisson_needs_no_special_case_at_zero_counts():
    rng, network, X, raw = draw(Tanh())
    target = counts(rng, raw)
    assert (target == 0).any()
    value, gradient = value_and_gradient(Objective(network, Poisson(), ElasticNet()), X, target)
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()
