"""Autoencoder: scikit-learn's checks, PCA's error where the network is linear, and what users see."""

import pickle
import tracemalloc
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_digits, load_iris
from sklearn.decomposition import PCA
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks

from sknn_scratch import Autoencoder, check_gradient
from sknn_scratch.estimators import recipes
from sknn_scratch.nn.layers import Conv2D, Dense, Flatten, GaussianNoise, MaxPool2D, ReLU, Reshape
from sknn_scratch.nn.reconstruction import Reconstruction
from tests.test_estimator_checks import run

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X = load_digits().data[:600] / 16
FEW = {"max_iter": 5, "random_state": 0}


@parametrize_with_checks([Autoencoder(**FEW)])  # more of them in the matrix
def test_check(estimator, check):
    run(check, estimator)


def test_suite_is_whole():
    names = {check.func.__name__ for _, check in estimator_checks_generator(Autoencoder())}
    expected = {
        "check_estimator_sparse_array",
        "check_methods_subset_invariance",
        "check_sample_weight_equivalence_on_dense_data",
        "check_sample_weight_equivalence_on_sparse_data",
        "check_transformer_preserve_dtypes",
    }
    assert expected <= names


@pytest.mark.parametrize("settings", [{}, {"tied": True}])
@pytest.mark.parametrize("k", [2, 10])
def test_linear_autoencoder_has_the_error_of_pca(k, settings):
    """Baldi and Hornik 1989: every minimum of k linear units is the plane of the first k principal components."""
    linear = Autoencoder(
        (k,), "identity", output="identity", standardize=False, solver="lbfgs", max_iter=500, random_state=0, **settings
    ).fit(X)
    pca = PCA(k).fit(X)
    error = ((X - pca.inverse_transform(pca.transform(X))) ** 2).sum(axis=1).mean()
    assert error <= -linear.score(X) < 1.01 * error


def test_standardised_linear_autoencoder_has_the_error_of_pca_of_standardised_rows():
    iris = load_iris().data
    rows = StandardScaler().fit_transform(iris)
    linear = Autoencoder((2,), "identity", solver="lbfgs", max_iter=500, random_state=0).fit(iris)
    pca = PCA(2).fit(rows)
    error = ((rows - pca.inverse_transform(pca.transform(rows))) ** 2).sum(axis=1).mean()
    assert 0.99 * error < -linear.score(iris) < 1.1 * error  # the inputs, not the targets, are softly clipped


def test_output_follows_the_data():
    assert Autoencoder(**FEW).fit(X).out_activation_ == "logistic"
    assert Autoencoder(**FEW).fit(16 * X).out_activation_ == "identity"
    assert Autoencoder(output="identity", **FEW).fit(X).out_activation_ == "identity"
    between = Autoencoder(**FEW).fit(X).reconstruct(X)
    assert between.min() >= 0
    assert between.max() <= 1


def test_x_out_of_range_is_warned_of():
    with pytest.warns(UserWarning, match="between 0 and 1, and X goes from 0 to 16"):
        clipped = Autoencoder((4,), output="logistic", **FEW).fit(16 * X)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        assert_allclose(clipped.score(16 * X), clipped.score(16 * X.astype(np.float32)), rtol=1e-3)


@pytest.mark.parametrize(
    ("solver", "n_units"), [*((name, 12) for name in (*recipes.SOLVERS, "lbfgs")), ("adam", 600), ("rmsprop", 600)]
)
def test_tied_weights_stay_tied(solver, n_units):
    """Also those of layers with different numbers of inputs, which have different shares of the learning rate."""
    tied = Autoencoder((n_units, 4), solver=solver, tied=True, alpha=1e-3, l1_ratio=0.5, gradient_clip=None, **FEW).fit(
        X
    )
    rounding = 1e-12 if solver == "lbfgs" else 0  # scipy visits bounds one after the other
    for _ in range(2):
        first, second, third, fourth = tied.coefs_
        assert_allclose(third, second.T, rtol=0, atol=rounding)
        assert_allclose(fourth, first.T, rtol=0, atol=rounding)
        tied.set_params(warm_start=True).fit(X)


def test_what_cannot_be_tied():
    with pytest.raises(ValueError, match="tied=True needs dense layers"):
        Autoencoder((4,), "maxout", tied=True, **FEW).fit(X)
    with pytest.raises(ValueError, match="tied=True needs dense layers"):
        Autoencoder((4,), max_norm=1.0, tied=True, **FEW).fit(X)


def test_a_corrupted_input_and_a_clean_target():
    """Each pixel of these rows is there twice: one who sees half of them still knows nearly all."""
    twice = np.repeat((X > 0.5).astype(float)[:, 20:44], 2, axis=1)
    rng = np.random.default_rng(0)
    noisy = twice * (rng.random(twice.shape) > 0.3) / 0.7
    settings = {"hidden_layer_sizes": (48,), "max_iter": 40, "random_state": 0}
    errors = [
        ((Autoencoder(**settings, corruption=corruption).fit(twice).reconstruct(noisy) - twice) ** 2).mean()
        for corruption in (0.0, 0.3)
    ]
    assert errors[1] < errors[0]
    assert Autoencoder((4,), corruption=GaussianNoise(0.3), **FEW).fit(X).score(X) < 0


def test_sparse_codes():
    settings = {"hidden_layer_sizes": (30,), "activation": "logistic", "max_iter": 60, "random_state": 0}
    usual = Autoencoder(**settings).fit(X).transform(X).mean()
    rare = Autoencoder(**settings, sparsity=0.05).fit(X).transform(X).mean(axis=0)
    assert rare.max() < 0.1 < usual
    relu = {"hidden_layer_sizes": (30,), "max_iter": 60, "random_state": 0}
    zeros = [(Autoencoder(**relu, activity_l1=weight).fit(X).transform(X) == 0).mean() for weight in (0, 1)]
    assert zeros[1] > zeros[0]
    with pytest.raises(ValueError, match="should be logistic, and is ReLU"):
        Autoencoder(activation="relu", sparsity=0.1).fit(X)


@pytest.mark.parametrize(
    ("settings", "of_code"),
    [
        ({}, "identity"),
        ({"sparsity": 0.1, "corruption": 0.2}, "logistic"),
        ({"activity_l1": 0.1}, "relu"),
        ({"corruption": GaussianNoise(0.2)}, "relu"),
    ],
)
def test_automatic_activation_of_the_code(settings, of_code):
    automatic, by_name = (
        Autoencoder((12, 4), **given, **settings, **FEW).fit(X) for given in ({}, {"activation": ["relu", of_code]})
    )
    assert_array_equal(automatic.transform(X), by_name.transform(X))


def test_default_codes_have_no_dead_units_and_a_smaller_error():
    """With a ReLU code some units are 0 for all of these rows."""
    settings = {"hidden_layer_sizes": (32,), "max_iter": 30, "random_state": 0}
    default, relu = Autoencoder(**settings).fit(X), Autoencoder(activation="relu", **settings).fit(X)
    assert np.ptp(default.transform(X), axis=0).min() > 0 == np.ptp(relu.transform(X), axis=0).min()
    assert default.score(X) > relu.score(X)


@pytest.mark.parametrize("settings", [{}, {"output": "identity"}, {"early_stopping": True}])
def test_sparse_rows_are_dense_ones(settings):
    binary = (X > 0.5).astype(float)
    rows = sparse.csr_array(binary)
    autoencoder = Autoencoder((6,), **FEW, **settings).fit(rows)
    for method in ("transform", "reconstruct", "score_samples"):
        assert_allclose(getattr(autoencoder, method)(rows), getattr(autoencoder, method)(binary), rtol=1e-9)
    if "output" not in settings:  # standardised sparse rows are not shifted
        dense = Autoencoder((6,), **FEW, **settings).fit(binary)
        assert_allclose(dense.transform(binary), autoencoder.transform(binary), rtol=1e-3, atol=1e-4)


def test_sparse_rows_are_made_dense_a_mini_batch_at_a_time():
    rows = sparse.random_array((4000, 3000), density=0.002, format="csr", rng=np.random.default_rng(0))
    tracemalloc.start()
    Autoencoder((2,), max_iter=1, batch_size=32, random_state=0).fit(rows).score(rows)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4000 * 3000 * 8 / 2


def test_codes_and_back():
    autoencoder = Autoencoder((12, 4), ["relu", "identity"], input_noise=0.1, corruption=0.1, **FEW).fit(X)
    codes = autoencoder.transform(X)
    assert codes.shape == (600, 4)
    assert_allclose(autoencoder.inverse_transform(codes), autoencoder.reconstruct(X), rtol=1e-10)
    assert_allclose(autoencoder.score_samples(X), -((autoencoder.reconstruct(X) - X) ** 2).sum(axis=1), rtol=1e-10)
    assert list(autoencoder.get_feature_names_out()) == [f"autoencoder{i}" for i in range(4)]
    assert next(iter(autoencoder.set_output(transform="pandas").transform(X))) == "autoencoder0"
    with pytest.raises(ValueError, match="X has 3 columns, and a code has 4 units"):
        autoencoder.inverse_transform(codes[:, :3])


def test_images_and_a_convolutional_code():
    layers = {
        "encoder": [Conv2D(4, 3), ReLU(), MaxPool2D(2), Flatten(), Dense(6)],
        "decoder": [Dense(16), ReLU()],
    }
    images = X.reshape(-1, 8, 8, 1)
    autoencoder = Autoencoder(**layers, **FEW).fit(images)
    assert autoencoder.transform(images).shape == (600, 6)
    assert autoencoder.reconstruct(images).shape == images.shape
    assert_allclose(autoencoder.inverse_transform(autoencoder.transform(images)), autoencoder.reconstruct(X), rtol=1e-9)
    flat = Autoencoder(encoder=[Reshape((8, 8, 1)), *layers["encoder"]], decoder=layers["decoder"], **FEW).fit(X)
    assert_allclose(flat.transform(X), autoencoder.transform(X), rtol=1e-5)
    with pytest.raises(ValueError, match="layer recipes"):
        Autoencoder(encoder=[3]).fit(X)


def test_early_stopping_and_a_validation_set():
    stopped = Autoencoder((8,), early_stopping=True, max_iter=30, random_state=0).fit(X[:400])
    assert stopped.best_validation_score_ == max(stopped.history_["validation_score"])
    watched = Autoencoder((8,), **FEW).fit(X[:400], X_val=X[400:])
    assert watched.history_["validation_score"][-1] == pytest.approx(watched.score(X[400:]), rel=1e-4)


def test_parts_are_the_whole():
    settings = {"hidden_layer_sizes": (8,), "learning_rate": "constant", "tied": True, **FEW}
    whole = Autoencoder(**settings).fit(X)
    parts = Autoencoder(**settings)
    for _ in range(5):
        parts = pickle.loads(pickle.dumps(parts.partial_fit(X)))
    assert_array_equal(parts.coefs_[0], whole.coefs_[0])


def test_killed_fit_goes_on_from_its_checkpoint(tmp_path):
    whole = Autoencoder((8,), **FEW).fit(X)
    autoencoder = Autoencoder((8,), checkpoint=tmp_path / "autoencoder", **FEW)

    def fail(estimator, epoch, record):
        if epoch == 3:
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        autoencoder.set_callbacks(fail).fit(X)
    assert_array_equal(autoencoder.set_callbacks().fit(X).coefs_[0], whole.coefs_[0])


def test_nothing_of_the_users_is_written_to():
    rows = X[:50].copy()
    weight = np.arange(50.0)
    Autoencoder((4,), **FEW).fit(rows, sample_weight=weight).reconstruct(rows)
    Autoencoder((4,), output="identity", standardize=False, **FEW).fit(rows, sample_weight=weight).score_samples(rows)
    assert_array_equal(rows, X[:50])


def test_in_a_search_and_under_the_tools():
    search = GridSearchCV(Autoencoder(**FEW), {"hidden_layer_sizes": [(1,), (16,)]}, cv=2).fit(X)
    assert search.best_params_ == {"hidden_layer_sizes": (16,)}
    make_pipeline(StandardScaler(), Autoencoder((2,), **FEW)).fit_transform(X)


@pytest.mark.parametrize("settings", [{}, {"sparsity": 0.1, "activity_l1": 0.1}, {"tied": True, "alpha": 0.1}])
def test_check_gradient_is_of_the_whole_objective(settings, monkeypatch):
    autoencoder = Autoencoder((8, 4), "logistic", random_state=0, **settings)
    for each in (autoencoder, clone(autoencoder).fit(X)):
        assert max(check_gradient(each, X, None)["relative_error"]) < 1e-5
    of_code = Reconstruction._of_code

    def too_steep(self, *args):
        value, slope = of_code(self, *args)
        return value, 1.1 * slope

    monkeypatch.setattr(Reconstruction, "_of_code", too_steep)
    table = check_gradient(autoencoder, X, None)["relative_error"]
    assert (max(table[:2]) > 1e-3) == ("sparsity" in settings)
    assert max(table[2:]) < 1e-5


def test_output_cannot_change_in_warm_start():
    autoencoder = Autoencoder((4,), warm_start=True, **FEW).fit(X)
    with pytest.raises(ValueError, match="warm_start=False"):
        autoencoder.set_params(output="identity").fit(X)
