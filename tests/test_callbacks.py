"""Callbacks of scikit-learn 1.9: every estimator and solver calls them, and stops when they say so."""

import copy
import io
import warnings
from contextlib import redirect_stdout
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone, is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import ConvNetClassifier, MLPClassifier, MLPRegressor, NetworkClassifier, PerceptronClassifier
from sknn_scratch._compat import CallbackSupportMixin
from sknn_scratch.callbacks import WeightHistory
from tests.learned import numbers

protocol = pytest.importorskip("sklearn.callback", reason="callbacks came with scikit-learn 1.9")
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 9))
Y = (X[:, 0] + rng.normal(size=60) > 0).astype(int)  # no plane separates them
FRAME = pd.DataFrame(X, columns=list("abcdefghi"))
QUICK = {"max_iter": 6, "random_state": 0}
NETWORK = QUICK | {"learning_rate": "constant", "standardize": False}  # fewer epochs are then the first of more
MODELS = [
    *(MLPClassifier((3,), solver=solver, **NETWORK) for solver in ("adam", "sgd", "lbfgs")),
    MLPRegressor((3,), early_stopping=True, **NETWORK),
    NetworkClassifier(**NETWORK),
    ConvNetClassifier(filters=(2,), **NETWORK),
    PerceptronClassifier(averaged=True, **QUICK),
]


STOPPED = "a callback asked to stop"


class Watcher:
    """Writes down what it is told, and stops after so many epochs."""

    def __init__(self, stop_after=99):
        self.stop_after = stop_after
        self.told = []

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        self.told.append("teardown")

    def on_fit_task_begin(self, estimator, context, *, X, y):
        self.told.append(("begin", context.task_name))
        self.X, self.y = X, y

    def on_fit_task_end(self, estimator, context, *, fitted_estimator):
        self.told.append(("end", context.task_name))
        self.fitted = fitted_estimator
        return context.task_name == "epoch" and context.task_id + 1 == self.stop_after


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_every_epoch_is_a_task(model):
    watcher = Watcher()
    assert isinstance(watcher, protocol.FitCallback)
    model = clone(model).set_callbacks(watcher)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # of missing feature names
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(FRAME, Y)
    tasks = [task for task in watcher.told if task != "teardown" and task[1] == "epoch"]
    assert tasks == [("begin", "epoch"), ("end", "epoch")] * model.n_iter_
    assert watcher.told[-1] == "teardown"
    assert watcher.X is FRAME
    assert watcher.y is Y
    assert_array_equal(numbers(watcher.fitted), numbers(model))


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_stop_is_honoured(model):
    model = clone(model).set_callbacks(Watcher(stop_after=3)).fit(X, Y)
    assert model.n_iter_ == 3
    assert model.stop_reason_ == "a callback asked to stop"
    assert_array_equal(numbers(model), numbers(clone(model).set_callbacks().set_params(max_iter=3).fit(X, Y)))


@pytest.mark.parametrize("model", [m for m in MODELS if hasattr(m, "partial_fit")], ids=repr)
def test_partial_fit_is_one_epoch(model):
    watcher = Watcher()
    model = clone(model).set_callbacks(watcher)
    model.partial_fit(X, Y, **({} if isinstance(model, MLPRegressor) else {"classes": [0, 1]}))
    assert [task[0] for task in watcher.told if task != "teardown" and task[1] == "epoch"] == ["begin", "end"]


class Broken(Watcher):
    """Fails when all is done."""

    def on_fit_task_end(self, estimator, context, *, fitted_estimator):
        if context.task_name == "fit":
            raise ZeroDivisionError
        return False


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_a_callback_that_fails_at_the_end_leaves_the_model_as_it_was(model):
    model = clone(model).set_params(warm_start=True).fit(X, Y)
    before, history = numbers(model), getattr(model, "loss_curve_", None)
    model.set_callbacks(Broken())
    for name in ("fit", "partial_fit"):
        if hasattr(model, name):
            with pytest.raises(ZeroDivisionError):
                getattr(model, name)(X, Y)
            assert_array_equal(numbers(model), before)
            assert getattr(model, "loss_curve_", None) == history
    model.set_callbacks()
    unbroken = clone(model).fit(X, Y).fit(X, Y)
    assert_array_equal(numbers(model.fit(X, Y)), numbers(unbroken))


def test_refit_calls_them_for_both_fits():
    watcher = Watcher()
    MLPClassifier((3,), early_stopping=True, refit=True, **QUICK).set_callbacks(watcher).fit(X, Y)
    assert watcher.told.count(("begin", "fit")) == watcher.told.count(("end", "fit")) == 2
    assert watcher.told[-1] == "teardown"


def test_progress_bar_and_scores_alone_and_in_a_pipeline():
    for model in MODELS:
        scoring = "accuracy" if is_classifier(model) else "r2"
        monitor = protocol.ScoringMonitor(scoring=scoring)
        model = clone(model).set_callbacks(monitor, protocol.ProgressBar())
        with redirect_stdout(io.StringIO()) as out:
            model.fit(X, Y)
        assert "100%" in out.getvalue()
        rows = [row for row in monitor.get_logs().data if row["task_name"] == "epoch"]
        assert len(rows) == model.n_iter_
        assert rows[-1][scoring] == pytest.approx(model.score(X, Y))
    monitor = protocol.ScoringMonitor(scoring="accuracy")
    step = MLPClassifier((3,), **QUICK).set_callbacks(monitor)
    with redirect_stdout(io.StringIO()) as out:
        make_pipeline(StandardScaler(), step).set_callbacks(protocol.ProgressBar()).fit(FRAME, Y)
    assert "100%" in out.getvalue()
    assert len([row for row in monitor.get_logs().data if row["task_name"] == "epoch"]) == 6


def test_search_in_two_processes_returns_every_row():
    monitor = protocol.ScoringMonitor(scoring="accuracy")
    model = MLPClassifier(tol=0, **QUICK).set_callbacks(monitor)
    grid = {"dropout": [0.0, 0.2], "alpha": [0.0, 0.1], "hidden_layer_sizes": [(3,), (4, 3)]}
    search = GridSearchCV(model, grid, cv=2, n_jobs=2).set_callbacks(protocol.ProgressBar(max_propagation_depth=None))
    with redirect_stdout(io.StringIO()) as out:
        search.fit(X, Y)
    assert "100%" in out.getvalue()
    logs = monitor.get_logs(select="all") if isinstance(monitor.get_logs(), list) else [monitor.get_logs()]
    rows = [row for log in logs for row in log.data if row["task_name"] == "epoch"]
    assert len(rows) == (8 * 2 + 1) * 6
    assert all(0 <= row["accuracy"] <= 1 for row in rows)


def test_nothing_is_made_without_callbacks(monkeypatch):
    monkeypatch.setattr(CallbackSupportMixin, "_init_callback_context", None)
    for model in MODELS:
        if not getattr(model, "standardize", False):  # scikit-learn's StandardScaler makes one
            clone(model).fit(X, Y)


def test_copies_are_made_only_for_those_who_ask(monkeypatch):
    class Deaf(Watcher):
        def on_fit_task_end(self, estimator, context):
            return False

    monkeypatch.setattr("sknn_scratch.estimators.base.copy", SimpleNamespace(copy=copy.copy, deepcopy=None))
    MLPClassifier((3,), **QUICK).set_callbacks(Deaf()).fit(X, Y)
    with pytest.raises(TypeError):
        MLPClassifier((3,), **QUICK).set_callbacks(Watcher()).fit(X, Y)


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_weight_history(model):
    assert isinstance(WeightHistory(), protocol.FitCallback)
    history = WeightHistory(every=2)
    model = clone(model).set_callbacks(history)
    for _ in range(2):  # the second fit forgets the first
        model.fit(X, Y)
        assert history.epochs_ == [2, 4, 6][: model.n_iter_ // 2]
        assert len(history.coefs_) == len(history.intercepts_) == len(history.epochs_)
    early = clone(model).set_callbacks().set_params(max_iter=2).fit(X, Y)
    if not getattr(model, "early_stopping", False):  # which keeps the best epoch
        coefs = [early.coef_] if isinstance(model, PerceptronClassifier) else early.coefs_
        for mine, theirs in zip(history.coefs_[0], coefs, strict=True):
            assert_array_equal(mine, theirs)
    assert not np.array_equal(history.coefs_[0][0], history.coefs_[-1][0])


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_function_gets_the_record_of_each_epoch(model):
    calls = []
    model = clone(model)
    assert model.set_callbacks(lambda *args: calls.append(args)) is model
    model.fit(X, Y)
    assert [epoch for _, epoch, _ in calls] == list(range(1, model.n_iter_ + 1))
    assert all(estimator is model for estimator, _, _ in calls)
    if isinstance(model, PerceptronClassifier):
        assert [record["mistakes"] for *_, record in calls] == model.mistakes_
        return
    assert {name: [record[name] for *_, record in calls] for name in model.history_} == model.history_


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_function_stops_the_training_by_true_alone(model):
    for value in (None, False, 1, {"loss": 1}, "stop"):
        assert clone(model).set_callbacks(lambda *_, value=value: value).fit(X, Y).stop_reason_ != STOPPED
    stopped = clone(model).set_callbacks(lambda estimator, epoch, record: epoch == 3).fit(X, Y)
    assert stopped.n_iter_ == 3
    assert stopped.stop_reason_ == STOPPED
    by_number = clone(model).set_callbacks(lambda _, epoch, record: record["seconds"] >= 0).fit(X, Y)
    assert by_number.n_iter_ == 1


def test_functions_beside_callbacks_in_partial_fit_and_in_searches():
    epochs, watcher = [], Watcher()
    note = lambda estimator, epoch, record: epochs.append(epoch)  # noqa: E731
    model = MLPClassifier((3,), **QUICK).set_callbacks(note, watcher)
    model.partial_fit(X, Y, classes=[0, 1]).partial_fit(X, Y)
    assert epochs == [1, 1]
    assert ("end", "epoch") in watcher.told
    epochs.clear()
    GridSearchCV(make_pipeline(StandardScaler(), model), {"mlpclassifier__alpha": [0, 0.1]}, cv=2).fit(X, Y)
    assert epochs == 5 * [1, 2, 3, 4, 5, 6]


def test_failing_function_changes_nothing():
    model = MLPClassifier((3,), warm_start=True, **QUICK).fit(X, Y)
    before = numbers(model).copy()
    with pytest.raises(ZeroDivisionError):
        model.set_callbacks(lambda *_: 1 / 0).fit(X, Y)
    assert_array_equal(numbers(model), before)


@pytest.mark.parametrize("callback", [5, Watcher, MLPClassifier()])
def test_what_is_no_callback(callback):
    with pytest.raises(TypeError, match="FitCallback"):
        MLPClassifier().set_callbacks(callback)
