"""The law that each regulariser obeys, seen through the estimators; noise layers have theirs in nn/test_layers.py."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.datasets import make_classification
from sklearn.linear_model import Ridge

from sknn_scratch import ConvNetClassifier, MLPClassifier, MLPRegressor, NetworkClassifier
from sknn_scratch.nn.layers import Dense, DropConnect, ReLU
from tests.nn.test_layers import Alone

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
    model = MLPClassifier((8,), gradient_clip=0.01, alpha=0.0, random_state=0, **settings)
    before = None
    for _ in range(5):
        model.partial_fit(X, Y, [0, 1, 2])
        numbers = np.concatenate([np.ravel(a) for a in [*model.coefs_, *model.intercepts_]])
        if before is not None:
            assert np.linalg.norm(numbers - before) == pytest.approx(0.1 * 0.01)
        before = numbers
    assert min(model.history_["gradient_norm"]) > 0.01
