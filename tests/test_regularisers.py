"""The law that each regulariser obeys, seen through the estimators; noise layers have theirs in nn/test_layers.py."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.linear_model import Ridge

from sknn_scratch import ConvNetClassifier, MLPClassifier, MLPRegressor, NetworkClassifier
from sknn_scratch.estimators import recipes
from sknn_scratch.nn.layers import Dense, DropConnect, ReLU
from tests.learned import numbers
from tests.nn.test_layers import Alone
from tests.nn.test_trainer import coupled

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = make_classification(120, 16, n_informative=3, n_redundant=0, n_classes=3, n_clusters_per_class=1, shuffle=False,
                           random_state=0)  # fmt: skip
QUICK = {"max_iter": 10, "alpha": 0.0, "random_state": 0}


@pytest.mark.parametrize(
    "model",
    [
        MLPClassifier((8, 8), **QUICK),
        MLPClassifier((8,), drop_connect=0.2, activation="maxout", **QUICK),
        ConvNetClassifier(filters=(4, 4), hidden_layer_sizes=(8,), **QUICK),
        NetworkClassifier([Dense(8), ReLU()], **QUICK),
    ],
    ids=repr,
)
def test_max_norm_is_kept(model):
    def norms():
        return np.concatenate([np.linalg.norm(W.reshape(-1, W.shape[-1]), axis=0) for W in model.fit(X, Y).coefs_])

    assert norms().max() > 0.9
    model.set_params(max_norm=0.9)
    assert norms().max() == pytest.approx(0.9)  # some would be longer


NAMED_SOLVERS = {name: recipe(MLPClassifier()) for name, recipe in recipes.SOLVERS.items()}
every_decoupled_solver = pytest.mark.parametrize("name", [n for n, s in NAMED_SOLVERS.items() if s.decoupled])


@every_decoupled_solver
@pytest.mark.parametrize("l1_ratio", [0.0, 0.5])
@pytest.mark.parametrize("model", [MLPClassifier((8,), **QUICK), ConvNetClassifier(filters=2, **QUICK)], ids=repr)
def test_decoupled_decay_differs_where_there_is_a_penalty(model, l1_ratio, name):
    def fit(solver, alpha):
        return clone(model).set_params(solver=solver, alpha=alpha, l1_ratio=l1_ratio, batch_size=20).fit(X, Y)

    plain = coupled(NAMED_SOLVERS[name])
    assert_array_equal(numbers(fit(name, 0.0)), numbers(fit(plain, 0.0)))
    decoupled = fit(name, 0.1)
    assert not np.allclose(numbers(fit(plain, 0.1)), numbers(decoupled))
    for W, unpenalised in zip(decoupled.coefs_, fit(name, 0.0).coefs_, strict=True):
        assert np.linalg.norm(W) < np.linalg.norm(unpenalised)


@every_decoupled_solver
@pytest.mark.parametrize("l1_ratio", [0.0, 0.5])
def test_loss_curve_of_decoupled_decay_has_no_l2_part(l1_ratio, name):
    # Of one epoch in one batch the loss is that of the initial numbers, which both solvers share.
    settings = {"l1_ratio": l1_ratio, "batch_size": 120, "max_iter": 1, "random_state": 0}
    loss = {
        (what, alpha): MLPClassifier((8,), solver=solver, alpha=alpha, **settings).fit(X, Y).loss_curve_[0]
        for what, solver in (("decoupled", name), ("plain", coupled(NAMED_SOLVERS[name])))
        for alpha in (0.0, 0.1)
    }
    first = MLPClassifier((8,), learning_rate_init=1e-300, alpha=0.0, **settings).fit(X, Y)
    l1 = 0.1 * l1_ratio * sum(np.abs(W).sum() for W in first.coefs_)
    l2 = 0.1 * (1 - l1_ratio) * sum((W**2).sum() for W in first.coefs_) / 2
    assert loss["decoupled", 0.0] == loss["plain", 0.0]
    assert loss["decoupled", 0.1] == pytest.approx(loss["plain", 0.0] + l1)
    assert loss["plain", 0.1] == pytest.approx(loss["plain", 0.0] + l1 + l2)


@every_decoupled_solver
def test_decoupled_decay_shrinks_weights_that_no_gradient_moves_by_its_rate(name):
    # Inputs that are always 0 have no gradient: after each step (1 - rate * alpha) of their weights is left, and
    # biases are not decayed.
    dark = np.zeros((60, 2))
    model = MLPClassifier((3,), solver=name, alpha=0.5, learning_rate_init=0.1, learning_rate="constant",
                          batch_size=60, random_state=0, max_iter=1, dtype="float64")  # fmt: skip
    W = clone(model).set_params(learning_rate_init=1e-300).fit(dark, Y[:60]).coefs_[0]
    assert_allclose(model.fit(dark, Y[:60]).coefs_[0], 0.95 * W)
    assert_allclose(model.set_params(max_iter=4).fit(dark, Y[:60]).coefs_[0], 0.95**4 * W)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("classes", [2, 3])
def test_label_smoothing_is_its_closed_form(smoothing, classes):
    # Where the inputs say nothing, the probabilities are the smoothed frequencies: (1 - s) f + s / n_classes.
    y = np.repeat(np.arange(classes), [70, 30, 20][:classes])
    model = MLPClassifier((), label_smoothing=smoothing, solver="lbfgs", alpha=0, tol=1e-8)
    p = model.fit(np.zeros((len(y), 1)), y).predict_proba([[0]])[0]
    assert_allclose(p, (1 - smoothing) * np.bincount(y) / len(y) + smoothing / classes, atol=1e-6)


@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
def test_l1_leaves_exact_zeros_where_nothing_is_to_be_learned(solver):
    settings = {"solver": solver, "l1_ratio": 1.0, "max_iter": 300, "random_state": 0}
    first = MLPClassifier((8,), alpha=0.1, **settings).fit(X, Y).coefs_[0]
    assert (first[3:] == 0).mean() > 0.9  # the other columns are noise
    assert (first[:3] != 0).any()
    assert (MLPClassifier((8,), alpha=0.0, **settings).fit(X, Y).coefs_[0] != 0).all()


def test_dropconnect_averages_to_the_prediction():
    alone = Alone(DropConnect(Dense(4), 0.3), (6,))
    passes = [alone.forward(alone.x, seed=seed)[0].copy() for seed in range(4000)]
    spread = np.std(passes, axis=0)
    assert spread.min() > 0.1
    predicted, _ = alone.forward(alone.x, training=False)
    assert (np.abs(np.mean(passes, axis=0) - predicted) < 5 * spread / np.sqrt(4000)).all()


def test_input_noise_is_ridge():
    """Noise of variance s^2 on the inputs of a linear model is an L2 penalty of s^2 |w|^2 (Bishop 1995)."""
    noise, y = 0.7, X[:, :3] @ [3.0, -2, 1]
    z, target = (X - X.mean(axis=0)) / X.std(axis=0), (y - y.mean()) / y.std()
    settings = {"solver": "sgd", "learning_rate": "inverse", "learning_rate_init": 0.05, "decay_rate": 0.02}
    model = MLPRegressor((), input_noise=noise, alpha=0.0, batch_size=120, tol=0, max_iter=8000, standardize=False,
                         n_iter_no_change=np.inf, random_state=0, **settings)  # fmt: skip
    ridge = Ridge(alpha=noise**2 * len(z)).fit(z, target)
    assert_allclose(model.fit(z, target).coefs_[0][:, 0], ridge.coef_, atol=0.01)


def test_clipped_gradient_bounds_the_step():
    # Of plain gradient descent: no step is longer than the rate times the bound, and steep ones are exactly that long.
    settings = {"solver": "sgd", "learning_rate": "constant", "learning_rate_init": 0.1, "batch_size": 120}
    model = MLPClassifier((8,), gradient_clip=0.01, alpha=0.0, random_state=0, dtype="float64", **settings)
    before = None
    for _ in range(5):
        model.partial_fit(X, Y, [0, 1, 2])
        now = numbers(model)
        if before is not None:
            assert np.linalg.norm(now - before) == pytest.approx(0.1 * 0.01)
        before = now
    assert min(model.history_["gradient_norm"]) > 0.01
