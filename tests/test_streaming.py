"""Training in pieces is training: partial_fit, warm starts and pickles in between change no bit of the result."""

import pickle

import joblib
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from sknn_scratch import MLPClassifier, MLPRegressor, NetworkClassifier
from sknn_scratch.estimators import recipes
from sknn_scratch.nn.layers import Dense, Tanh
from tests.learned import numbers, without_times

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 4)) * [1, 10, 0.1, 3] + 5
LABELS = (X[:, 0] > 5).astype(int) + (X[:, 1] > 9)
NUMBERS = 100 * X[:, 0] + X[:, 1]
WEIGHT = rng.integers(0, 4, 60)
EPOCHS = 6


def assert_identical(a, b):
    assert_array_equal(numbers(a), numbers(b))
    assert without_times(a.history_) == without_times(b.history_)
    assert (a.n_iter_, a.t_) == (b.n_iter_, b.t_)
    assert_array_equal(a.predict(X), b.predict(X))


def first_call(model):
    return {"classes": [0, 1, 2]} if hasattr(model, "class_weight") else {}


def fitted(model, y, weight):
    return clone(model).fit(X, y, weight)


def by_partial_fit(model, y, weight):
    model = clone(model)
    for _ in range(EPOCHS):
        model.partial_fit(X, y, sample_weight=weight, **first_call(model))
    return model


def by_warm_starts(model, y, weight):
    model = clone(model).set_params(warm_start=True)
    for n_epochs in (1, 2, 3):
        model.set_params(max_iter=n_epochs).fit(X, y, weight)
    return model


def pickled_in_between(model, y, weight):
    model = clone(model).set_params(warm_start=True, max_iter=2).fit(X, y, weight)
    for _ in range(EPOCHS - 2):
        model = pickle.loads(pickle.dumps(model)).partial_fit(X, y, sample_weight=weight)
    return model


SOLVERS = [
    *({"solver": solver} for solver in recipes.SOLVERS),
    {"solver": "momentum", "nesterovs_momentum": False},
    {"solver": "rmsprop", "momentum": 0.9},
    {"solver": "adam", "alpha": 0.1, "l1_ratio": 1.0},
    *({"solver": solver, "dropout": 0.3} for solver in recipes.SOLVERS),
]


def schedule(name, max_epochs):
    """Return the schedule of this name for a training of so many epochs, in which the rate soon changes."""
    model = MLPClassifier(decay_every=2)
    model.max_iter_ = max_epochs
    return recipes.SCHEDULES[name](model)


def with_schedule(name):
    """Return settings with which a few epochs change the rate, in pieces as in the whole."""
    short, long = schedule(name, 4), schedule(name, 400)
    settings = {"learning_rate": name, "decay_every": 2}
    if short != long:
        settings["learning_rate"] = short  # the name would take its horizon from each piece's max_iter
    if short.lowers_on_plateau:
        settings |= {"tol": 10.0, "n_iter_no_change": 2}  # each second epoch is a plateau
    return settings


SCHEDULES = [with_schedule(name) for name in recipes.SCHEDULES]


@pytest.mark.parametrize("in_pieces", [by_partial_fit, by_warm_starts, pickled_in_between])
@pytest.mark.parametrize(
    "settings", [*SOLVERS, *({"solver": "momentum"} | s for s in SCHEDULES), {"shuffle": False}], ids=str
)
def test_parts_are_the_whole(settings, in_pieces):
    settings = {"learning_rate": "constant", "batch_size": 7, "max_iter": EPOCHS, "random_state": 0} | settings
    for model, y in ((MLPClassifier((5,), **settings), LABELS), (MLPRegressor((5,), **settings), NUMBERS)):
        for weight in (None, WEIGHT):
            whole = fitted(model, y, weight)
            assert_identical(in_pieces(model, y, weight), whole)
    rates = whole.history_["learning_rate"]
    assert settings["learning_rate"] == "constant" or len(set(rates)) > 1


@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
def test_scales_are_those_of_the_first_call(estimator):
    model = estimator((5,), random_state=0)
    y = LABELS if estimator is MLPClassifier else NUMBERS
    model.partial_fit(X[:30], y[:30], **first_call(model))
    coefs, intercepts = [a.copy() for a in model.coefs_], [a.copy() for a in model.intercepts_]
    before = model.predict(X)
    model.partial_fit(100 * X[30:] - 7, y[30:] if estimator is MLPClassifier else 100 * y[30:])
    assert not np.array_equal(model.coefs_[0], coefs[0])
    assert_array_equal(model.set_weights(coefs, intercepts).predict(X), before)


def test_stream_of_batches_is_one_epoch_of_a_fit():
    # With the scales frozen by a first call, row by row is what an unshuffled epoch at batch size 1 does.
    settings = {"solver": "momentum", "learning_rate": "constant", "learning_rate_init": 0.001, "alpha": 0.01,
                "shuffle": False, "random_state": 0}  # fmt: skip
    whole = MLPRegressor((5,), batch_size=1, **settings).partial_fit(X, NUMBERS).partial_fit(X, NUMBERS)
    rows = MLPRegressor((5,), batch_size=1, **settings).partial_fit(X, NUMBERS)
    for i in range(60):
        rows.partial_fit(X[i : i + 1], NUMBERS[i : i + 1])
    assert_array_equal(numbers(rows), numbers(whole))
    assert rows.t_ == whole.t_ == 120


@pytest.mark.parametrize("n_rows", [1, 5])
def test_small_calls_teach_as_much_as_a_fit_of_as_many_passes(n_rows):
    model = MLPClassifier((10,), random_state=0).partial_fit(X, LABELS, classes=[0, 1, 2])
    for _ in range(6):
        for start in range(0, 60, n_rows):
            model.partial_fit(X[start : start + n_rows], LABELS[start : start + n_rows])
    assert model.score(X, LABELS) >= MLPClassifier((10,), max_iter=6, random_state=0).fit(X, LABELS).score(X, LABELS)


def test_cosine_stays_at_its_floor_beyond_the_horizon():
    model = MLPRegressor((5,), learning_rate="cosine", learning_rate_init=0.05, max_iter=4, batch_size=10)
    model.fit(X, NUMBERS)
    assert model.history_["learning_rate"][-1] > 0.005
    for _ in range(3):
        model.partial_fit(X, NUMBERS)
    assert_allclose(model.history_["learning_rate"][4:], 0.005, rtol=1e-12)


@pytest.mark.parametrize("solver", recipes.SOLVERS)
def test_fit_drops_the_memory_unless_warm_started(solver):
    settings = {"solver": solver, "learning_rate": "constant", "max_iter": 5, "random_state": 0}
    whole = MLPRegressor((5,), **settings | {"max_iter": 6}).fit(X, NUMBERS)
    kept = MLPRegressor((5,), warm_start=True, **settings).fit(X, NUMBERS)
    dropped = MLPRegressor((5,), **settings).fit(X, NUMBERS)
    assert_array_equal(numbers(kept), numbers(dropped))
    assert_identical(kept.partial_fit(X, NUMBERS), whole)
    forgot = not np.array_equal(numbers(dropped.partial_fit(X, NUMBERS)), numbers(whole))
    assert forgot is (recipes.SOLVERS[solver](whole).slots > 0)


def test_fit_starts_anew():
    model = MLPRegressor((5,), random_state=0).partial_fit(X[:20], NUMBERS[:20])
    assert_identical(model.fit(X, NUMBERS), MLPRegressor((5,), random_state=0).fit(X, NUMBERS))


def test_partial_fit_holds_nothing_out():
    models = [MLPRegressor((5,), early_stopping=early, random_state=0) for early in (False, True)]
    for model in models:
        for _ in range(3):
            model.partial_fit(X, NUMBERS)
    assert_identical(*models)
    assert models[1].validation_scores_ is None


@pytest.mark.parametrize("solver", ["momentum", "lbfgs"])
@pytest.mark.parametrize("y", [LABELS, LABELS[::-1]], ids=["same rows", "other rows"])
def test_warm_start_with_early_stopping(solver, y):
    # Whatever the second fit finds, its best epoch is one of numbers.
    model = MLPClassifier((5,), solver=solver, early_stopping=True, warm_start=True, max_iter=40, random_state=0)
    model.fit(X, LABELS).fit(X, y)
    assert np.isfinite(numbers(model)).all()
    assert np.isfinite(model.predict_proba(X)).all()


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_warm_start_goes_on_where_it_ended(solver):
    model = MLPRegressor((5,), solver=solver, warm_start=True, max_iter=30, random_state=0).fit(X, NUMBERS)
    loss = model.loss_
    model.fit(X, NUMBERS)
    assert model.loss_ < loss
    assert model.n_iter_ == len(model.loss_curve_) > 30


@pytest.mark.parametrize("first", [*recipes.SOLVERS, "lbfgs"])
@pytest.mark.parametrize("then", [*recipes.SOLVERS, "lbfgs"])
def test_another_solver_starts_with_a_fresh_memory(first, then):
    model = MLPRegressor((5,), solver=first, warm_start=True, max_iter=5, random_state=0).fit(X, NUMBERS)
    forgetful = MLPRegressor((5,), solver=first, max_iter=5, random_state=0).fit(X, NUMBERS)
    for m in (model, forgetful):
        m.set_params(solver=then, warm_start=True).fit(X, NUMBERS)
    if first != then:
        assert_array_equal(numbers(model), numbers(forgetful))
    assert model.n_iter_ == 10


@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
def test_lbfgs_has_no_partial_fit(estimator):
    assert not hasattr(estimator(solver="lbfgs"), "partial_fit")
    assert hasattr(estimator(), "partial_fit")


def test_other_layers_need_another_network():
    model = MLPClassifier((5,), warm_start=True, max_iter=2).fit(X, LABELS)
    for change in ({"hidden_layer_sizes": (6,)}, {"activation": "tanh"}, {"standardize": False}):
        with pytest.raises(ValueError, match="warm_start=False"):
            clone_with_state(model).set_params(**change).fit(X, LABELS)
        with pytest.raises(ValueError, match="same layers"):
            clone_with_state(model).set_params(**change).partial_fit(X, LABELS)
    network = NetworkClassifier([Dense(5), Tanh()], warm_start=True, max_iter=2).fit(X, LABELS)
    network.set_params(layers=[Dense(5), Tanh()]).fit(X, LABELS)  # equal recipes are the same layers
    assert network.n_iter_ == 4
    for other in ({"y": LABELS + 1}, {"X": X[:, :2]}):
        with pytest.raises(ValueError, match=r"did not start with|features"):
            model.fit(**{"X": X, "y": LABELS} | other)


def clone_with_state(model):
    return pickle.loads(pickle.dumps(model))


def test_classes_are_named_once():
    model = MLPClassifier((10,), learning_rate="constant", learning_rate_init=0.05, alpha=0, random_state=0)
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        model.partial_fit(X, LABELS)
    model.partial_fit(X[LABELS == 0], LABELS[LABELS == 0], classes=[2, 0, 1])
    assert_array_equal(model.classes_, [0, 1, 2])
    for _ in range(100):
        model.partial_fit(X, LABELS)
    model.partial_fit(X, LABELS, classes=np.array([0, 1, 2]))
    assert model.score(X, LABELS) > 0.9
    with pytest.raises(ValueError, match="not the same as on the first call"):
        model.partial_fit(X, LABELS, classes=[0, 1])
    with pytest.raises(ValueError, match="did not start with"):
        model.partial_fit(X, LABELS + 1)
    assert model.score(X, LABELS) > 0.9


def test_labels_stream_too():
    Y = np.c_[LABELS == 1, LABELS == 2, LABELS > 0].astype(int)
    model = MLPClassifier((5,), random_state=0).partial_fit(X[:1], Y[:1], classes=[0, 1, 2])
    assert model.partial_fit(X, Y).predict(X).shape == (60, 3)
    with pytest.raises(ValueError, match=r"labels|outputs"):
        model.partial_fit(X, Y[:, :2])


def test_model_in_a_read_only_file_learns_on(tmp_path):
    path = tmp_path / "model.joblib"
    model = MLPClassifier((5,), warm_start=True, max_iter=3, random_state=0).fit(X, LABELS)
    joblib.dump(model, path)
    content = path.read_bytes()
    for go_on in (lambda m: m.partial_fit(X, LABELS), lambda m: m.fit(X, LABELS)):
        mapped = joblib.load(path, mmap_mode="r")
        assert not mapped.coefs_[0].flags.writeable
        assert_identical(go_on(mapped), go_on(clone_with_state(model)))
    mapped.set_weights(model.coefs_, model.intercepts_)
    assert path.read_bytes() == content


@pytest.mark.parametrize("mad", [{"learning_rate_init": 1e300}, {"learning_rate_init": 1e300, "solver": "adam"}])
@pytest.mark.parametrize("by_hand", [False, True])
def test_divergence_keeps_what_was_there(mad, by_hand):
    model = MLPRegressor((5,), solver="sgd", warm_start=True, batch_size=1, max_iter=3, random_state=0)
    if by_hand:
        model.set_weights([np.ones((4, 5)), np.ones((5, 1))], [np.zeros(5), np.zeros(1)])
    else:
        model.fit(X, NUMBERS)
    before = pickle.loads(pickle.dumps(model))
    for learn in (model.set_params(**mad).partial_fit, model.fit):
        with pytest.raises(ValueError, match="lower learning_rate_init"):
            learn(X, NUMBERS)
        assert_identical(model, before)
    # ... and nothing of the failure is left: going on is going on from there.
    sane = {"learning_rate_init": "auto", "solver": "sgd"}
    assert_identical(model.set_params(**sane).fit(X, NUMBERS), before.set_params(**sane).fit(X, NUMBERS))


def test_divergence_in_a_later_epoch_leaves_no_history():
    settings = {"solver": "sgd", "warm_start": True, "batch_size": 60, "max_iter": 3, "dtype": "float64"}
    model = MLPRegressor((5,), random_state=0, **settings).fit(X, NUMBERS)
    with pytest.raises(ValueError, match=r"diverged in epoch ([5-9]|\d\d)"):
        model.set_params(learning_rate="constant", learning_rate_init=1e150, max_iter=20).fit(X, NUMBERS)
    assert model.n_iter_ == len(model.loss_curve_) == 3


@pytest.mark.parametrize(
    "change", [{"loss": "absolute_error"}, {"loss": "huber", "delta": 0.01}, {"alpha": 9.0}], ids=str
)
def test_what_changes_between_two_fits_counts(change):
    # ... or is refused: nothing is silently ignored.
    models = [MLPRegressor((5,), warm_start=True, max_iter=5, random_state=0).fit(X, NUMBERS) for _ in range(2)]
    models[0].fit(X, NUMBERS)
    try:
        models[1].set_params(**change).fit(X, NUMBERS)
    except ValueError as error:
        assert next(iter(change)) in str(error)  # noqa: PT017
    else:
        assert not np.array_equal(numbers(models[0]), numbers(models[1]))
