"""Validation rows: one's own, held out, or routed through pipelines and searches; and what stopping early costs."""

import warnings
import weakref

import numpy as np
import pandas as pd
import pytest
import sklearn
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, cross_validate, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, Normalizer, QuantileTransformer, RobustScaler, StandardScaler

from sknn_scratch import ConvNetClassifier, MLPClassifier, MLPRegressor
from sknn_scratch.data.apart import apart
from sknn_scratch.estimators import base
from sknn_scratch.nn.hoisting import hoist
from tests.learned import numbers, without_times

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_iris(return_X_y=True)
X, X_VAL, Y, Y_VAL = train_test_split(X, Y, test_size=50, random_state=0, stratify=Y)
STOPS = {"early_stopping": True, "n_iter_no_change": 3, "random_state": 0}


@pytest.mark.parametrize("model", [MLPClassifier((8,)), MLPRegressor((8,)), ConvNetClassifier(filters=(2,))])
def test_history_has_a_column_of_everything(model):
    frame = pd.DataFrame(model.set_params(max_iter=5).fit(X, Y, X_val=X_VAL, y_val=Y_VAL).history_)
    assert list(frame) == ["loss", "score", "validation_loss", "validation_score", "learning_rate", "gradient_norm",
                           "seconds"]  # fmt: skip
    assert frame.shape == (5, 7)
    assert frame.notna().all(axis=None)
    assert (frame["seconds"] > 0).all()
    assert frame["validation_score"].iloc[-1] == pytest.approx(model.score(X_VAL, Y_VAL))


@pytest.mark.parametrize("model", [MLPClassifier((8,)), MLPRegressor((8,))])
@pytest.mark.parametrize("weight", [None, np.arange(100) % 3])
def test_training_score_is_that_of_the_network_before_the_epochs_steps(model, weight):
    # One batch an epoch: its output is that of the network that the epoch before left.
    model.set_params(batch_size=100, max_iter=4, random_state=0).fit(X, Y, weight)
    again = model.set_params(max_iter=5, learning_rate="constant").fit(X, Y, weight).history_["score"][-1]
    assert again == pytest.approx(model.set_params(max_iter=4).fit(X, Y, weight).score(X, Y, weight))


def test_stopping_early_costs_little():
    """At most one point on average; scikit-learn's costs 15 on iris and 20 on wine."""
    for load in (load_iris, load_wine):
        data, lost = load(return_X_y=True), []
        for seed in range(10):
            X_train, X_test, y_train, y_test = train_test_split(
                *data, test_size=0.3, random_state=seed, stratify=data[1]
            )
            scores = [
                MLPClassifier(early_stopping=early, random_state=seed).fit(X_train, y_train).score(X_test, y_test)
                for early in (False, True)
            ]
            lost.append(scores[0] - scores[1])
        assert np.mean(lost) <= 0.01


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_refit_does_not_hold_the_rows_of_the_first_training(solver, monkeypatch):
    made = []

    def hoisting(network, rows):
        assert [before() for before in made] == [None] * len(made)
        network, rows = hoist(network, rows)
        made.append(weakref.ref(rows))
        return network, rows

    monkeypatch.setattr(base, "hoist", hoisting)
    MLPClassifier((8,), solver=solver, refit=True, max_iter=5, **STOPS).fit(X, Y)
    assert len(made) == 2


def test_partial_fit_stops_as_fit_does():
    settings = STOPS | {"learning_rate": "constant", "learning_rate_init": 0.05, "max_iter": 200}
    whole = MLPClassifier((8,), **settings).fit(X, Y, X_val=X_VAL, y_val=Y_VAL)
    assert whole.n_iter_ < 200
    parts = MLPClassifier((8,), **settings)
    for _ in range(200):
        parts.partial_fit(X, Y, classes=[0, 1, 2], X_val=X_VAL, y_val=Y_VAL)
        if parts.stop_reason_:
            break
    assert_array_equal(numbers(parts), numbers(whole))
    assert without_times(parts.history_) == without_times(whole.history_)
    assert parts.stop_reason_ == whole.stop_reason_
    # Going on begins at the best numbers, and waits anew.
    parts.partial_fit(X, Y, X_val=X_VAL, y_val=Y_VAL)
    assert parts.stop_reason_ is None


def test_partial_fit_counts_the_calls_with_validation_rows_only():
    # A stream that looks at the validation rows once a pass: chunks rise and fall, and say nothing about stopping.
    model = MLPClassifier((8,), learning_rate="constant", **STOPS | {"tol": 0.1})
    n_passes = 0
    while n_passes < 200:
        n_passes += 1
        for start in range(0, 100, 20):
            rows = slice(start, start + 20)
            last = start == 80
            shown = {"X_val": X_VAL, "y_val": Y_VAL} if last else {}
            model.partial_fit(X[rows], Y[rows], classes=[0, 1, 2], **shown)
            assert last or model.stop_reason_ is None
        if model.stop_reason_:
            break
    assert "validation loss" in model.stop_reason_
    frame = pd.DataFrame(model.history_)
    assert frame["validation_loss"].notna().sum() == n_passes == len(frame) / 5
    assert model.best_validation_score_ == frame["validation_score"].max()


def test_scores_that_are_no_numbers_cannot_stop_anything():
    one_class = {"X_val": X_VAL[Y_VAL == 1], "y_val": np.ones((Y_VAL == 1).sum(), bool)}
    model = MLPClassifier((8,), scoring="roc_auc", **STOPS)
    with pytest.warns(UserWarning, match=r"scoring='roc_auc' gives no number.*validation rows.*watches their loss"):
        model.fit(X, Y == 1, **one_class)
    watching_the_loss = MLPClassifier((8,), **STOPS).fit(X, Y == 1, **one_class)
    assert_array_equal(numbers(model), numbers(watching_the_loss))


def raising(model, X, y):
    raise ZeroDivisionError


def sometimes(values):
    values = iter(values)
    return lambda model, X, y: next(values, 0.9)


FAILING = {  # made afresh for each test
    "raises": lambda: raising,
    "nan": lambda: lambda *_: np.nan,
    "infinite": lambda: lambda *_: -np.inf,
    "no number": lambda: sometimes([None]),
    "later": lambda: sometimes([0.5, np.nan]),
    "neg_log_loss": lambda: "neg_log_loss",
}


@pytest.mark.parametrize("name", FAILING)
@pytest.mark.parametrize("early_stopping", [True, False])
def test_a_scorer_that_fails_loses_no_epoch(name, early_stopping):
    two = Y_VAL < 2  # neg_log_loss needs a row of each class
    settings = STOPS | {"early_stopping": early_stopping, "max_iter": 15}
    model = MLPClassifier((8,), scoring=FAILING[name](), **settings)
    with pytest.warns(UserWarning, match=f"gives no number for the {two.sum()} validation rows") as warned:
        model.fit(X, Y, X_val=X_VAL[two], y_val=Y_VAL[two])
    [words] = [str(warning.message) for warning in warned if "gives no number" in str(warning.message)]
    assert ("early stopping watches" in words) == early_stopping
    assert len(model.validation_scores_) == model.n_iter_ > 2
    assert np.isnan(model.validation_scores_).any()
    if name not in ("later", "no number"):
        assert model.best_validation_score_ is None
    if name != "later" and early_stopping:
        loss = MLPClassifier((8,), **settings).fit(X, Y, X_val=X_VAL[two], y_val=Y_VAL[two])
        assert_array_equal(numbers(model), numbers(loss))


def test_partial_fit_remembers_that_the_scoring_failed():
    settings = STOPS | {"learning_rate": "constant", "learning_rate_init": 0.05}
    models = [MLPClassifier((8,), scoring=scoring, **settings) for scoring in (raising, None)]
    for model in models:
        for _ in range(200):
            model.partial_fit(X, Y, classes=[0, 1, 2], X_val=X_VAL, y_val=Y_VAL)
            if model.stop_reason_:
                break
    assert models[0].n_iter_ == models[1].n_iter_ < 200


SCALERS = [StandardScaler(), MinMaxScaler(), RobustScaler(), QuantileTransformer(n_quantiles=20), Normalizer()]


@pytest.mark.parametrize("load", [load_iris, load_wine, load_breast_cancer, load_digits])
@pytest.mark.parametrize("scaler", SCALERS)
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
def test_rows_that_skipped_the_scaler_lie_apart(load, scaler, form):
    train, test = train_test_split(load(return_X_y=True)[0], test_size=0.2, random_state=0)
    transformed = scaler.fit(train).transform(train)
    assert apart(form(transformed), form(test))
    assert not apart(form(transformed), form(scaler.transform(test)))
    assert not apart(form(train), form(test))


rng = np.random.default_rng(0)
ORDINARY = {
    "normal": lambda n, d: rng.normal(size=(n, d)),
    "units": lambda n, d: rng.normal(size=(n, d)) * np.exp(4 * rng.normal(size=d)) + 50 * rng.normal(size=d),
    "lognormal": lambda n, d: rng.lognormal(size=(n, d)),
    "counts": lambda n, d: rng.poisson(0.5, (n, d)).astype(float),
    "one-hot": lambda n, d: np.eye(d)[rng.integers(0, d, n)],
    "constant": lambda n, d: np.c_[np.ones((n, d)), rng.normal(size=n)],
    "clusters": lambda n, d: 20 * rng.normal(size=(3, d))[rng.integers(0, 3, n)] + rng.normal(size=(n, d)),
    "time": lambda n, d: np.c_[np.arange(n), rng.normal(size=(n, d))],
}


@pytest.mark.parametrize("kind", ORDINARY)
def test_ordinary_splits_do_not_lie_apart(kind):
    alarms = 0
    for n, d in 100 * [(20, 1), (20, 5), (60, 2), (200, 20)]:
        rows, n_val = ORDINARY[kind](n, d), int(n * rng.choice([0.1, 0.25, 0.5]))
        shifted = rows[n - n_val :] + (kind == "normal") * rng.normal(size=rows.shape[1])
        alarms += bool(apart(rows[: n - n_val], shifted))
    assert alarms <= 2


@pytest.mark.parametrize("kind", ORDINARY)
def test_ordinary_splits_of_scaled_rows_do_not_lie_apart(kind):
    alarms = 0
    for n, d in 15 * [(40, 1), (60, 2), (200, 20)]:
        train, val = train_test_split(ORDINARY[kind](n, d), test_size=0.5, random_state=0)
        scaler = StandardScaler().fit(train)
        alarms += bool(apart(scaler.transform(train), scaler.transform(val)))
    assert alarms == 0


places = np.random.default_rng(1)
OTHER_PLACES = {
    "two groups": places.normal(size=(300, 4)) + 5 * places.integers(0, 2, (300, 1)),
    "one column": 3 * places.normal(size=(300, 1)) + 4,
    "counts": places.poisson(4, (300, 5)).astype(float),
    "constant columns": np.c_[np.ones((300, 3)), places.normal(2, 1, (300, 2))],
}


@pytest.mark.parametrize("kind", OTHER_PLACES)
@pytest.mark.parametrize("scaler", [StandardScaler(), StandardScaler(with_std=False), RobustScaler(), MinMaxScaler()])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_beside_scaled_ones_lie_apart(kind, scaler, dtype):
    train, test = train_test_split(OTHER_PLACES[kind].astype(dtype), test_size=0.3, random_state=0)
    transformed = scaler.fit(train).transform(train)
    assert apart(transformed, test) or (kind == "two groups" and not scaler.get_params().get("with_std", True))
    assert not apart(transformed, scaler.transform(test))
    assert not apart(train, test)


def test_an_untransformed_validation_set_is_warned_about():
    pipe = Pipeline([("scale", StandardScaler()), ("net", MLPClassifier((8,), max_iter=2, random_state=0))])
    with pytest.warns(UserWarning, match=r"X_val lies far outside of X.*pipe\[:-1\]\.transform\(X_val\)"):
        pipe.fit(X, Y, net__X_val=X_VAL, net__y_val=Y_VAL)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        warnings.simplefilter("ignore", ConvergenceWarning)
        pipe.fit(X, Y, net__X_val=pipe[:-1].transform(X_VAL), net__y_val=Y_VAL)


def test_pixels_that_were_divided_are_warned_about():
    rng = np.random.default_rng(0)
    pixels, y = rng.uniform(0, 255, size=(200, 20)), np.arange(200) % 2
    with pytest.warns(UserWarning, match="X_val lies far outside of X"):
        MLPClassifier((4,), max_iter=2).fit(pixels, y, X_val=rng.uniform(0, 1, size=(60, 20)), y_val=y[:60])


def test_weights_of_no_rows_are_refused():
    with pytest.raises(ValueError, match="sample_weight_val is for the rows of X_val"):
        MLPClassifier().fit(X, Y, sample_weight_val=np.ones(5))


def test_partial_fit_without_early_stopping_only_looks():
    looking, blind = MLPClassifier((8,), random_state=0), MLPClassifier((8,), random_state=0)
    for _ in range(20):
        looking.partial_fit(X, Y, [0, 1, 2], None, X_VAL, Y_VAL)
        blind.partial_fit(X, Y, [0, 1, 2])
    assert_array_equal(numbers(looking), numbers(blind))
    assert len(looking.validation_scores_) == 20


def test_warm_start_on_other_rows_learns_them():
    # The old rows were easy; a loss as small as theirs is out of reach, and no reason to stop.
    model = MLPClassifier((8,), warm_start=True, max_iter=200, **STOPS).fit(X, Y == 0)
    noisy = np.where(np.random.default_rng(0).random(100) < 0.15, 1, 2) == Y
    before = model.score(X, noisy)
    assert model.fit(X, noisy).score(X, noisy) > before + 0.2


def test_routed_through_a_pipeline():
    with sklearn.config_context(enable_metadata_routing=True):
        net = MLPClassifier((8,), standardize=False, **STOPS).set_fit_request(X_val=True, y_val=True)
        pipeline = Pipeline([("scale", StandardScaler()), ("net", net)], transform_input=["X_val"])
        pipeline.fit(X, Y, X_val=X_VAL, y_val=Y_VAL)
    scaler = StandardScaler().fit(X)
    by_hand = MLPClassifier((8,), standardize=False, **STOPS)
    by_hand.fit(scaler.transform(X), Y, X_val=scaler.transform(X_VAL), y_val=Y_VAL)
    assert_array_equal(numbers(pipeline[-1]), numbers(by_hand))


def test_routed_through_searches():
    with sklearn.config_context(enable_metadata_routing=True):
        net = MLPClassifier((8,), **STOPS).set_fit_request(X_val=True, y_val=True, sample_weight=True)
        net.set_score_request(sample_weight=True)
        weight = np.arange(100) % 2 + 1
        search = GridSearchCV(net, {"dropout": [0.0, 0.2]}, cv=2, error_score="raise")
        search.fit(X, Y, sample_weight=weight, X_val=X_VAL, y_val=Y_VAL)
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        pipeline = Pipeline([("scale", scaler), ("net", net)], transform_input=["X_val"])
        params = {"sample_weight": weight, "X_val": X_VAL, "y_val": Y_VAL}
        scores = cross_validate(pipeline, X, Y, cv=2, params=params, return_estimator=True, error_score="raise")
    by_hand = MLPClassifier((8,), dropout=search.best_params_["dropout"], **STOPS)
    by_hand.fit(X, Y, weight, X_VAL, Y_VAL)
    assert_array_equal(numbers(search.best_estimator_), numbers(by_hand))
    assert all(len(fold[-1].validation_scores_) == fold[-1].n_iter_ for fold in scores["estimator"])


def test_search_slices_what_is_as_long_as_X():
    """Of which the docs warn."""
    seen = []

    class Spy(MLPClassifier):
        def fit(self, X, y, sample_weight=None, X_val=None, y_val=None):
            seen.append(len(X_val))
            return super().fit(X, y, sample_weight, X_val, y_val)

    cross_validate(Spy((8,), **STOPS), X, Y, cv=2, params={"X_val": X[::-1], "y_val": Y[::-1]})
    cross_validate(Spy((8,), **STOPS), X, Y, cv=2, params={"X_val": X[:99], "y_val": Y[:99]})
    assert seen == [50, 50, 99, 99]
