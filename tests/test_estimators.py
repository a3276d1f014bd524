"""What the MLP and network estimators promise: targets, inputs, attributes, and that no parameter is ignored."""

import copy
import inspect
import warnings

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn.neural_network as peer
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine, make_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Ridge
from sklearn.utils import estimator_html_repr

from sknn_scratch import (
    Autoencoder,
    ConvNetClassifier,
    ConvNetRegressor,
    MLPClassifier,
    MLPRegressor,
    NetworkClassifier,
    NetworkRegressor,
)
from sknn_scratch.estimators import recipes
from sknn_scratch.nn.initializers import Normal
from sknn_scratch.nn.layers import Dense, LeakyReLU, RandomShift, ReLU, Tanh
from sknn_scratch.nn.losses import Focal, Huber
from sknn_scratch.nn.schedules import StepDecay
from sknn_scratch.nn.solvers import Momentum
from tests.learned import numbers, without_times

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

rng = np.random.default_rng(0)
X = rng.normal(size=(90, 4)) * [1, 10, 0.1, 3] + 5
CODES = (X[:, 0] > 5).astype(int) + (X[:, 1] > 9)
BINARY = CODES > 0
NUMBERS = X[:, 0] + 0.1 * X[:, 1] + rng.normal(0, 0.1, 90)
COUNTS = rng.poisson(np.exp(X[:, 0] - 5))
PAIR = np.c_[NUMBERS, 100 * X[:, 1]]
QUICK = {"max_iter": 5, "random_state": 0}
ALL_ROWS = 90  # a batch of all rows, where other units must give the same numbers: their hash orders the rows
CLASSIFIERS = [MLPClassifier((5,), **QUICK), NetworkClassifier([Dense(5), ReLU()], **QUICK)]
REGRESSORS = [MLPRegressor((5,), **QUICK), NetworkRegressor([Dense(5), ReLU()], **QUICK)]
CONVNETS = [net(filters=(2,), hidden_layer_sizes=(5,), **QUICK) for net in (ConvNetClassifier, ConvNetRegressor)]
WIDE = np.hstack([X, rng.normal(size=(90, 12))])  # small images
SOLVERS = [*recipes.SOLVERS, "lbfgs"]
LOSSES = {name: recipe(REGRESSORS[0]) for name, recipe in recipes.REGRESSION_LOSSES.items()}


def learned(model):
    """Numbers and history: all that training decides."""
    return np.concatenate([numbers(model), *without_times(model.history_).values()])


# Targets


def strings(codes):
    return np.array(["ham", "eggs", "spam"])[codes]


LABELS = {
    "ints": CODES - 1,
    "floats": CODES * 2.0,
    "strings": strings(CODES),
    "objects": strings(CODES).astype(object),
    "bools": BINARY,
    "two strings": strings(BINARY.astype(int)),
    "list": strings(CODES).tolist(),
    "uint8": CODES.astype(np.uint8),
    "column of pandas": pd.Series(strings(CODES), dtype=object),
    "nullable": pd.Series(CODES, dtype="Int64"),
    "nullable bools": pd.Series(BINARY, dtype="boolean"),
    "categorical": pd.Series(strings(CODES)).astype("category"),
    "polars": pl.Series(strings(CODES).tolist()),
    "polars ints": pl.Series(CODES),
}


@pytest.mark.parametrize("kind", LABELS)
def test_labels_come_back_as_they_went_in(kind):
    y = LABELS[kind]
    plain = np.array(list(y))
    model = MLPClassifier((10,), learning_rate_init=0.05, max_iter=100, random_state=0).fit(X, y)
    assert_array_equal(model.classes_, np.unique(plain))
    assert model.classes_.dtype.kind in plain.dtype.kind + "O"
    assert (model.predict(X) == plain).mean() > 0.9
    assert model.score(X, y) == (model.predict(X) == plain).mean()
    assert model.predict(X).dtype == model.classes_.dtype
    assert model.predict_proba(X).shape == (90, len(model.classes_))


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array, pd.DataFrame, np.ndarray.tolist])
def test_multilabel_targets(container):
    Y = np.c_[BINARY, CODES == 2, CODES == 0].astype(int)
    model = MLPClassifier((10,), learning_rate_init=0.05, max_iter=100, random_state=0).fit(X, container(Y))
    assert (model.predict(X) == Y).mean() > 0.95
    assert model.predict(X).dtype == Y.dtype
    assert_array_equal(model.classes_, [0, 1, 2])
    assert_array_equal(model.decision_function(X) > 0, model.predict(X))
    assert model.out_activation_ == "logistic"
    p = model.predict_proba(1e6 * X)
    assert ((p > 0) & (p < 1)).all()


@pytest.mark.parametrize("container", [list, pd.Series, pl.Series, lambda y: pd.Series(y, dtype="Float64"), np.float32])
def test_numbers_of_any_kind(container):
    expected = MLPRegressor((5,), **QUICK).fit(X, NUMBERS.astype(np.float32).astype(float)).predict(X)
    got = MLPRegressor((5,), **QUICK).fit(X, container(NUMBERS.astype(np.float32))).predict(X)
    assert_allclose(got, expected)


def test_several_outputs():
    model = MLPRegressor((10,), learning_rate_init=0.05, random_state=0).fit(X, PAIR)
    assert model.predict(X).shape == (90, 2)
    assert model.n_outputs_ == 2
    assert model.score(X, PAIR) > 0.9
    assert MLPRegressor((5,), **QUICK).fit(X, NUMBERS).predict(X).shape == (90,)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("loss", [name for name, loss in LOSSES.items() if not loss.positive])
def test_units_of_the_target_mean_nothing(loss, solver):
    settings = {"loss": loss, "solver": solver, "random_state": 0, "max_iter": 20, "batch_size": ALL_ROWS}
    a = MLPRegressor((5,), **settings).fit(X, NUMBERS)
    b = MLPRegressor((5,), **settings).fit(X, NUMBERS * 1e6 + 1e9)
    assert_allclose(b.predict(X), a.predict(X) * 1e6 + 1e9, rtol=1e-7)
    assert_allclose(b.loss_curve_, a.loss_curve_, rtol=1e-6)


def test_poisson_shifts_nothing():
    model = MLPRegressor((5,), loss="poisson", batch_size=ALL_ROWS, random_state=0, max_iter=50, dtype="float64").fit(
        X, COUNTS
    )
    assert_allclose(clone(model).fit(X, COUNTS * 1e3).predict(X), model.predict(X) * 1e3, rtol=1e-9)
    assert (model.predict(X) > 0).all()
    assert model.out_activation_ == "exp"
    # With an intercept, a Poisson regression at its optimum predicts as many counts as it has seen.
    best = MLPRegressor((), loss="poisson", solver="lbfgs", alpha=0, tol=1e-10, random_state=0).fit(X, COUNTS)
    assert_allclose(best.predict(X).sum(), COUNTS.sum(), rtol=1e-4)


def test_quantile_and_absolute_error_find_their_quantile():
    y = rng.exponential(size=2000)
    nothing = np.zeros((2000, 1))
    for q in (0.1, 0.5, 0.9):
        model = MLPRegressor((), loss="quantile", quantile=q, solver="sgd", batch_size=2000, alpha=0, tol=0)
        model.set_params(max_iter=500)
        assert_allclose(np.mean(y <= model.fit(nothing, y).predict(nothing)[0]), q, atol=0.01)
    model.set_params(loss="absolute_error")
    assert_allclose(np.mean(y <= model.fit(nothing, y).predict(nothing)[0]), 0.5, atol=0.01)


def test_gradient_of_several_outputs_with_lbfgs():
    # scikit-learn's gradient is n_outputs times that of its loss (its issue 8349), which shifts the optimum of a
    # penalised linear model. Ours is Ridge, whose penalty belongs to the sum over rows and outputs.
    Z, Y = (X - X.mean(0)) / X.std(0), (PAIR - PAIR.mean(0)) / PAIR.std(0)
    model = MLPRegressor((), solver="lbfgs", alpha=0.3, tol=1e-10, max_iter=1000, standardize=False).fit(Z, Y)
    ridge = Ridge(alpha=0.3 * Y.size).fit(Z, Y)
    assert_allclose(model.coefs_[0], ridge.coef_.T, atol=1e-5)


# Inputs


@pytest.mark.parametrize("model", CLASSIFIERS + REGRESSORS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.int8])
def test_dtypes_are_kept(model, dtype):
    y = strings(CODES) if hasattr(model, "class_weight") else NUMBERS
    kept = dtype if dtype in (np.float32, np.float64) else np.float64
    for rows in (X.astype(dtype), sparse.csr_array(X.astype(dtype))):
        for trained, expected in (("auto", np.float32), ("float64", np.float64), ("float32", np.float32), (None, kept)):
            model = clone(model).set_params(dtype=trained).fit(rows, y, np.arange(90.0))
            assert {a.dtype for a in [*model.coefs_, *model.intercepts_]} == {np.dtype(expected)}
        for method in ("predict_proba", "predict_log_proba", "decision_function") if y is not NUMBERS else ("predict",):
            assert getattr(model, method)(rows).dtype == kept
    model.set_params(batch_size=ALL_ROWS)
    exact = clone(model).fit(X.astype(dtype).astype(np.float64), y)
    assert_allclose(numbers(model.fit(X.astype(dtype), y)), numbers(exact), atol=1e-4)


@pytest.mark.parametrize("container", [list, pd.DataFrame, pl.DataFrame, np.asfortranarray, sparse.csc_array])
def test_rows_of_any_kind(container):
    names = {"columns": list("abcd")} if container is pd.DataFrame else {}
    rows = container(X.tolist() if container is list else X, **names)
    dense = sparse.csr_array(X) if container is sparse.csc_array else X
    model = MLPRegressor((5,), **QUICK).fit(rows, NUMBERS)
    assert_allclose(model.predict(rows), MLPRegressor((5,), **QUICK).fit(dense, NUMBERS).predict(dense))
    assert hasattr(model, "feature_names_in_") is (container in (pd.DataFrame, pl.DataFrame))


@pytest.mark.parametrize("settings", [{}, {"batch_size": 7}, {"solver": "lbfgs"}, {"early_stopping": True}], ids=str)
def test_sparse_is_dense(settings):
    rows = X * (X > 5)
    settings = {**QUICK, **settings, "dtype": "float64"}
    a = MLPClassifier((5,), standardize=False, **settings).fit(rows, CODES)
    b = MLPClassifier((5,), standardize=False, **settings).fit(sparse.csr_array(rows), CODES)
    assert_allclose(numbers(a), numbers(b), rtol=1e-6, atol=1e-9)
    assert_allclose(a.predict_proba(rows), b.predict_proba(sparse.csr_array(rows)))
    # Fitted on sparse rows, a network scales but does not shift; what is predicted does not depend on the container.
    for container in (sparse.csr_array, np.asarray):
        c = MLPClassifier((5,), warm_start=True, **settings).fit(container(rows), CODES)
        assert_allclose(c.predict_proba(rows), c.predict_proba(sparse.csr_array(rows)))
    # ... nor does what is learned from then on.
    d = copy.deepcopy(c).fit(sparse.csr_array(rows), CODES, X_val=sparse.csr_array(rows), y_val=CODES)
    c.fit(rows, CODES, X_val=rows, y_val=CODES)
    assert_allclose(numbers(c), numbers(d), rtol=1e-6, atol=1e-9)
    assert_allclose(c.history_["validation_loss"], d.history_["validation_loss"])


@pytest.mark.parametrize("standardize", [True, False])
def test_sparse_entries_in_pieces(standardize):
    # A CSR matrix may hold a number as a sum of several entries, in any order, and zeros.
    whole = sparse.csr_array(X)
    pieces = sparse.csr_array(
        (np.repeat(whole.data / 2, 2), np.repeat(whole.indices, 2), whole.indptr * 2), whole.shape
    )
    model = MLPClassifier((5,), standardize=standardize, **QUICK)
    expected = clone(model).fit(whole, CODES)
    assert_allclose(expected.predict_proba(pieces), expected.predict_proba(whole))
    assert_allclose(numbers(model.fit(pieces, CODES)), numbers(expected))


EXTREME = {
    "one row": (X[:1], CODES[:1]),
    "two rows": (X[:2], [0, 1]),
    "one class": (X, np.ones(90)),
    "one feature": (X[:, :1], CODES),
    "constant columns": (np.c_[X, np.ones(90), np.zeros(90)], CODES),
    "nothing but a constant": (np.full((90, 2), 7.0), CODES),
    "rare class": (X, np.r_[7, CODES[1:]]),
    "1e300": (X * 1e299, CODES),
    "1e-300": (X * 1e-300, CODES),
    "both ends": (np.where(X > 5, 1e305, -1e305), CODES),
    "float32 3e38": (np.where(X > 5, 3e38, 1e38).astype(np.float32), CODES),
    "float32 1e-41": ((X * 1e-41).astype(np.float32), CODES),
    "float32 5e35": (np.where(X > 5, 5e35, -5e35).astype(np.float32), CODES),
    "1e200 in one row": (np.r_[[[1e200] * 4], X[1:]], CODES),
}


@pytest.mark.parametrize("settings", [{}, {"solver": "lbfgs"}, {"early_stopping": True}, {"batch_size": 7}], ids=str)
@pytest.mark.parametrize("kind", EXTREME)
def test_nothing_but_numbers_leaves(kind, settings):
    rows, y = EXTREME[kind]
    model = MLPClassifier((5,), **QUICK, **settings).fit(rows, y)
    p, log_p = model.predict_proba(rows), model.predict_log_proba(rows)
    assert p.shape == (len(rows), len(set(y)))
    assert np.isfinite([*p.ravel(), *log_p.ravel(), *model.decision_function(rows).ravel(), *model.loss_curve_]).all()
    assert_allclose(p.sum(axis=1), 1, rtol=1e-6)
    model = MLPRegressor((5,), **QUICK, **settings).fit(rows, np.asarray(y, float))
    assert np.isfinite([*model.predict(rows), *model.loss_curve_, *(model.validation_scores_ or [])]).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [1e30, 1e300])
def test_huge_targets(scale, dtype):
    scale = min(scale, float(np.finfo(dtype).max) / 1e3)
    model = MLPRegressor((5,), learning_rate_init=0.05, random_state=0).fit(X.astype(dtype), NUMBERS * scale)
    a, b = model.predict(X.astype(dtype)) / dtype(scale), NUMBERS.astype(dtype)
    assert np.corrcoef(a, b)[0, 1] > 0.95


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("far", [1e20, 1e200])
@pytest.mark.parametrize("by_hand", [False, True])
def test_later_targets_far_out_are_an_error(far, dtype, by_hand):
    far = far if dtype == "float32" or far > 1e100 else 1e160
    model = MLPRegressor((5,), warm_start=True, dtype=dtype, **QUICK)
    if by_hand:
        model.set_weights([np.ones((4, 5)), np.ones((5, 1))], [np.zeros(5), np.zeros(1)])
    else:
        model.fit(X, NUMBERS)
    before = model.predict(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        for learn, y in [(model.fit, far * NUMBERS), (model.partial_fit, far * NUMBERS)]:
            with pytest.raises(ValueError, match=r"y, or y_val, is as large as .* first training, too large"):
                learn(X, y)
        with pytest.raises(ValueError, match="y, or y_val"):
            model.partial_fit(X, NUMBERS, X_val=X, y_val=far * NUMBERS)
    assert_array_equal(model.predict(X), before)


def test_far_out_targets_of_zero_weight_are_left_out():
    weight, huge = np.r_[0.0, np.ones(89)], np.r_[1e300, NUMBERS[1:]]
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        model, same = (
            MLPRegressor((5,), **QUICK).fit(X, y, sample_weight=weight, X_val=X, y_val=y, sample_weight_val=weight)
            for y in (huge, NUMBERS)
        )
    assert_array_equal(numbers(model), numbers(same))
    assert without_times(model.history_) == without_times(same.history_)


@pytest.mark.parametrize("y", [BINARY, CODES, np.c_[BINARY, CODES == 2].astype(int)], ids=["two", "three", "labels"])
def test_smoothing_leaves_the_labels_apart(y):
    """The score is that of y, however little of the labels is left in float32."""
    model = MLPClassifier((5,), label_smoothing=1 - 1e-12, **QUICK).fit(X, y, X_val=X, y_val=y)
    assert model.history_["validation_score"][-1] == model.score(X, y)


@pytest.mark.parametrize("unit", [1e-280, 1e-30, 1e30, 1e280])
def test_units_of_the_inputs_mean_nothing(unit):
    model = MLPClassifier((5,), batch_size=ALL_ROWS, **QUICK).fit(X, CODES)
    assert_allclose(clone(model).fit(X * unit, CODES).predict_proba(X * unit), model.predict_proba(X), rtol=1e-6)
    # ... column by column: a huge one does not drown the others.
    units = np.array([1, 1, 1, unit])
    assert_allclose(clone(model).fit(X * units, CODES).predict_proba(X * units), model.predict_proba(X), rtol=1e-6)


def test_log_proba_is_finite_and_agrees():
    for y in (BINARY, CODES, np.c_[BINARY, CODES == 2].astype(int)):
        model = MLPClassifier((5,), **QUICK).fit(X, y)
        assert_allclose(np.exp(model.predict_log_proba(X)), model.predict_proba(X))
        sure = model.set_weights([1e4 * W for W in model.coefs_], model.intercepts_)
        assert np.isfinite(sure.predict_log_proba(X)).all()
        assert sure.predict_log_proba(X).min() < -1e4
        scores, p = sure.decision_function(X), sure.predict_proba(X)
        assert_array_equal(model.predict(X), model.classes_[p.argmax(1)] if y.ndim == 1 else p > 0.5)
        assert scores.shape == ((90,) if y is BINARY else p.shape)


def test_small_probabilities_are_not_rounded_to_zero():
    # In both columns: 1 - p would be 0 where p rounds to 1, and its logarithm no number.
    model = MLPClassifier(()).set_weights([[[1.0]]], [[0.0]])
    assert_allclose(model.predict_proba([[50.0], [-50.0]]).min(axis=1), np.exp(-50), rtol=1e-9)


def arrays(data):
    """The numbers alone: scipy notes in a sparse array whether it is sorted."""
    rows = data["X"]
    return {**data, "X": (rows.data, rows.indices, rows.indptr) if sparse.issparse(rows) else rows}


@pytest.mark.parametrize("settings", [*({"solver": s} for s in SOLVERS), {"early_stopping": True}, {"shuffle": False},
                                      {"standardize": False}], ids=str)  # fmt: skip
@pytest.mark.parametrize("as_rows", [np.array, np.asfortranarray, np.float32, sparse.csr_array])
def test_nothing_of_the_callers_is_written_to(settings, as_rows, tmp_path):
    given = {
        "X": as_rows(X),
        "w": np.arange(90.0),
        "numbers": PAIR,
        "codes": CODES,
        "coefs": [np.ones((4, 5)), np.ones((5, 2))],
    }
    joblib.dump(given, tmp_path / "given")
    mapped = joblib.load(tmp_path / "given", mmap_mode="r")
    content = (tmp_path / "given").read_bytes()
    for data in (given, mapped):
        before = joblib.hash(arrays(data))
        for model, y in (
            (MLPRegressor((5,), **QUICK, **settings), "numbers"),
            (MLPClassifier((5,), **QUICK, **settings), "codes"),
        ):
            model.fit(data["X"], data[y], data["w"]).score(data["X"], data[y], data["w"])
            if hasattr(model, "partial_fit"):
                model.partial_fit(data["X"], data[y], sample_weight=data["w"])
            model.predict(data["X"])
        made = MLPRegressor((5,), learning_rate_init=1e-6, warm_start=True, **QUICK, **settings)
        made.set_weights(data["coefs"], [np.zeros(5), np.zeros(2)]).fit(data["X"], data["numbers"])
        assert joblib.hash(arrays(data)) == before
    assert (tmp_path / "given").read_bytes() == content


# Parameters


@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_every_parameter_of_the_peer_is_taken(name):
    ours, theirs = {"MLPClassifier": MLPClassifier, "MLPRegressor": MLPRegressor}[name], getattr(peer, name)
    assert set(inspect.signature(theirs).parameters) <= set(inspect.signature(ours).parameters)
    positional = [p.name for p in inspect.signature(ours).parameters.values() if p.kind == p.POSITIONAL_OR_KEYWORD]
    assert positional == ["hidden_layer_sizes", "activation"]
    defaults = theirs().get_params()
    ours(**defaults)._validate_params()
    # Whatever value the peer accepts at the edges of its ranges, ours does.
    edges = [0, 1, 2, 0.0, 0.5, 1.0, 5e9, np.inf, None, True, (), (3, 2), [4], np.array([2])]
    edges += ["auto", "constant", "invscaling", "adaptive", "sgd", "adam", "lbfgs"]
    edges += ["identity", "logistic", "tanh", "relu", "squared_error", "poisson"]
    for param in defaults:
        for value in edges:
            try:
                theirs(**{param: value})._validate_params()
            except ValueError:
                continue
            ours(**{param: value})._validate_params()


def others(name, table):
    """The names in a table of recipes that are not the parameter's default."""
    return [choice for choice in table if choice != MLPRegressor().get_params()[name]]


class Noting:
    """An estimator that writes down which of its parameters are read."""

    def __init__(self):
        self.read = set()

    def __getattr__(self, name):
        self.read.add(name)
        return getattr(REGRESSORS[0], name)


def readers(parameter):
    """The solvers whose recipes read a parameter, as settings."""
    notes = {name: Noting() for name in recipes.SOLVERS}
    for name, note in notes.items():
        recipes.SOLVERS[name](note)
    return [{"solver": name} for name, note in notes.items() if parameter in note.read]


# parameter -> the settings in which it matters, and another value of it
CHANGES = {
    "hidden_layer_sizes": [({}, (6,)), ({}, (5, 5))],
    "activation": [({}, choice) for choice in (*others("activation", recipes.ACTIVATIONS), LeakyReLU(0.3))],
    "maxout_pieces": [({"activation": "maxout"}, 3)],
    "image_shape": [({}, (2, 8))],
    "filters": [({}, 3), ({}, (2, 2))],
    "kernel_size": [({}, 1)],
    "stride": [({}, 2)],
    "padding": [({"image_shape": (4, 4)}, "valid")],
    "pool_size": [({}, 1)],
    "pooling": [({}, s) for s in ("average", "l2", None)],
    "augment": [({}, [RandomShift(1)])],
    "layers": [({}, [Dense(5), Tanh()]), ({}, [Dense(5, Normal(0.1)), ReLU()])],
    "solver": [({}, choice) for choice in (*others("solver", SOLVERS), Momentum(0.3))],
    "alpha": [({"solver": s}, 1.0) for s in SOLVERS],
    "l1_ratio": [({"alpha": 0.1}, 1.0), ({"alpha": 0.1, "solver": "lbfgs"}, 0.5)],
    "batch_size": [({}, 7)],
    "learning_rate": [
        ({"batch_size": 9} | ({"tol": 9.0, "n_iter_no_change": 1} if s == "adaptive" else {}), s)
        for s in (*recipes.SCHEDULES, StepDecay(1))
        if s != "constant"
    ],
    "learning_rate_init": [({"solver": s}, 0.011) for s in recipes.SOLVERS],
    "power_t": [({"learning_rate": "invscaling"}, 0.1)],
    "decay_rate": [({"learning_rate": "inverse"}, 1.0), ({"learning_rate": "exponential"}, 1.0)],
    "decay_every": [({"learning_rate": "step"}, 2)],
    "decay_factor": [({"learning_rate": "step", "decay_every": 2}, 0.1)],
    "max_iter": [({}, 3), ({"solver": "lbfgs"}, 3), ({"learning_rate": "cosine"}, 3)],
    "shuffle": [({"batch_size": 7}, False)],
    "random_state": [({}, 1), ({"solver": "lbfgs"}, 1), ({"init": "zeros", "batch_size": 7}, 1)],
    "tol": [({"n_iter_no_change": 1}, 9.0), ({"solver": "lbfgs"}, 0.5)],
    "warm_start": [({}, True), ({"solver": "lbfgs"}, True)],
    "momentum": [(settings, 0.5) for settings in readers("momentum")],
    "nesterovs_momentum": [({"solver": "momentum"}, False), ({"solver": "sgd", "momentum": 0.5}, False)],
    "early_stopping": [({}, True), ({"solver": "lbfgs"}, True)],
    "scoring": [({"early_stopping": True}, "neg_mean_squared_error")],
    "refit": [({"early_stopping": True}, True)],
    "validation_fraction": [({"early_stopping": True}, 0.4)],
    **{name: [(settings, 0.1) for settings in readers(name)] for name in ("beta_1", "beta_2", "rho", "epsilon")},
    "n_iter_no_change": [({"tol": 9.0}, 2), ({"tol": 9.0, "early_stopping": True}, 2), ({"tol": 9.0}, np.inf)],
    "max_fun": [({"solver": "lbfgs"}, 2)],
    "init": [({}, choice) for choice in (*others("init", recipes.INITIALIZERS), Normal(0.5))],
    "init_std": [({"init": "normal"}, 1.0)],
    "dropout": [({}, 0.5), ({}, (0.2,))],
    "drop_connect": [({}, 0.5)],
    "input_dropout": [({}, 0.5)],
    "pretrain": [({}, Autoencoder(max_iter=1))],
    "embedding": [({}, "periodic"), ({}, "piecewise")],
    "n_members": [({}, 2), ({"member_weights": "shared"}, 2)],
    "member_weights": [({"n_members": 2}, "shared")],
    "input_noise": [({}, 0.5)],
    "label_smoothing": [({}, 0.2), ({"solver": "lbfgs"}, 0.2)],
    "dtype": [({}, "float64")],
    "max_norm": [({}, 0.3)],
    "gradient_clip": [({"solver": "sgd"}, 0.01)],
    "standardize": [({}, False), ({"solver": "lbfgs"}, False)],
    "class_weight": [({}, "balanced"), ({}, {2: 9.0}), ({"solver": "lbfgs"}, "balanced")],
    "loss": [({"delta": 1.0}, choice) for choice in (*others("loss", LOSSES), Huber(0.1))]
    + [({"class_weight": None}, Focal())],
    "quantile": [({"loss": "quantile"}, 0.1), ({"loss": "quantile"}, (0.5, 0.6))],
    "delta": [({"loss": "huber"}, 0.1), ({"loss": "huber", "solver": "lbfgs"}, 0.1)],
}


@pytest.mark.parametrize("model", CLASSIFIERS + REGRESSORS + CONVNETS, ids=lambda model: type(model).__name__)
def test_no_parameter_is_ignored(model):
    y = CODES if hasattr(model, "class_weight") else COUNTS
    rows, y = (WIDE[:30], y[:30]) if model in CONVNETS else (X, y)
    base = {"learning_rate": "constant", "max_iter": 11, "random_state": 0, "n_iter_no_change": 3, "tol": 0.0}
    names = set(model.get_params()) - {"verbose", "checkpoint"}  # they have tests of their own
    assert names <= set(CHANGES)
    results = {}

    def result(settings):
        key = repr(sorted(settings.items()))
        if key not in results:
            changed = clone(model).set_params(**base | settings).fit(rows, y)
            results[key] = learned(changed.fit(rows, y) if "warm_start" in settings else changed)
        return results[key]

    for name in sorted(names):
        assert CHANGES[name]
        for settings, value in CHANGES[name]:
            if set(settings) <= names:
                unchanged = settings | ({"warm_start": False} if name == "warm_start" else {})
                a, b = result(unchanged), result(unchanged | {name: value})
                assert not np.array_equal(a, b, equal_nan=True), f"{name}={value!r} changes nothing with {settings}"


def test_verbose_prints_a_line_an_epoch(capsys):
    MLPRegressor((5,), verbose=True, early_stopping=True, **QUICK).fit(X, NUMBERS)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    assert all(word in lines[4] for word in ("Epoch 5", "loss", "validation_score", "learning_rate"))
    MLPRegressor((5,), **QUICK).fit(X, NUMBERS)
    assert not capsys.readouterr().out


@pytest.mark.parametrize("model", CLASSIFIERS + REGRESSORS, ids=lambda model: type(model).__name__)
def test_params_clone_and_repr(model):
    changed = clone(model).set_params(alpha=0.5, solver=Momentum(0.3), init=Normal(0.2))
    assert clone(changed).get_params() == changed.get_params()
    assert "alpha=0.5" in repr(changed)
    assert "solver=Momentum(mu=0.3, nesterov=True)" in repr(changed)
    assert "alpha" not in repr(model)
    assert "alpha" in estimator_html_repr(changed)


# Attributes


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize(
    ("name", "y"),
    [("MLPClassifier", BINARY), ("MLPClassifier", CODES), ("MLPClassifier", np.c_[BINARY, CODES == 2].astype(int)),
     ("MLPRegressor", NUMBERS), ("MLPRegressor", PAIR)],
)  # fmt: skip
def test_attributes_are_those_of_the_peer(name, y, early_stopping):
    settings = {"hidden_layer_sizes": (6, 5), "early_stopping": early_stopping, "random_state": 0, "max_iter": 7}
    rows = pd.DataFrame(X, columns=list("abcd"))
    ours = {"MLPClassifier": MLPClassifier, "MLPRegressor": MLPRegressor}[name](**settings).fit(rows, y)
    theirs = getattr(peer, name)(**settings).fit(rows, y)
    public = {key for key in dir(theirs) if key.endswith("_") and not key.startswith("_")}
    assert {"coefs_", "loss_curve_", "t_", "n_iter_", "feature_names_in_", "validation_scores_"} <= public
    for key in sorted(public):
        a, b = getattr(ours, key), getattr(theirs, key)
        if key in ("coefs_", "intercepts_"):
            assert [part.shape for part in a] == [part.shape for part in b], key
        elif key in ("classes_", "feature_names_in_"):
            assert_array_equal(a, b)
        elif isinstance(b, (int, str)) or b is None:
            assert a == b, key
        else:
            assert np.shape(a) == np.shape(b), key
            assert np.isfinite(a).all(), key


@pytest.mark.parametrize("model", [MLPClassifier(), MLPRegressor()])
def test_every_documented_attribute_exists(model):
    model = clone(model).set_params(**QUICK).fit(pd.DataFrame(X, columns=list("abcd")), CODES)
    section = inspect.getdoc(model).split("Attributes\n----------\n")[1].split("\n\n")[0]
    documented = [
        name for line in section.splitlines() if not line.startswith(" ") for name in line.split(" : ")[0].split(", ")
    ]
    assert {"coefs_", "n_iter_", "stop_reason_", "history_"} <= set(documented)
    for name in set(documented) - {"pretrained_"}:  # which is there with `pretrain`
        getattr(model, name)
    assert model.loss_ == model.loss_curve_[-1]
    assert model.best_loss_ == min(model.loss_curve_)
    assert estimator_html_repr(model)


def test_what_auto_meant():
    model = MLPClassifier((5,), solver="adagrad", **QUICK).fit(X, CODES)
    assert (model.learning_rate_init_, model.t_) == (0.05, 450)
    assert 0 < model.batch_size_ <= 90
    assert MLPClassifier(batch_size=1000, **QUICK).fit(X, CODES).batch_size_ == 90


# Learning


@pytest.mark.parametrize(
    "settings", [{}, {"batch_size": 7}, {"solver": "lbfgs"}, {"early_stopping": True}, {"shuffle": False}], ids=str
)
def test_same_seed_same_bits(settings):
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    for model, y in ((CLASSIFIERS[0], CODES), (REGRESSORS[1], NUMBERS)):
        model = clone(model).set_params(**settings)
        first = learned(model.fit(X, y))
        assert_array_equal(learned(model.fit(X, y)), first)
        assert_array_equal(learned(clone(model).fit(X, y)), first)
        assert not np.array_equal(learned(clone(model).set_params(random_state=1).fit(X, y)), first)
    assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    shared = np.random.RandomState(0)
    a, b = (numbers(clone(model).set_params(random_state=shared).fit(X, y)) for _ in range(2))
    assert not np.array_equal(a, b)


def test_wrong_gradients_do_not_pass_as_learning():
    # One full-batch step of plain descent is the gradient; compare it with differences of the loss.
    for standardize in (True, False):
        model = MLPRegressor((4,), "tanh", solver="sgd", max_iter=1, alpha=0.1, batch_size=90, random_state=0)
        model.set_params(standardize=standardize, learning_rate="constant", dtype="float64")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            Z = (X - X.mean(0)) / X.std(0)
            start = clone(model).set_params(learning_rate_init=1e-300).fit(Z, NUMBERS)
            step = numbers(start) - numbers(model.fit(Z, NUMBERS))
        shapes = [a.shape for a in [*start.coefs_, *start.intercepts_]]
        scaled = (NUMBERS - NUMBERS.mean()) / NUMBERS.std()

        def loss(theta, start=start, shapes=shapes, scaled=scaled, Z=Z):
            parts = np.split(theta, np.cumsum([np.prod(s) for s in shapes])[:-1])
            parts = [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]
            error = (start.set_weights(parts[:2], parts[2:]).predict(Z) - NUMBERS.mean()) / NUMBERS.std() - scaled
            return np.mean(error**2) / 2 + 0.05 * sum((W**2).sum() for W in parts[:2])

        theta, direction = numbers(start), np.random.default_rng(0).normal(size=len(step))
        difference = (loss(theta + 1e-5 * direction) - loss(theta - 1e-5 * direction)) / 2e-5
        assert_allclose(step @ direction / 0.1, difference, rtol=1e-6)


def test_converged_or_warned():
    with pytest.warns(ConvergenceWarning, match="max_iter=2") as record:
        MLPClassifier((5,), max_iter=2, random_state=0).fit(X, CODES)
    assert record[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(2):
            model = MLPClassifier((5,), max_iter=2, random_state=0).partial_fit(X, CODES, classes=[0, 1, 2])
        model = MLPClassifier((5,), solver="momentum", max_iter=1000, random_state=0).fit(X, CODES)
    assert model.n_iter_ < 1000
    assert "did not improve" in model.stop_reason_


def test_a_plateau_brings_the_rate_down_and_then_ends_the_training():
    settings = {"tol": 10.0, "n_iter_no_change": 5, "random_state": 0}  # no fall is an improvement
    rates = MLPClassifier((5,), **settings).fit(X, CODES).history_["learning_rate"]
    assert len(rates) == 9  # the first epoch is the best, five do not improve, half as many bring the rate down
    assert rates[5] > 0.009
    assert rates[8] < 0.004
    assert MLPClassifier((5,), learning_rate="constant", **settings).fit(X, CODES).n_iter_ == 6
    assert MLPClassifier((5,), early_stopping=True, **settings).fit(X, CODES).n_iter_ == 6


@pytest.mark.parametrize("load", [load_iris, load_wine, load_breast_cancer, load_digits, load_diabetes])
def test_no_warning_at_the_defaults(load):
    rows, y = load(return_X_y=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (MLPRegressor if load is load_diabetes else MLPClassifier)(random_state=0).fit(rows, y)


def test_early_stopping_keeps_the_best_epoch():
    rows, y = make_classification(200, flip_y=0.3, random_state=0)
    settings = {"random_state": 0, "learning_rate_init": 0.05, "early_stopping": True, "validation_fraction": 0.3,
                "learning_rate": "constant"}  # fmt: skip
    model = MLPClassifier(max_iter=60, **settings).fit(rows, y)
    losses = model.history_["validation_loss"]
    assert "validation loss" in model.stop_reason_
    best = int(np.argmin(losses)) + 1
    assert best < model.n_iter_ == len(losses) == len(model.validation_scores_) < 60
    again = MLPClassifier(max_iter=best, **settings).fit(rows, y)
    assert_array_equal(numbers(again), numbers(model))


@pytest.mark.parametrize("y", [np.ones(90), NUMBERS], ids=["constant", "tol"])
def test_converged_from_the_start(y):
    # L-BFGS may have nothing to do; there is a loss all the same.
    model = MLPRegressor((5,), solver="lbfgs", init="zeros", tol=10.0).fit(X, y)
    assert np.isfinite(model.loss_)
    assert_allclose(model.predict(X), y.mean())


def test_divergence_is_an_error_with_advice():
    for solver in recipes.SOLVERS:
        model = MLPRegressor((5,), solver=solver, learning_rate_init=1e300, random_state=0)
        with pytest.raises(
            ValueError, match=r"diverged in epoch \d+.*learning_rate_init=1e\+300.*lower learning_rate_init"
        ):
            model.fit(X, NUMBERS)
        assert not model.__sklearn_is_fitted__()


def test_held_out_rows_without_a_finite_loss():
    # The best epoch is one of numbers even if no epoch has a finite validation loss.
    rows = X.copy()
    rows[::2] = 1e200
    for seed in range(10):
        model = MLPRegressor(
            (5,), early_stopping=True, validation_fraction=0.02, standardize=False, max_iter=3, random_state=seed
        )
        try:
            model.fit(rows, NUMBERS)
        except ValueError as error:
            assert "diverged" in str(error)  # noqa: PT017
        else:
            assert np.isfinite(numbers(model)).all()


def test_failed_fit_leaves_no_mixture():
    model = MLPClassifier((5,), **QUICK).fit(X, strings(CODES))
    before = model.predict(X)
    for bad in ({"y": BINARY, "sample_weight": [1.0]}, {"y": BINARY, "sample_weight": np.zeros(90)}):
        with pytest.raises(ValueError, match=r"sample_weight|Sample weights"):
            model.fit(X, **bad)
        assert_array_equal(model.predict(X), before)
    with pytest.raises(ValueError, match="hidden_layer_sizes"):
        model.set_params(hidden_layer_sizes=(0,)).fit(X, BINARY)
    assert_array_equal(model.predict(X), before)
