"""Embeddings of numeric columns: values by hand, which columns, and what they are good for."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator

from sknn_scratch import Autoencoder, MLPClassifier, MLPRegressor
from sknn_scratch.nn.layers import PeriodicEmbedding, PiecewiseEmbedding
from sknn_scratch.nn.network import Network
from tests.nn.tables import mode

RNG = np.random.default_rng(0)
X = np.c_[RNG.normal(size=(1000, 2)), RNG.integers(2, size=1000), RNG.integers(10, size=1000)]
WAVES = np.sin(4 * X[:, 0]) + 0.1 * RNG.normal(size=1000)
QUICK = {"max_iter": 2, "random_state": 0}
KINDS = ["periodic", "piecewise"]


def outputs(layer, x, **arrays):
    network = Network([layer], (x.shape[1],), np.float64)
    for name, array in arrays.items():
        setattr(network.params[0], name, np.array(array))
    return layer.forward(network.params[0], x, mode())[0]


def test_cosines_by_hand():
    layer = PeriodicEmbedding((1,), size=1, n_frequencies=2)
    y = outputs(layer, np.array([[5.0, 1.0], [6.0, -2.0]]), f=[[np.pi, np.pi / 2]], s=[[0, np.pi]], W=[[[3.0], [4.0]]])
    # 3 cos(pi) + 4 cos(3/2 pi), and 3 cos(-2 pi) + 4 cos(0)
    assert_allclose(y, [[5, 1, -3], [6, -2, 7]], atol=1e-12)


def test_bins_by_hand():
    x = np.array([[-9.0], [0.0], [1.0], [3.0], [9.0]])
    y = outputs(PiecewiseEmbedding((0,), 3), x, edges=[[0.0, 2.0, 4.0, 4.0]])
    assert_allclose(y[:, 0], x[:, 0])
    assert_allclose(y[:, 1:] + 0.5, [[0, 0, 0], [0, 0, 0], [0.5, 0, 0], [1, 0.5, 0], [1, 1, 1]])


@pytest.mark.parametrize("kind", KINDS)
def test_columns_of_more_than_ten_values_are_embedded(kind):
    model = MLPRegressor((3,), embedding=kind, **QUICK).fit(X, WAVES)
    assert model.embedded_columns_ == (0, 1)
    assert clone(model).set_params(embedding=None).fit(X, WAVES).embedded_columns_ == ()
    assert pickle.loads(pickle.dumps(model)).predict(X[:5]).tolist() == model.predict(X[:5]).tolist()
    shapes = [W.shape for W in model.coefs_]
    assert shapes == {"periodic": [(2, 8), (2, 8, 3), (10, 3), (3, 1)], "piecewise": [(28, 3), (3, 1)]}[kind]


def test_bins_are_quantiles_of_the_standardised_columns():
    model = MLPRegressor((3,), embedding="piecewise", **QUICK).fit(X, WAVES)
    standardize, embedding = model._network.params[:2]
    edges = np.quantile(X[:, 0], np.arange(13) / 12)
    z = (edges - standardize.mean[0]) * standardize.scale[0]
    assert_allclose(embedding.edges[0], z / np.sqrt(1 + (z / 3) ** 2), rtol=1e-5)


@pytest.mark.parametrize(("n_rows", "n_bins"), [(30, 4), (100, 5), (400, 10), (1000, 12)])
def test_more_rows_have_more_bins(n_rows, n_bins):
    model = MLPRegressor((3,), embedding="piecewise", **QUICK).fit(X[:n_rows], WAVES[:n_rows])
    assert model._network.layers[1] == PiecewiseEmbedding((0, 1), n_bins)


def test_auto_is_for_many_dense_rows():
    def columns(model, rows=X, y=WAVES):
        return model.set_params(**QUICK).fit(rows, y).embedded_columns_

    assert columns(MLPRegressor((3,))) == (0, 1)
    assert columns(MLPRegressor((3,)), X[:200], WAVES[:200]) == (0, 1)
    assert columns(MLPRegressor((3,)), np.r_[X[:199], X[:1]], np.r_[WAVES[:199], WAVES[:1]]) == ()  # 199 distinct rows
    assert columns(MLPRegressor((3,)), sparse.csr_array(X)) == ()
    assert columns(MLPRegressor((3,), solver="lbfgs")) == ()
    assert len(columns(MLPRegressor((3,)), np.tile(X, 15))) == 30
    assert columns(MLPRegressor((3,)), np.tile(X, 16)) == ()
    assert columns(MLPRegressor((3,), pretrain=Autoencoder(max_iter=1))) == ()
    assert columns(MLPClassifier((3,)), y=WAVES > 0) == (0, 1)
    assert MLPRegressor((3,)).set_weights([np.ones((2, 3)), np.ones((3, 1))], [np.ones(3), [1]]).embedded_columns_ == ()


def test_auto_is_cosines_for_classes_and_bins_for_numbers():
    assert isinstance(MLPClassifier((3,), **QUICK).fit(X, WAVES > 0)._network.layers[1], PeriodicEmbedding)
    assert isinstance(MLPRegressor((3,), **QUICK).fit(X, WAVES)._network.layers[1], PiecewiseEmbedding)


def test_an_embedding_shortens_the_training():
    assert MLPClassifier((3,), random_state=0).partial_fit(X, WAVES > 0, [False, True]).max_iter_ == 50


PER_ROW = 1000 / (1000**2 + 50**2)


@pytest.mark.parametrize("solver", ["adam", "adamw"])
@pytest.mark.parametrize(
    ("make", "y", "lowest", "per_noise"), [(MLPClassifier, WAVES > 0, 2, 16), (MLPRegressor, WAVES, 0, 30)]
)
def test_the_automatic_penalty_follows_the_noise(make, y, lowest, per_noise, solver):
    settings = {"learning_rate_init": 1e-9, "learning_rate": "constant", "solver": solver, "random_state": 0}
    model = make((3,), max_iter=13, n_iter_no_change=99, **settings).fit(X, y)
    loss = model.loss_curve_[-1]  # it stays as it is, with this rate
    entropy = -np.average(np.log([y.mean(), 1 - y.mean()]), weights=[y.mean(), 1 - y.mean()]) if lowest else 0.5
    noise = min(1, loss / entropy) * (1 - 0.8**3)  # a moving average, from 0 after ten epochs
    assert model.alpha_ == pytest.approx((lowest + per_noise * noise) * PER_ROW, rel=1e-5)
    parts = make((3,), **settings)
    classes = [[False, True]] * (make is MLPClassifier)
    for n_calls in range(1, 14):
        parts.partial_fit(X, y, *classes)
        assert n_calls > 10 or parts.alpha_ == pytest.approx(lowest * PER_ROW)
    assert parts.alpha_ == model.alpha_
    parts.partial_fit(X[:1], y[:1], *classes)  # one row, which alone has no variance
    assert parts.alpha_ < (lowest + per_noise) * PER_ROW / 1.1


def test_callbacks_see_the_penalty_at_the_start():
    seen = []
    MLPClassifier((3,), **QUICK).set_callbacks(lambda clf, epoch, record: seen.append(clf.alpha_)).fit(X, WAVES > 0)
    assert seen == pytest.approx([2 * PER_ROW] * 2)


@pytest.mark.parametrize(
    ("model", "alpha"),
    [
        (MLPRegressor((3,), embedding=None), 5 * PER_ROW),
        (MLPRegressor((3,), loss="absolute_error"), 5 * PER_ROW),
        (MLPRegressor((3,), embedding="piecewise", solver="lbfgs"), 5 * PER_ROW),
        (MLPRegressor((3,), alpha=0.1), 0.1),
    ],
)
def test_other_penalties_do_not(model, alpha):
    assert model.set_params(**QUICK).fit(X, WAVES).alpha_ == pytest.approx(alpha)


def test_what_is_slow_to_learn_is_not_taken_for_noise():
    X = np.random.default_rng(0).normal(size=(1400, 10))
    y = X[:, :3].prod(axis=1) > 0
    assert MLPClassifier(random_state=0).fit(X[:400], y[:400]).score(X[400:], y[400:]) > 0.9


def test_smoothed_labels_are_not_noise():
    y = X[:, 0] > 0
    alphas = [MLPClassifier(label_smoothing=s, random_state=0).fit(X, y).alpha_ for s in (0, 0.2)]
    assert alphas[1] < alphas[0] + PER_ROW


def test_the_penalty_separates_signal_from_noise():
    noise = RNG.normal(size=1000)
    assert MLPRegressor(random_state=0).fit(X, noise).alpha_ > 10 * MLPRegressor(random_state=0).fit(X, WAVES).alpha_


@pytest.mark.parametrize("kind", KINDS)
def test_what_has_no_embedding_says_so(kind):
    with pytest.raises(ValueError, match=r"a sparse X.*toarray"):
        MLPRegressor((3,), embedding=kind, **QUICK).fit(sparse.csr_array(X), WAVES)
    with pytest.raises(ValueError, match="without pretrain"):
        MLPRegressor((3,), embedding=kind, pretrain=Autoencoder(), **QUICK).fit(X, WAVES)


@pytest.mark.parametrize("kind", KINDS)
def test_going_on_is_never_having_stopped(kind):
    settings = {"embedding": kind, "learning_rate": "constant", "random_state": 0, "alpha": 1e-3}
    whole = MLPRegressor((3,), max_iter=3, **settings).fit(X, WAVES)
    parts = MLPRegressor((3,), **settings)
    for _ in range(3):
        parts.partial_fit(X, WAVES)
    assert_array_equal(parts.predict(X), whole.predict(X))


@pytest.mark.parametrize("kind", KINDS)
def test_an_embedded_network_is_the_start_of_another(kind):
    source = MLPRegressor((3,), embedding=kind, **QUICK).fit(X, WAVES)
    moved = MLPRegressor((3,), embedding=kind, learning_rate_init=1e-12, pretrain=FrozenEstimator(source), **QUICK)
    moved.fit(X[:200] + 1, WAVES[:200])
    assert moved.embedded_columns_ == source.embedded_columns_
    assert_allclose(moved.coefs_[0], source.coefs_[0], atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_waves_are_learned(kind):
    settings = {"max_iter": 40, "random_state": 0}
    plain = MLPRegressor(embedding=None, **settings).fit(X[:800], WAVES[:800]).score(X[800:], WAVES[800:])
    assert MLPRegressor(embedding=kind, **settings).fit(X[:800], WAVES[:800]).score(X[800:], WAVES[800:]) > plain + 0.1
