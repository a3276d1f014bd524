"""One network for several quantiles: what it predicts, its score, and where it goes in scikit-learn."""

import copy

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.metrics import d2_pinball_score, mean_pinball_loss
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import (
    ConvNetRegressor,
    MLPClassifier,
    MLPRegressor,
    NetworkRegressor,
    check_gradient,
    diagnose,
    find_learning_rate,
)
from sknn_scratch.data.targets import quantities
from sknn_scratch.nn.losses import Quantile, Quantiles, SquaredError

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

rng = np.random.default_rng(0)
X = rng.normal(size=(120, 9))
Y = 100 + 10 * X[:, 0] + rng.exponential(size=120) * (1 + np.abs(X[:, 1]))
LEVELS = (0.1, 0.5, 0.8)
QUICK = {"loss": "quantile", "quantile": LEVELS, "max_iter": 5, "random_state": 0}
MODELS = [MLPRegressor((6,), **QUICK), NetworkRegressor(**QUICK), ConvNetRegressor(filters=2, **QUICK)]
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)


def mean_d2(y, predictions, sample_weight=None):
    columns = zip(LEVELS, predictions.T, strict=True)
    return np.mean([d2_pinball_score(y, p, alpha=q, sample_weight=sample_weight) for q, p in columns])


def test_constants_are_the_quantiles_of_y():
    y = rng.exponential(size=2000)
    nothing = np.zeros((2000, 1))
    settings = {"solver": "sgd", "batch_size": 2000, "alpha": 0, "n_iter_no_change": np.inf, "max_iter": 500}
    model = MLPRegressor((), learning_rate_init=0.3, **QUICK | settings).fit(nothing, y)
    predictions = model.predict(nothing[:1])[0]
    assert_allclose([np.mean(y <= each) for each in predictions], LEVELS, atol=0.01)
    for level, each in zip(LEVELS, predictions, strict=True):  # as one network for each, of a third of the rate
        alone = clone(model).set_params(quantile=level, learning_rate_init=0.1).fit(nothing, y)
        assert each == pytest.approx(alone.predict(nothing[:1])[0], rel=1e-3)


@every_model
@pytest.mark.parametrize("levels", [LEVELS, list(LEVELS), np.array(LEVELS)], ids=["tuple", "list", "array"])
def test_quantiles_do_not_cross(model, levels):
    model = clone(model).set_params(quantile=levels).fit(X, Y)
    model.set_weights([rng.normal(size=W.shape) for W in model.coefs_], model.intercepts_)
    assert (np.diff(model._raw(X), axis=1) < 0).any()  # there is something to sort
    predictions = model.predict(X)
    assert predictions.shape == (120, 3)
    assert (np.diff(predictions, axis=1) >= 0).all()
    assert model.n_outputs_ == 3
    assert model.out_activation_ == "sorted"


def test_sorting_never_increases_the_loss():
    loss = Quantiles(LEVELS)
    raw, t = rng.normal(size=(500, 3)), rng.normal(size=(500, 1)).repeat(3, axis=1)
    as_they_are, in_order = (loss.rows(t, outputs)[0] for outputs in (raw, loss.predict(raw)))
    assert (in_order <= as_they_are + 1e-15).all()
    assert (in_order < as_they_are - 1e-3).sum() > 100


def test_loss_is_the_mean_of_the_losses_of_each():
    raw, t = rng.normal(size=(50, 3)), rng.normal(size=(50, 1))
    losses, _ = Quantiles(LEVELS).rows(t.repeat(3, axis=1), raw)
    assert losses.mean() == pytest.approx(
        np.mean([mean_pinball_loss(t, raw[:, [i]], alpha=q) for i, q in enumerate(LEVELS)])
    )


@every_model
@pytest.mark.parametrize("weighted", [False, True])
def test_score_is_the_mean_of_d2(model, weighted):
    weight = rng.integers(1, 4, size=120) if weighted else None
    model = clone(model).set_params(dtype="float64").fit(X, Y, weight)
    assert model.score(X, Y, weight) == pytest.approx(mean_d2(Y, model.predict(X), weight))
    model.set_params(max_iter=2).fit(X, Y, X_val=X, y_val=Y, sample_weight_val=weight)
    assert model.validation_scores_[-1] == pytest.approx(mean_d2(Y, model.predict(X), weight))


@pytest.mark.parametrize("y", [[3.0], [2.0, 2.0]])
def test_score_of_equal_rows(y):
    y = np.array(y)
    target = quantities(Quantiles(LEVELS), 1, True)
    numbers = target.numbers(y)
    assert target.score(numbers, numbers, None) == 1
    assert target.score(numbers, numbers + 1, None) == 0
    assert target.score(numbers, numbers + 1, np.ones(len(y))) == 0


def test_a_number_is_as_before():
    one = MLPRegressor((6,), **QUICK | {"quantile": 0.8}).fit(X, Y)
    assert one.predict(X).shape == (120,)
    assert one._target.loss == Quantile(0.8)
    alone = MLPRegressor((6,), **QUICK | {"quantile": (0.8,)}).fit(X, Y)
    assert_allclose(alone.predict(X)[:, 0], one.predict(X), rtol=1e-6)


def test_loss_as_an_object():
    by_name, by_object = (MLPRegressor((6,), **QUICK | params) for params in ({}, {"loss": Quantiles(LEVELS)}))
    assert_array_equal(by_name.fit(X, Y).predict(X), by_object.set_params(quantile=0.5).fit(X, Y).predict(X))


@pytest.mark.parametrize("weight", [None, np.arange(120) % 3])
def test_weights_are_copies(weight):
    model = MLPRegressor((6,), **QUICK)
    if weight is None:
        assert_allclose(model.fit(X, Y, np.ones(120)).predict(X), clone(model).fit(X, Y).predict(X), rtol=1e-6)
        return
    copies = clone(model).fit(X.repeat(weight, axis=0), Y.repeat(weight))
    assert_allclose(model.fit(X, Y, weight).predict(X), copies.predict(X), rtol=1e-5)


def test_partial_fit_warm_start_and_validation_set():
    model = MLPRegressor((6,), early_stopping=True, **QUICK | {"quantile": list(LEVELS)})
    for start in range(0, 120, 40):
        part = slice(start, start + 40)
        model.partial_fit(X[part], Y[part], X_val=X[:20], y_val=Y[:20])
    assert len(model.validation_scores_) == 3
    assert model.partial_fit(X[:1], Y[:1]).predict(X).shape == (120, 3)
    model = MLPRegressor((6,), warm_start=True, **QUICK).fit(X, Y)
    n_iter = model.n_iter_
    assert model.set_params(quantile=(0.2, 0.5, 0.9)).fit(X, Y).n_iter_ == n_iter + 5
    for other in ({"quantile": (0.2, 0.5)}, {"quantile": 0.5}, {"quantile": 0.5, "loss": "squared_error"}):
        before = model.predict(X)
        with pytest.raises(ValueError, match=r"cannot go on from Quantiles.*has other outputs"):
            copy.deepcopy(model).set_params(**other).fit(X, Y)
        assert_array_equal(model.predict(X), before)
    with pytest.raises(ValueError, match=r"from SquaredError.* to Quantiles.*has other outputs"):
        MLPRegressor((6,), warm_start=True, max_iter=2).fit(X, Y).set_params(**QUICK).fit(X, Y)


def test_in_pipelines_and_searches():
    pipeline = make_pipeline(StandardScaler(), MLPRegressor((6,), **QUICK))
    grid = {"mlpregressor__quantile": [LEVELS, (0.2, 0.5, 0.9)], "mlpregressor__alpha": [0.0, 0.1]}
    search = GridSearchCV(pipeline, grid, cv=2, error_score="raise").fit(X, Y)
    assert search.predict(X).shape == (120, 3)
    assert -10 < search.best_score_ < 1
    assert cross_val_predict(pipeline, X, Y, cv=3).shape == (120, 3)
    scaled = TransformedTargetRegressor(MLPRegressor((6,), **QUICK), func=np.log, inverse_func=np.exp)
    assert (np.diff(scaled.fit(X, Y).predict(X), axis=1) >= 0).all()


def test_studies():
    model = MLPRegressor((6,), **QUICK)
    assert max(check_gradient(model, X, Y)["relative_error"]) < 1e-5
    find_learning_rate(model, X, Y)
    diagnose(model.fit(X, Y), X, Y)


def test_weights_by_hand():
    model = MLPRegressor((), **QUICK).set_weights([np.eye(3)], [[1.0, 0, 0]])
    assert_array_equal(model.predict([[1.0, 2, 0]]), [[0, 2, 2]])
    with pytest.raises(ValueError, match=r"coefs\[0\] should have the shape \(3, 3\), got \(3, 2\)"):
        MLPRegressor((), **QUICK).set_weights([np.ones((3, 2))], [np.ones(2)])


WRONG = [(), (0.5, 0.1), (0.1, 0.1), (0.0, 0.5), (0.5, 1.0), (0.1, np.nan), ("a", "b"), [[0.1, 0.5]]]


@pytest.mark.parametrize("levels", WRONG, ids=repr)
def test_wrong_levels(levels):
    with pytest.raises(ValueError, match=r"increasing numbers above 0 and below 1, such as .*, got"):
        MLPRegressor((6,), **QUICK | {"quantile": levels}).fit(X, Y)


def test_another_loss():
    with pytest.raises(ValueError, match="Several quantiles need loss='quantile', got loss='huber'"):
        MLPRegressor((6,), loss="huber", quantile=LEVELS).fit(X, Y)


@pytest.mark.parametrize("levels", ["ab", None])
def test_levels_that_are_no_numbers(levels):
    with pytest.raises(ValueError, match="'quantile' parameter of MLPRegressor must be"):
        MLPRegressor((6,), **QUICK | {"quantile": levels}).fit(X, Y)
    with pytest.raises(ValueError, match="increasing numbers"):
        Quantiles(levels)


def test_several_outputs_are_refused():
    with pytest.raises(ValueError, match=r"of one number a row, and y has shape \(120, 2\)"):
        MLPRegressor((6,), **QUICK).fit(X, np.c_[Y, Y])
    with pytest.raises(ValueError, match=r"of one number a row, and y_val has shape \(120, 2\)"):
        MLPRegressor((6,), **QUICK).fit(X, Y, X_val=X, y_val=np.c_[Y, Y])
    with pytest.raises(ValueError, match="is for numbers"):
        MLPClassifier(loss=Quantiles(LEVELS)).fit(X, Y > 100)


def test_settings_are_plain_numbers():
    assert Quantiles([np.float32(0.25), np.float64(0.5)]) == Quantiles((0.25, 0.5))
    assert hash(Quantiles([0.5])) == hash(Quantiles((0.5,)))
    assert quantities(SquaredError(), 2, False).n_outputs == 2
