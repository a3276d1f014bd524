"""A data set is a weighted set of rows: a row of weight k is k rows, whatever their order and the weights' unit."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone

from sknn_scratch import (
    ConvNetClassifier,
    ConvNetRegressor,
    MLPClassifier,
    MLPRegressor,
    NetworkClassifier,
    NetworkRegressor,
    PerceptronClassifier,
)
from sknn_scratch.data import distinct as rows
from sknn_scratch.nn.layers import Dense, Tanh
from sknn_scratch.nn.losses import Focal
from tests.learned import numbers

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

rng = np.random.default_rng(0)
X = rng.normal(size=(43, 4))
X[1] = X[0]  # two rows that differ in their target alone
LABELS = rng.integers(0, 3, 43)
LABELS[:2] = 0, 1
TARGETS = {
    "binary": LABELS % 2,
    "multiclass": np.array(["a", "b", "c"])[LABELS],
    "multilabel": (rng.random((43, 3)) < [0.2, 0.5, 0.7]).astype(int),
    "number": X[:, 0] + LABELS,
    "numbers": np.c_[X[:, 0] + LABELS, 100 * X[:, 1]],
}
WEIGHT = rng.integers(0, 4, 43)


def network(target, **params):
    cls = MLPRegressor if target.startswith("number") else MLPClassifier
    short = {"hidden_layer_sizes": (5,), "max_iter": 12, "random_state": 0, "learning_rate_init": 0.01}
    return cls(**short | {"dtype": "float64"} | params)


def learn(target, X, y, sample_weight=None, **params):
    return network(target, **params).fit(X, y, sample_weight)


def assert_same(a, b):
    if isinstance(a, PerceptronClassifier):  # of integers: no rounding
        assert_array_equal(numbers(a), numbers(b))
        assert a.mistakes_ == b.mistakes_
        return
    assert_allclose(numbers(a), numbers(b), rtol=1e-7, atol=1e-9)
    assert_allclose(a.loss_curve_, b.loss_curve_, rtol=1e-7)


SETTINGS = [
    {"batch_size": 1},
    {"batch_size": 5},
    {"batch_size": 7},
    {},
    {"batch_size": 7, "early_stopping": True, "validation_fraction": 0.3},
    {"early_stopping": True, "validation_fraction": 0.2, "max_iter": 60},
    {"batch_size": 5, "solver": "momentum", "learning_rate": "invscaling"},
    {"batch_size": 5, "solver": "rmsprop", "learning_rate": "cosine"},
    {"solver": "lbfgs"},
    {"batch_size": 5, "alpha": 0.01, "l1_ratio": 1.0},
    {"batch_size": 5, "standardize": False},
]


def assert_weight_k_is_k_rows_in_any_order(model, X, y):
    """Fit weighted rows, many rows in another order, and weighted rows in another order."""
    n = X.shape[0]
    weight = np.random.default_rng(0).integers(0, 4, n)
    weighted = clone(model).fit(X, y, weight)
    order = np.random.default_rng(1).permutation(np.repeat(np.arange(n), weight))
    assert_same(weighted, clone(model).fit(X[order], y[order]))
    order = np.random.default_rng(2).permutation(n)
    again = clone(model).fit(X[order], y[order], weight[order])
    assert_array_equal(numbers(weighted), numbers(again))
    heavy = clone(model).fit(X, y, weight * 2.0**-100)
    assert_same(weighted, heavy)  # the unit of the weights means nothing


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("target", TARGETS)
def test_weight_k_is_k_rows_of_a_network(target, settings):
    assert_weight_k_is_k_rows_in_any_order(network(target, **settings), X, TARGETS[target])


@pytest.mark.parametrize(
    ("model", "target"),
    [
        (NetworkClassifier([Dense(5), Tanh()]), "multiclass"),
        (NetworkRegressor([Dense(5), Tanh()]), "numbers"),
        (ConvNetClassifier(filters=2, hidden_layer_sizes=5), "multilabel"),
        (ConvNetRegressor(filters=2, hidden_layer_sizes=5), "number"),
        (MLPClassifier((5,), loss=Focal()), "binary"),
        (MLPRegressor((5,), loss="quantile", quantile=0.3), "number"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("batch_size", [5, "auto"])
def test_weight_k_is_k_rows_of_every_network(model, target, batch_size):
    model = clone(model).set_params(batch_size=batch_size, max_iter=6, random_state=0)
    assert_weight_k_is_k_rows_in_any_order(model, X, TARGETS[target])


WHOLE = np.random.default_rng(3).integers(-2, 3, size=(200, 3)).astype(float)  # several of them equal


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"averaged": True},
        {"class_weight": "balanced"},
        {"class_weight": {1: 3.0}},
        {"tol": 1e-3},
        {"fit_intercept": False, "eta0": 0.1},
    ],
    ids=str,
)
def test_weight_k_is_k_rows_of_a_perceptron(settings, n_classes, container):
    model = PerceptronClassifier(random_state=0, max_iter=5, **settings)
    y = np.random.default_rng(4).integers(n_classes, size=200)
    assert_weight_k_is_k_rows_in_any_order(model, container(WHOLE), y)


@pytest.mark.parametrize("target", ["binary", "multiclass", "multilabel"])
@pytest.mark.parametrize("batch_size", [1, 7, "auto"])
def test_balanced_counts_weights_not_rows(target, batch_size):
    settings = {"class_weight": "balanced", "batch_size": batch_size}
    y, order = TARGETS[target], np.repeat(np.arange(43), WEIGHT)
    assert_same(learn(target, X, y, WEIGHT, **settings), learn(target, X[order], y[order], **settings))


@pytest.mark.parametrize("target", ["multiclass", "number"])
def test_sparse_rows_are_merged_too(target):
    S, y, order = sparse.csr_array(X * (X > 0)), TARGETS[target], np.repeat(np.arange(43), WEIGHT)
    weighted = learn(target, S, y, WEIGHT, batch_size=7)
    assert_same(weighted, learn(target, S[order], y[order], batch_size=7))
    assert weighted.t_ == 12 * np.count_nonzero(WEIGHT)  # equal rows are one row


def test_equal_hashes_are_not_equal_rows(monkeypatch):
    monkeypatch.setattr(rows, "_hash", lambda X: np.zeros(X.shape[0], np.uint64))
    y, order = TARGETS["number"], np.random.default_rng(1).permutation(np.repeat(np.arange(43), WEIGHT))
    weighted = learn("number", X, y, WEIGHT, batch_size=7)
    assert weighted.t_ == 12 * np.count_nonzero(WEIGHT)
    assert_same(weighted, learn("number", X[order], y[order], batch_size=7))


@pytest.mark.parametrize("unit", [1e-6, 7, 1e6])
@pytest.mark.parametrize("settings", [*SETTINGS, {"shuffle": False, "batch_size": 7}], ids=str)
def test_weights_have_no_unit(settings, unit):
    y = TARGETS["number"]
    assert_same(learn("number", X, y, WEIGHT, **settings), learn("number", X, y, WEIGHT * unit, **settings))


@pytest.mark.parametrize("kind", [list, np.float32, np.int64])
def test_weights_of_any_kind(kind):
    y, weight = TARGETS["binary"], WEIGHT.tolist() if kind is list else WEIGHT.astype(kind)
    assert_array_equal(numbers(learn("binary", X, y, weight)), numbers(learn("binary", X, y, WEIGHT)))


@pytest.mark.parametrize("settings", [{}, {"batch_size": 1}, {"shuffle": False, "batch_size": 5}], ids=str)
@pytest.mark.parametrize("target", ["multiclass", "number"])
def test_zero_weight_means_gone(target, settings):
    y = TARGETS[target]
    gone = np.full((9, 4), 1e200)
    y_gone = np.full((9, *y.shape[1:]), 1e200) if target.startswith("number") else y[:9]
    given = learn(target, np.r_[X, gone], np.r_[y, y_gone], np.r_[np.ones(43), np.zeros(9)], **settings)
    assert_same(given, learn(target, X, y, **settings))


@pytest.mark.parametrize("first", [None, 5.0])
def test_no_weights_are_weights_of_one(first):
    # Also in a stream: the unit of the weights is that of the first call, so None must not mean "one unit".
    y, twice = TARGETS["number"], np.r_[np.arange(20), np.arange(20)]
    models = [MLPRegressor((5,), random_state=0) for _ in range(2)]
    for model, ones in zip(models, [None, np.ones(23)], strict=True):
        model.partial_fit(X[twice], y[twice], None if first is None else np.full(40, first))
        model.partial_fit(X[20:], y[20:], ones)
    assert_same(*models)


@pytest.mark.parametrize("batch_size", [1, 7, "auto"])
@pytest.mark.parametrize("sample_weight", [None, WEIGHT])
def test_class_weight_is_a_weight_of_each_row(sample_weight, batch_size):
    def model(class_weight, weight, target="multiclass"):
        y = TARGETS[target]
        return learn(target, X, y, weight, class_weight=class_weight, batch_size=batch_size)

    given = np.ones(43) if sample_weight is None else sample_weight
    of_row = np.array([2.0, 0.5, 1.0])[LABELS]  # a class that the dict leaves out has weight 1
    assert_same(model({"a": 2.0, "b": 0.5}, sample_weight), model(None, given * of_row))

    totals = np.bincount(LABELS, given)  # after "balanced", all classes have the same total
    assert_same(model("balanced", sample_weight), model(None, given / totals[LABELS]))

    labels = TARGETS["multilabel"]
    of_row = np.prod(np.where(labels == 1, [2.0, 3.0, 5.0], [1.0, 1.0, 7.0]), axis=1)
    dicts = [{0: 1, 1: 2}, {0: 1, 1: 3}, {0: 7, 1: 5}]
    assert_same(model(dicts, sample_weight, "multilabel"), model(None, given * of_row, "multilabel"))


def test_class_weight_in_a_stream():
    # A batch need not hold every class that the dict names, nor any.
    model = MLPClassifier((5,), class_weight={0: 2.0, 1: 3.0}, random_state=0)
    other = MLPClassifier((5,), random_state=0)
    for part in (LABELS < 3, LABELS == 2, LABELS > 0):
        model.partial_fit(X[part], LABELS[part], classes=[0, 1, 2])
        other.partial_fit(X[part], LABELS[part], [0, 1, 2], np.array([2.0, 3.0, 1.0])[LABELS[part]])
    assert_same(model, other)


NOISE, COIN = rng.normal(size=(100, 2)), np.tile([0, 1], 50)


@pytest.mark.parametrize("batch_size", [1, 2, 5, 20])
def test_weights_mean_something_in_small_batches(batch_size):
    # Weights normalised in each batch mean nothing at batch size 1. Of a logistic regression at its optimum the mean
    # probability over the weighted rows is the weighted share of the class: here 100 / 101.
    model = MLPClassifier((), solver="sgd", batch_size=batch_size, learning_rate="cosine", alpha=0, random_state=0)
    weight = np.where(COIN == 1, 100, 1)
    p = model.set_params(max_iter=min(400, 80 * batch_size), tol=0).fit(NOISE, COIN, weight).predict_proba(NOISE)[:, 1]
    assert_allclose(np.average(p, weights=weight), 100 / 101, atol=0.01)
    assert_allclose(np.mean(model.fit(NOISE, COIN).predict_proba(NOISE)[:, 1]), 0.5, atol=2e-2)


@pytest.mark.parametrize("l1_ratio", [0.0, 0.5])
def test_alpha_means_the_same_at_any_batch_size_row_count_and_unit(l1_ratio):
    # The optimum of a linear model is unique, so every way to it must end at the same numbers.
    y = TARGETS["number"]
    settings = {
        "hidden_layer_sizes": (),
        "alpha": 0.3,
        "l1_ratio": l1_ratio,
        "tol": 1e-9,
        "max_iter": 500,
        "n_iter_no_change": np.inf,
    }
    best = numbers(learn("number", X, y, WEIGHT, solver="lbfgs", **settings))
    tiled = learn("number", np.tile(X, (7, 1)), np.tile(y, 7), np.tile(WEIGHT * 1e-3, 7), shuffle=False,
                  solver="lbfgs", **settings)  # fmt: skip
    assert_allclose(numbers(tiled), best, atol=1e-6)
    for batch_size, max_iter in ((1, 100), (5, 300), ("auto", 500)):
        descended = learn("number", X, y, WEIGHT, solver="sgd", learning_rate="cosine", learning_rate_init=0.1,
                          batch_size=batch_size, **settings | {"tol": 0, "max_iter": max_iter})  # fmt: skip
        assert_allclose(numbers(descended), best, atol=0.02)


def test_score_weighs_rows():
    y, order = TARGETS["number"], np.repeat(np.arange(43), WEIGHT)
    model = learn("number", X, y)
    assert_allclose(model.score(X, y, WEIGHT), model.score(X[order], y[order]))


@pytest.mark.parametrize("n", [12, 15])
def test_sparse_constant_column_of_any_weights_has_no_warning(n):  # its variance may round to less than 0
    X = sparse.csr_array(np.full((n, 2), [1.0, 3.0]))
    reg = MLPRegressor((2,), max_iter=1, random_state=0).fit(X, np.arange(n), sample_weight=np.arange(1, n + 1))
    assert np.isfinite(reg.predict(X)).all()
