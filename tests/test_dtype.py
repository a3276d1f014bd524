"""dtype: what training computes in, whatever the dtype of X, and what predictions are computed in."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from sknn_scratch import ConvNetClassifier, HiddenFeatures, MLPClassifier, MLPRegressor, NetworkRegressor
from sknn_scratch.nn.layers import Dense, DropConnect, GaussianNoise, LeakyReLU
from sknn_scratch.nn.losses import Huber
from sknn_scratch.nn.schedules import Exponential
from sknn_scratch.nn.solvers import Adam
from tests.learned import numbers

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

rng = np.random.default_rng(0)
X = rng.normal(size=(120, 16))
CODES = (X[:, 0] + X[:, 1] > 0).astype(int)
QUICK = {"max_iter": 5, "batch_size": 16, "random_state": 0}
MODELS = [
    MLPClassifier((8,), **QUICK),
    MLPRegressor((8,), **QUICK),
    ConvNetClassifier(filters=(3,), hidden_layer_sizes=(5,), **QUICK),
    MLPClassifier((8,), dropout=0.2, input_noise=0.1, **QUICK),
]


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize(
    ("dtype", "trained"),
    [("auto", None), ("float32", np.float32), ("float64", np.float64), (None, None)],
)
@pytest.mark.parametrize("of_X", [np.float32, np.float64])
def test_what_training_computes_in(dtype, trained, of_X, solver):
    model = MLPClassifier((8,), solver=solver, dtype=dtype, **QUICK).fit(X.astype(of_X), CODES)
    if dtype == "auto":
        trained = np.float64 if solver == "lbfgs" else np.float32
    assert {a.dtype for a in [*model.coefs_, *model.intercepts_]} == {np.dtype(trained or of_X)}
    for asked in (np.float32, np.float64):
        assert model.predict_proba(X.astype(asked)).dtype == asked
        assert HiddenFeatures(model).fit(X.astype(of_X), CODES).transform(X.astype(asked)).dtype == asked


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_predictions_are_computed_in_the_dtype_of_their_rows(model):
    model = clone(model).fit(X, CODES)
    method = model.predict if isinstance(model, MLPRegressor) else model.decision_function
    exact = method(X)
    single = method(X.astype(np.float32))
    assert (exact != single).any()
    assert_allclose(single, exact, atol=1e-4)
    assert_allclose(np.concatenate([method(X[:7]), method(X[7:])]), exact, rtol=1e-12, atol=1e-14)
    model.coefs_[0][...] *= 2  # views: predictions follow, in both dtypes
    assert (method(X) != exact).any()
    assert_allclose(method(X.astype(np.float32)), method(X), atol=1e-4)


@pytest.mark.parametrize("way", ["fit", "partial_fit", "memory-mapped", "shuffled images"])
def test_large_means_cost_no_accuracy(way, tmp_path):
    """Time stamps: 1.7e9 with a deviation of 1 has no digits left in float32."""
    stamps = X + 1.7e9
    if way == "memory-mapped":
        np.save(tmp_path / "X.npy", stamps)
        stamps = np.load(tmp_path / "X.npy", mmap_mode="r")
    model = MODELS[2] if way == "shuffled images" else MLPClassifier((8,), learning_rate="constant", **QUICK)
    if way == "partial_fit":
        model = clone(model).partial_fit(stamps, CODES, [0, 1])
        for _ in range(60):
            model.partial_fit(stamps, CODES)
    else:
        model = clone(model).set_params(max_iter=60).fit(stamps, CODES)
    assert model.score(stamps, CODES) > 0.95
    assert model.coefs_[0].dtype == np.float32


def test_large_targets_cost_no_accuracy():
    y = X[:, 0] + 1.7e9
    model = MLPRegressor((8,), random_state=0).fit(X, y)
    assert model.score(X, y) > 0.95


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_memory_mapped_rows_give_the_same_bits(model, tmp_path):
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    assert_array_equal(numbers(clone(model).fit(mapped, CODES)), numbers(clone(model).fit(X, CODES)))


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_going_on_in_the_dtype_of_the_start(model):
    model = clone(model).set_params(warm_start=True, dtype="float64").fit(X, CODES)
    again = pickle.loads(pickle.dumps(model)).fit(X.astype(np.float32), CODES)
    assert again.coefs_[0].dtype == np.float64


@pytest.mark.parametrize("model", MODELS, ids=str)
@pytest.mark.parametrize("by", ["fit", "partial_fit"])
def test_another_dtype_counts_from_the_next_training_on(model, by):
    model = clone(model).set_params(warm_start=True).fit(X, CODES)
    for dtype, trained in [("float64", np.float64), ("auto", np.float32), (None, np.float64)]:
        before = numbers(model)
        getattr(model.set_params(dtype=dtype, learning_rate_init=1e-12), by)(X, CODES)
        assert model.coefs_[0].dtype == trained
        assert_allclose(numbers(model), before, atol=1e-6)  # goes on from there


def test_another_solver_trains_in_its_dtype():
    model = MLPClassifier((8,), warm_start=True, **QUICK)
    for solver, trained in [("adam", np.float32), ("lbfgs", np.float64), ("adam", np.float32)]:
        assert model.set_params(solver=solver).fit(X, CODES).coefs_[0].dtype == trained


def test_weights_by_hand_are_not_rounded():
    model = MLPClassifier((8,), max_iter=1).set_weights(
        [np.full((16, 8), 1 / 3), np.full((8, 1), 1 / 3)], [np.zeros(8), np.zeros(1)]
    )
    assert model.partial_fit(X.astype(np.float32), CODES).coefs_[0].dtype == np.float64


@pytest.mark.parametrize(
    "settings",
    [
        {"solver": "momentum", "momentum": 0.8, "learning_rate_init": 0.01},
        {"solver": "rmsprop", "rho": 0.8, "momentum": 0.5, "epsilon": 1e-7},
        {"solver": "adagrad", "epsilon": 1e-7},
        {"beta_1": 0.8, "beta_2": 0.98, "learning_rate": "inverse", "decay_rate": 0.3},
        {"solver": "nadam", "beta_1": 0.8, "learning_rate": "invscaling", "power_t": 0.3},
        {"solver": "adamw", "alpha": 0.1, "l1_ratio": 0.3, "learning_rate": "step", "decay_every": 1},
        {"max_norm": 0.5, "gradient_clip": 0.1},
        {"input_noise": 0.3, "input_dropout": 0.2, "dropout": 0.3},
        {"drop_connect": 0.3},
        {"init": "normal", "init_std": 0.2, "label_smoothing": 0.1},
    ],
    ids=str,
)
def test_numbers_of_numpy_as_settings_change_no_bit(settings):
    """One of them in a formula would make float32 arrays float64."""
    model = MLPClassifier((8,), activation=LeakyReLU(0.3), **QUICK).set_params(**settings).fit(X, CODES)
    numpys = {name: np.float64(value) if isinstance(value, float) else value for name, value in settings.items()}
    same = MLPClassifier((8,), activation=LeakyReLU(np.float64(0.3)), **QUICK).set_params(**numpys).fit(X, CODES)
    assert_array_equal(numbers(same), numbers(model))
    assert_array_equal(same.predict_proba(X), model.predict_proba(X))


def test_recipes_with_numbers_of_numpy_change_no_bit():
    kinds = [
        NetworkRegressor(
            [DropConnect(Dense(8), real(0.3)), GaussianNoise(real(0.2))],
            solver=Adam(real(0.8)),
            learning_rate=Exponential(real(0.2)),
            loss=Huber(real(0.5)),
            **QUICK,
        ).fit(X, X[:, 0])
        for real in (float, np.float64)
    ]
    assert_array_equal(numbers(kinds[0]), numbers(kinds[1]))
