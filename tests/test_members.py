"""Several networks trained at once: each is a network of its own, and what all of them predict is the mean."""

import pickle
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.special import expit, softmax
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator

from sknn_scratch import (
    Autoencoder,
    HiddenFeatures,
    MLPClassifier,
    MLPRegressor,
    check_gradient,
    diagnose,
    find_learning_rate,
)
from sknn_scratch.inspection import NetworkDisplay, WeightsDisplay, input_gradient
from sknn_scratch.nn.layers import Dense, MemberDense, MemberMean, MemberScaling, Tanh
from sknn_scratch.nn.losses import Huber, PerceptronLoss, SoftmaxCrossEntropy
from sknn_scratch.nn.members import MembersObjective
from sknn_scratch.nn.network import Network
from sknn_scratch.nn.objective import Objective
from sknn_scratch.nn.penalty import ElasticNet
from sknn_scratch.nn.rows import Rows
from tests.differences import assert_gradient
from tests.nn.tables import draw_numbers, mode

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
NUMBERS = np.sin(X[:, 0]) + X[:, 1]
LABELS = np.array(["one", "two", "three"])[np.digitize(NUMBERS, [-0.5, 0.5])]
PAIRS = np.c_[X[:, 0] > 0, X[:, 1] > 0].astype(int)
QUICK = {"max_iter": 3, "random_state": 0}
KINDS = ["independent", "shared"]
every_kind = pytest.mark.parametrize("kind", KINDS)

SMALL = QUICK | {"hidden_layer_sizes": (6, 5), "n_members": 3}
classifier, regressor = partial(MLPClassifier, **SMALL), partial(MLPRegressor, **SMALL)


def separate(model, i):
    """Return a plain network with the weights of one of the independent members."""
    plain = clone(model).set_params(n_members=1, standardize=False)

    def blocks(array):
        return array.reshape(*array.shape[:-1], model.n_members, -1)[..., i, :]

    arrays = [blocks(W) for W in model.coefs_], [blocks(b) for b in model.intercepts_]
    return plain.set_weights(*arrays, **({"classes": model.classes_} if hasattr(model, "classes_") else {}))


# The layers and the objective


def forward(layer, x, **arrays):
    x = np.array(x, float)
    network = Network([layer], x.shape[1:], np.float64)
    for name, array in arrays.items():
        setattr(network.params[0], name, array)
    return layer.forward(network.params[0], x, mode())[0]


def test_scaling_by_hand():
    assert_array_equal(forward(MemberScaling(2), [[3, 4]], s=[1, -1, 2, 0.5]), [[[3, -4], [6, 2]]])


def test_scales_start_as_random_signs():
    network = Network([MemberScaling(200)], (5,), np.float32)
    network.initialize(np.random.default_rng(0))
    (s,) = network.weights()
    assert sorted(set(s.tolist())) == [-1, 1]
    assert abs(s.mean()) < 0.1
    assert network.n_decayed == 0


def test_dense_layers_by_hand():
    W, b = [[1, 2, 3, 4], [5, 6, 7, 8]], [0, 0, 10, 20]  # two members of two units
    assert_array_equal(forward(MemberDense(2, 2), [[1, -1]], W=W, b=b), [[[-4, -4], [6, 16]]])
    assert_array_equal(forward(MemberDense(2, 2), [[[1, 0], [0, 1]]], W=W, b=b), [[[1, 2], [17, 28]]])


def test_dense_needs_rows_of_its_members():
    with pytest.raises(ValueError, match=r"rows of 2 members, got rows of shape \(3, 4\)"):
        MemberDense(5, 2).plan((3, 4))
    with pytest.raises(ValueError, match=r"'softmax'.*got 'relu'"):
        MemberMean("relu")


@pytest.mark.parametrize(
    ("link", "f"),
    [
        ("identity", np.asarray),
        ("softmax", partial(softmax, axis=-1)),
        ("logistic", expit),
        ("exp", np.exp),
        ("sorted", np.sort),
    ],
)
def test_mean_is_that_of_predictions(link, f):
    x = RNG.normal(size=(5, 4, 3))
    assert_allclose(f(forward(MemberMean(link), x)), f(x).mean(axis=1), rtol=1e-12)


def test_mean_of_probabilities_that_round_to_0_or_1():
    x = [[[800.0], [-800.0]], [[-900.0], [-800.0]], [[800.0], [900.0]]]
    assert_allclose(forward(MemberMean("logistic"), x)[:, 0], [0, -800 - np.log(2), 800 + np.log(2)], atol=1e-12)
    y = forward(MemberMean("softmax"), [[[0, 800.0], [0, 900.0]]])
    assert_allclose(y[0, 0] - y[0, 1], -800 - np.log(2))


@pytest.mark.parametrize("loss", [SoftmaxCrossEntropy(), Huber()], ids=str)
def test_objective_is_the_mean_of_those_of_separate_networks(loss):
    k, rng = 3, np.random.default_rng(0)
    together = Network([MemberDense(5, k), Tanh(), MemberDense(2, k), MemberMean(loss.link)], (4,), np.float64)
    draw_numbers(together, rng)
    rows = Rows(X[:7], np.eye(2)[rng.integers(2, size=7)], rng.random(7))
    penalty = ElasticNet(0.1, 0.3)
    objective = MembersObjective(together, loss, penalty, share=1 / k)
    value = objective.value_and_gradient(rows, mode())
    values = []
    for i in range(k):
        alone = Network([Dense(5), Tanh(), Dense(2)], (4,), np.float64)
        blocks = [array.reshape(*array.shape[:-1], k, -1) for array in (*together.weights(), *together.biases())]
        for mine, its in zip((*alone.weights(), *alone.biases()), blocks, strict=True):
            mine[...] = its[..., i, :]
        values.append(Objective(alone, loss, penalty).value_and_gradient(rows, mode()))
        gradients = [together.grads[layer] for layer in (0, 2)], [alone.grads[layer] for layer in (0, 2)]
        for of_all, of_one in zip(*gradients, strict=True):
            for name, array in vars(of_one).items():
                whole = getattr(of_all, name)
                assert_allclose(whole.reshape(*whole.shape[:-1], k, -1)[..., i, :], array / k, rtol=1e-9, atol=1e-12)
    assert value == pytest.approx(np.mean(values))
    assert objective.value(rows) == pytest.approx(value)


@every_kind
def test_gradient_of_the_objective(kind):
    rng, loss = np.random.default_rng(0), SoftmaxCrossEntropy()
    dense = partial(MemberDense, n_members=3) if kind == "independent" else Dense
    first = [] if kind == "independent" else [MemberScaling(3)]
    network = Network([*first, dense(5), Tanh(), MemberDense(2, 3), MemberMean("softmax")], (4,), np.float64)
    draw_numbers(network, rng)
    rows = Rows(X[:7], np.eye(2)[rng.integers(2, size=7)], rng.random(7))
    objective = MembersObjective(network, loss, ElasticNet(0.1, 0.3))
    objective.value_and_gradient(rows, mode())
    gradient = network.gradient.copy()

    def value(theta):
        network.theta[:] = theta
        return objective.value_and_gradient(rows, mode())

    assert_gradient(value, network.theta.copy(), gradient, rng)


# The estimators


def repr_of(value):
    return "" if isinstance(value, np.ndarray) else str(value)


@every_kind
@pytest.mark.parametrize("model", [classifier(), regressor()], ids=lambda model: type(model).__name__)
def test_one_member_is_the_plain_network(model, kind):
    y = LABELS if isinstance(model, MLPClassifier) else NUMBERS
    plain = clone(model).set_params(n_members=1).fit(X, y)
    one = clone(model).set_params(n_members=1, member_weights=kind).fit(X, y)
    assert_array_equal(one._network.theta, plain._network.theta)
    assert one._network.layers == plain._network.layers


@pytest.mark.parametrize("solver", ["adam", "adamw", "lbfgs"])
def test_members_are_trained_as_if_alone(solver):
    """With all rows in a mini-batch, of which each member sees the same; L-BFGS searches along one line for all."""
    settings = {"batch_size": 60, "max_iter": 8, "alpha": 0.05, "warm_start": True, "random_state": 0}
    if solver == "lbfgs":
        settings |= {"max_iter": 1000, "tol": 1e-9, "hidden_layer_sizes": ()}  # each has one minimum
    else:
        settings |= {"hidden_layer_sizes": (6, 5), "epsilon": 1e-16}
    sizes = [4, *settings["hidden_layer_sizes"], 3]
    model = MLPClassifier(solver=solver, n_members=3, **settings).set_weights(
        [RNG.normal(size=(n_in, 3 * n_out)) for n_in, n_out in pairwise(sizes)],
        [RNG.normal(size=3 * n_out) for n_out in sizes[1:]],
        classes=np.unique(LABELS),
    )
    alone = [separate(model, i) for i in range(3)]
    for each in (model, *alone):
        each.fit(X, LABELS)
    mean = np.mean([each.predict_proba(X) for each in alone], axis=0)
    assert_allclose(model.predict_proba(X), mean, rtol=1e-6)


@every_kind
def test_predictions_are_means_and_std_their_spread(kind):
    many = classifier(member_weights=kind).fit(X, LABELS)
    raw = many._network[:-1].predict(X)
    p = softmax(raw, axis=2)
    assert_allclose(many.predict_proba(X), p.mean(axis=1), rtol=1e-5)
    assert_allclose(many.predict_std(X), p.std(axis=1), rtol=1e-3, atol=1e-6)
    assert many.predict_std(X).min() > 0  # members differ
    assert_array_equal(many.predict(X), many.classes_[many.predict_proba(X).argmax(axis=1)])
    two = classifier(member_weights=kind).fit(X, LABELS == "two")
    p = expit(two._network[:-1].predict(X))
    assert_allclose(two.predict_proba(X)[:, 1:], p.mean(axis=1), rtol=1e-5)
    assert_allclose(two.predict_std(X), p.std(axis=1).repeat(2, axis=1), rtol=1e-3, atol=1e-6)
    numbers = regressor(member_weights=kind).fit(X, 100 * NUMBERS)
    y = numbers._network[:-1].predict(X)[:, :, 0] * numbers._target.scale + numbers._target.mean
    assert_allclose(numbers.predict(X), y.mean(axis=1), rtol=1e-4, atol=1e-4)
    assert_allclose(numbers.predict_std(X), y.std(axis=1), rtol=1e-4)


def test_std_by_hand():
    """Two members predict x + 1 and 5 x - 1: apart by 4 x - 2, so 2 x - 1 from their mean, up to the sign."""
    model = MLPRegressor((), n_members=2).set_weights([[[1, 5]]], [[1, -1]])
    assert_allclose(model.predict([[2.0], [0.5]]), [6, 1.5])
    assert_allclose(model.predict_std([[2.0], [0.5]]), [3, 0])


def test_biases_by_hand_are_those_of_all_members():
    with pytest.raises(ValueError, match="should have 2 biases for each output, one for each member, got 3 in all"):
        MLPRegressor((), n_members=2).set_weights([[[1, 5, 2]]], [[1, -1, 0]])


def test_std_in_units_whose_squares_overflow():
    rows = X.astype(np.float32)
    model = regressor().fit(rows, 1e30 * NUMBERS)
    std = model.predict_std(rows)
    assert std.dtype == np.float32
    assert_allclose(std, (model._network[:-1].predict(rows) * model._target.scale).std(axis=1)[:, 0], rtol=1e-3)


def test_std_of_one_network_is_not_there():
    with pytest.raises(AttributeError, match="predict_std") as missing:
        _ = MLPRegressor().predict_std
    assert "n_members=1. Fit with n_members=8" in str(missing.value.__cause__)
    with pytest.raises(AttributeError, match="predict_std"):
        _ = MLPRegressor((2,), **QUICK).fit(X, NUMBERS).set_params(n_members=3).predict_std
    assert hasattr(regressor(), "predict_std")
    assert not hasattr(classifier(loss=PerceptronLoss()), "predict_std")


@every_kind
@pytest.mark.parametrize(
    ("settings", "y"),
    [
        ({"loss": "quantile", "quantile": (0.1, 0.9)}, NUMBERS),
        ({"loss": "poisson"}, np.exp(NUMBERS)),
        ({"solver": "lbfgs", "alpha": 0.1, "l1_ratio": 0.5}, np.c_[NUMBERS, X]),
        ({"activation": "maxout", "dropout": 0.2, "drop_connect": 0.2, "max_norm": 1.0}, NUMBERS),
        ({"early_stopping": True, "refit": True, "embedding": "periodic"}, NUMBERS),
        ({"hidden_layer_sizes": (), "solver": "adamw", "gradient_clip": 0.1}, NUMBERS),
        ({}, LABELS),
        ({"class_weight": "balanced", "early_stopping": True, "scoring": "neg_log_loss"}, LABELS),
        ({"loss": PerceptronLoss()}, LABELS),
        ({}, PAIRS),
    ],
    ids=repr_of,
)
def test_settings(kind, settings, y):
    model = (classifier if y.dtype.kind in "Ui" else regressor)(member_weights=kind, **settings)
    model.fit(X, y, sample_weight=np.arange(60) % 3)
    assert model.predict(X).shape == (y.shape if "quantile" not in settings else (60, 2))
    if hasattr(model, "predict_std"):
        assert model.predict_std(X).shape == getattr(model, "predict_proba", model.predict)(X).shape
    again = pickle.loads(pickle.dumps(model))
    assert_array_equal(again.predict(X), model.predict(X))
    weights = [W.copy() for W in model.coefs_], [b.copy() for b in model.intercepts_]
    by_hand = clone(model).set_params(standardize=False, embedding=None, dtype="float64", early_stopping=False)
    if settings.get("embedding"):
        return
    classes = {"classes": model.classes_, "multilabel": y.ndim == 2} if y.dtype.kind in "Ui" else {}
    by_hand.set_weights(*weights, **classes)
    assert all((a == b).all() for a, b in zip(by_hand.coefs_, weights[0], strict=True))
    by_hand.fit(X, y)


@every_kind
def test_going_on_is_never_having_stopped(kind, tmp_path):
    settings = {"learning_rate": "constant", "alpha": 1e-3, "member_weights": kind}
    whole = regressor(**settings).fit(X, NUMBERS)
    parts = regressor(**settings)
    for _ in range(3):
        parts.partial_fit(X, NUMBERS)
    assert_array_equal(parts.predict(X), whole.predict(X))
    checkpoint = regressor(**settings, checkpoint=tmp_path / "members").fit(X, NUMBERS)
    assert_array_equal(clone(checkpoint).fit(X, NUMBERS).predict(X), whole.predict(X))
    with pytest.raises(ValueError, match="warm_start=False"):
        parts.set_params(n_members=2).partial_fit(X, NUMBERS)


@every_kind
def test_sparse_rows_are_dense_ones(kind):
    rows = X * (RNG.random(X.shape) < 0.3)
    models = [
        classifier(member_weights=kind, standardize=False).fit(form(rows), LABELS)
        for form in (np.asarray, sparse.csr_array)
    ]
    assert_allclose(models[1].predict_proba(sparse.csr_array(rows)), models[0].predict_proba(rows), rtol=1e-4)


def test_pretraining_is_for_one_network():
    with pytest.raises(ValueError, match=r"n_members=3.*n_members=1"):
        classifier(pretrain=Autoencoder(max_iter=1)).fit(X, LABELS)
    with pytest.raises(ValueError, match="n_members=3"):
        classifier(pretrain=FrozenEstimator(classifier().fit(X, LABELS))).fit(X, LABELS)


@every_kind
def test_tools_look_into_members(kind):
    model = classifier(member_weights=kind).fit(X, LABELS)
    assert max(check_gradient(model, X, LABELS)["relative_error"]) < 1e-5
    assert find_learning_rate(model, X, LABELS, n_steps=20).losses.min() < 3
    assert HiddenFeatures(FrozenEstimator(model)).fit(X).transform(X).shape == (60, 3 * 5)
    step = 1e-5 * np.eye(4)[0]
    scores = [model.decision_function(X[:5] + sign * step)[:, 1] for sign in (1, -1)]
    gradient = input_gradient(model, X[:5], target=model.classes_[1])[:, 0]
    assert_allclose(gradient, (scores[0] - scores[1]) / 2e-5, rtol=1e-4, atol=1e-6)
    pytest.importorskip("matplotlib")
    NetworkDisplay.from_estimator(model)
    assert WeightsDisplay.from_estimator(model, units=range(6)).weights.shape == (4, 6)


@every_kind
def test_dead_units_are_counted_in_each_member(kind):
    model = classifier(member_weights=kind).fit(X, LABELS)
    model.intercepts_[0][:] = -1000
    assert any("18 of its 18 units" in sentence for sentence in diagnose(model, X, LABELS))


def test_a_number_of_numpys_is_a_number():
    assert_array_equal(
        regressor(n_members=np.int64(3)).fit(X, NUMBERS).predict(X), regressor().fit(X, NUMBERS).predict(X)
    )
