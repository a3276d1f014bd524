"""pretrain=: hidden layers that start where unsupervised learning, or another network, has left them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn import config_context
from sklearn.datasets import load_diabetes, load_digits
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from sknn_scratch import (
    Autoencoder,
    BernoulliRBM,
    ConvNetClassifier,
    HiddenFeatures,
    MLPClassifier,
    MLPRegressor,
)
from sknn_scratch.estimators.pretraining import _patches
from tests.test_estimator_checks import run

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, y = load_digits(return_X_y=True)
X = X / 16
FEW = {"max_iter": 3, "random_state": 0}
TWO = {"hidden_layer_sizes": (12, 6), "activation": "logistic", **FEW}
RBM, AUTOENCODER = BernoulliRBM(n_iter=2), Autoencoder(max_iter=2)


@parametrize_with_checks(
    [
        MLPClassifier((10,), "logistic", pretrain=BernoulliRBM(n_iter=1), learning_rate_init=0.1, max_iter=30),
        MLPRegressor((10,), pretrain=Autoencoder(max_iter=2), learning_rate_init=0.05, max_iter=30),
    ]
)
@pytest.mark.filterwarnings("ignore:Visible units")
def test_check(estimator, check):
    run(check, estimator)


@pytest.mark.parametrize("part", [RBM, AUTOENCODER])
def test_layers_start_at_what_was_fitted(part):
    """With a rate that changes nothing, each layer is that of a part fitted to the output of the one below."""
    tiny = {"learning_rate_init": 1e-12, "dtype": "float64", "alpha": 0.0}
    network = MLPClassifier(**TWO | tiny | {"max_iter": 1}, pretrain=part).fit(X[:300], y[:300])
    first, second = network.pretrained_
    assert network.alpha_ == 0
    assert not network._standardizes()
    for i, fitted in enumerate((first, second)):
        rbm = isinstance(fitted, BernoulliRBM)
        assert_allclose(network.coefs_[i], fitted.components_.T if rbm else fitted.coefs_[0], atol=1e-9)
        assert_allclose(network.intercepts_[i], fitted.intercept_hidden_ if rbm else fitted.intercepts_[0], atol=1e-9)
    assert first.transform(X).shape == (len(X), 12)
    assert second.transform(first.transform(X)).shape == (len(X), 6)
    assert part.random_state is None
    assert not hasattr(part, "history_")


def test_kernels_start_at_what_was_fitted_to_parts_of_images():
    """All 36 parts of 3 x 3 pixels of each image, of 2 x 2 pixels of each feature map; then the dense layer."""
    settings = {"filters": (5, 4), "kernel_size": [3, 2], "hidden_layer_sizes": (6,), "activation": "logistic"}
    still = {"learning_rate_init": 1e-12, "dtype": "float64", "max_iter": 1, "random_state": 0}
    net = ConvNetClassifier(**settings, **still, pretrain=[RBM, AUTOENCODER, RBM]).fit(X[:90], y[:90])
    first, second, third = net.pretrained_
    parts = np.array([X[:90].reshape(-1, 8, 8)[:, i : i + 3, j : j + 3] for i in range(6) for j in range(6)])
    same = BernoulliRBM(5, n_iter=2, random_state=first.random_state).fit(parts.reshape(-1, 9))
    assert_allclose(first.components_, same.components_, atol=1e-6)
    assert_allclose(net.coefs_[0].reshape(9, 5), first.components_.T, atol=1e-9)
    assert_allclose(net.coefs_[1].reshape(20, 4), second.coefs_[0], atol=1e-9)
    assert_allclose(net.intercepts_[1], second.intercepts_[0], atol=1e-9)
    assert third.components_.shape == (6, 16)
    forms = sparse.csr_array(X[90:200]), X[90:200].reshape(-1, 8, 8, 1)
    helped = [ConvNetClassifier(**settings, **still, pretrain=RBM).fit(X[:90], y[:90], X_unlabeled=f) for f in forms]
    assert_array_equal(helped[0].coefs_[0], helped[1].coefs_[0])
    assert abs(helped[0].coefs_[0] - net.coefs_[0]).max() > 0.001
    with pytest.raises(ValueError, match=r"\(9, 9\) is larger than \(8, 8\)"):
        ConvNetClassifier(image_shape=(8, 8), filters=2, kernel_size=9, pretrain=AUTOENCODER).fit(X, y)


def test_parts_of_many_images_are_random():
    shape, images = (4, 6, 1), np.random.default_rng(0).random((20_000, 24))
    rows, weights = _patches(images, np.arange(20_000.0), shape, (2, 3), 0).values()
    assert rows.shape == (100_000, 6)
    where = [
        next(
            (i, j)
            for i in range(3)
            for j in range(4)
            if (images[k].reshape(4, 6)[i : i + 2, j : j + 3].ravel() == rows[5 * k]).all()
        )
        for k in range(500)
    ]
    assert len(set(where)) == 12
    assert_array_equal(weights, np.arange(20_000).repeat(5))


def test_a_checkpoint_belongs_to_the_rows_without_labels_too(tmp_path):
    network = MLPClassifier(**TWO, pretrain=RBM, checkpoint=tmp_path / "network")
    network.fit(X[:100], y[:100], X_unlabeled=X[100:200])
    with pytest.raises(ValueError, match="not of this fit: the data differ"):
        network.fit(X[:100], y[:100], X_unlabeled=X[200:300])


def test_rows_without_labels_help():
    """40 labels alone, and the same with the structure of 1,400 rows."""
    settings = {"hidden_layer_sizes": (64,), "activation": "logistic", "random_state": 0}
    few = slice(0, 40)
    alone = MLPClassifier(**settings).fit(X[few], y[few])
    helped = MLPClassifier(**settings, pretrain=Autoencoder(corruption=0.2, max_iter=30))
    helped.fit(X[few], y[few], X_unlabeled=X[:1400])
    assert helped.score(X[1400:], y[1400:]) > alone.score(X[1400:], y[1400:])


def test_rows_without_labels_come_before_the_first_fit():
    network = MLPClassifier(**TWO, pretrain=RBM, warm_start=True).fit(X[:100], y[:100], X_unlabeled=X[100:200])
    before = network.coefs_[0].copy()
    with pytest.raises(ValueError, match="with warm_start=True this is a later one"):
        network.fit(X[:100], y[:100], X_unlabeled=X[100:200])
    assert_array_equal(network.coefs_[0], before)
    network.fit(X[:100], y[:100])
    network.set_params(warm_start=False).fit(X[:100], y[:100], X_unlabeled=X[100:200])
    assert_array_equal(network.coefs_[0], before)


def test_rows_without_labels_are_learned_from():
    with_all = MLPClassifier(**TWO, pretrain=RBM).fit(X[:100], y[:100], X_unlabeled=X[100:300])
    sparse_rows = MLPClassifier(**TWO, pretrain=RBM).fit(
        sparse.csr_array(X[:100]), y[:100], X_unlabeled=sparse.csr_array(X[100:300])
    )
    whole = BernoulliRBM(12, n_iter=2, random_state=with_all.pretrained_[0].random_state).fit(X[:300])
    assert_array_equal(with_all.pretrained_[0].components_, whole.components_)
    assert_allclose(sparse_rows.pretrained_[0].components_, whole.components_, atol=1e-6)
    with pytest.raises(ValueError, match="X_unlabeled is what pretrain learns from"):
        MLPClassifier().fit(X, y, X_unlabeled=X)
    with pytest.raises(ValueError, match="expecting 64 features"):
        MLPClassifier(**TWO, pretrain=RBM).fit(X[:100], y[:100], X_unlabeled=X[:, :3])


def test_standardisation_is_kept_for_other_numbers():
    data, target = load_diabetes(return_X_y=True)
    reg = MLPRegressor((8, 4), pretrain=AUTOENCODER, random_state=0).fit(data, target)
    assert reg._standardizes()
    assert reg.score(data, target) > 0.4
    assert reg.pretrained_[0].out_activation_ == "identity"


def test_one_part_for_each_layer():
    mixed = MLPClassifier(**TWO, pretrain=[RBM, AUTOENCODER]).fit(X[:200], y[:200])
    assert [type(part) for part in mixed.pretrained_] == [BernoulliRBM, Autoencoder]
    with pytest.raises(ValueError, match="pretrain has 1 entries, and there are 2 hidden layers"):
        MLPClassifier(**TWO, pretrain=[RBM]).fit(X, y)


def test_what_cannot_be_pretrained():
    with pytest.raises(ValueError, match="use activation='logistic'"):
        MLPClassifier((4,), "relu", pretrain=RBM).fit(X, y)
    with pytest.raises(ValueError, match="applied to each unit for itself"):
        MLPClassifier((4,), "maxout", pretrain=AUTOENCODER).fit(X, y)
    with pytest.raises(ValueError, match="pretrain should be an Autoencoder"):
        MLPClassifier((4,), pretrain=MinMaxScaler()).fit(X, y)
    with pytest.raises(NotFittedError, match="in pretrain is not fitted"):
        MLPClassifier((4,), pretrain=FrozenEstimator(MLPClassifier((4,)))).fit(X, y)
    with pytest.raises(ValueError, match="should be those of this one"):
        MLPClassifier((4,), pretrain=FrozenEstimator(MLPClassifier((5,), **FEW).fit(X, y))).fit(X, y)


def test_in_a_search_and_routed_through_a_pipeline():
    grid = {"pretrain": [None, RBM, Autoencoder(max_iter=1, corruption=0.2)]}
    search = GridSearchCV(MLPClassifier(**TWO), grid, cv=2, error_score="raise").fit(X[:200], y[:200])
    assert len(search.cv_results_["params"]) == 3
    with config_context(enable_metadata_routing=True):
        network = MLPClassifier(**TWO, pretrain=RBM).set_fit_request(X_unlabeled=True)
        pipeline = make_pipeline(FunctionTransformer(), network, transform_input=["X_unlabeled"])
        pipeline.fit(X[:99], y[:99], X_unlabeled=X[:200])


def test_a_fitted_network_is_the_start_of_another_task():
    """Digits 0 to 4, then 5 to 9, with the scales and hidden layers of the first network."""
    low, high = np.flatnonzero(y < 5), np.flatnonzero(y >= 5)
    source = MLPClassifier((64,), random_state=0).fit(X[low], y[low])
    before = source.coefs_[0].copy()
    tiny = {"learning_rate_init": 1e-12, "dtype": "float64", "max_iter": 1, "random_state": 0}
    moved = MLPClassifier((64,), **tiny, pretrain=FrozenEstimator(source)).fit(X[high], y[high])
    assert_array_equal(source.coefs_[0], before)
    assert moved.pretrained_[0] is source
    assert_allclose(moved.coefs_[0], before, atol=1e-7)
    hidden = [HiddenFeatures(FrozenEstimator(each)).fit(X).transform(X) for each in (source, moved)]
    assert_allclose(hidden[1], hidden[0], atol=1e-5)


def test_weights_by_hand_need_no_pretraining():
    by_hand = MLPClassifier((2,), pretrain=AUTOENCODER).set_weights([np.ones((3, 2)), [[1], [1]]], [[0, 0], [0]])
    assert by_hand.predict(np.ones((1, 3))).shape == (1,)
