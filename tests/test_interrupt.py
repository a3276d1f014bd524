"""Ctrl-C, and fits that fail on the way: nothing that was learned is lost, nothing half-made is left."""

import os
import signal
import subprocess
import sys
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_iris
from sklearn.ensemble import BaggingClassifier, StackingClassifier, VotingClassifier
from sklearn.feature_selection import SequentialFeatureSelector
from sklearn.model_selection import (
    GridSearchCV,
    TunedThresholdClassifierCV,
    cross_val_predict,
    cross_validate,
    learning_curve,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import MLPClassifier, MLPRegressor, PerceptronClassifier
from sknn_scratch.fitting.hooks import Hooks
from sknn_scratch.nn.objective import Objective
from sknn_scratch.nn.planes import Planes
from sknn_scratch.nn.solvers import SGD

X, Y = load_iris(return_X_y=True)


class Interrupting(SGD):
    """Gradient descent that is interrupted at its n-th step."""

    steps = 0
    last = 10**9
    error = KeyboardInterrupt

    def direction(self, theta, g, t, rate, memory):
        type(self).steps += 1
        if type(self).steps == self.last:
            raise self.error
        return super().direction(theta, g, t, rate, memory)


@pytest.fixture
def interrupting(monkeypatch):
    def at(step, error=KeyboardInterrupt):
        for name, value in {"steps": 0, "last": step, "error": error}.items():
            monkeypatch.setattr(Interrupting, name, value)
        return Interrupting()

    return at


def test_interrupted_later_keeps_what_was_learned(interrupting):
    model = MLPClassifier((5,), solver=interrupting(25), batch_size=15, random_state=0)
    with pytest.warns(UserWarning, match="interrupted after 2 epochs"):
        model.fit(X, Y)
    assert model.n_iter_ == len(model.loss_curve_) == 2
    assert model.stop_reason_ == "interrupted"
    assert np.isfinite(model.predict_proba(X)).all()


def test_interruption_whose_warning_is_an_error_leaves_the_model_as_it_was(monkeypatch):
    model = MLPClassifier((5,), max_iter=3, random_state=0).fit(X, Y)
    before, history = model.predict_proba(X), model.loss_curve_

    def interrupted(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(Hooks, "end_epoch", interrupted)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        with pytest.raises(UserWarning, match="interrupted after 1 epochs"):
            model.partial_fit(X, Y)
    np.testing.assert_array_equal(model.predict_proba(X), before)
    assert model.loss_curve_ == history


def test_interrupted_before_the_first_epoch_leaves_the_model_as_it_was(interrupting):
    model = MLPClassifier((5,), solver=interrupting(3), batch_size=15, random_state=0)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y)
    assert not model.__sklearn_is_fitted__()
    model = MLPClassifier((5,), max_iter=3, warm_start=True, random_state=0).fit(X, Y)
    before = model.predict_proba(X)
    with pytest.raises(KeyboardInterrupt):
        model.set_params(solver=interrupting(3), batch_size=15).fit(X, Y)
    np.testing.assert_array_equal(model.predict_proba(X), before)
    assert model.n_iter_ == 3


@pytest.mark.parametrize("in_refit", [False, True])
def test_interrupted_before_or_in_the_refit_keeps_the_first_fit(in_refit, interrupting):
    settings = {"early_stopping": True, "refit": True, "batch_size": 15, "max_iter": 8, "random_state": 0}
    first_fit = 8 * 9  # steps: 134 distinct rows are not held out
    model = MLPClassifier((5,), solver=interrupting(first_fit + 3 if in_refit else 25), **settings)
    with pytest.warns(UserWarning, match="interrupted"):
        model.fit(X, Y)
    assert model.stop_reason_ == "interrupted"
    assert len(model.history_["validation_loss"]) == model.n_iter_ == (8 if in_refit else 2)


def test_interrupted_while_looking_at_the_validation_rows():
    looks = []

    def scoring(model, X, y):
        looks.append(1)
        if len(looks) == 3:
            raise KeyboardInterrupt
        return 0.5

    settings = {"scoring": scoring, "learning_rate": "constant", "random_state": 0}
    model = MLPClassifier((5,), **settings)
    with pytest.warns(UserWarning, match="interrupted after 2 epochs"):
        model.fit(X, Y, X_val=X, y_val=Y)
    assert model.n_iter_ == len(model.loss_curve_) == 2
    looks.clear()
    whole = clone(model).set_params(max_iter=2).fit(X, Y, X_val=X, y_val=Y)
    np.testing.assert_array_equal(model.coefs_[0], whole.coefs_[0])
    model.early_stopping = True
    looks[:] = [1, 1]
    with pytest.raises(KeyboardInterrupt):
        clone(model).fit(X, Y)


def counted(patch, owner, method, last=None):
    """Return a list that grows with each call of a method; its last call is interrupted."""
    call, calls = getattr(owner, method), []

    def counting(self, *args):
        calls.append(method)
        if len(calls) == last:
            raise KeyboardInterrupt
        return call(self, *args)

    patch.setattr(owner, method, counting)
    return calls


@pytest.mark.parametrize("within", [1, 2, 7])
@pytest.mark.parametrize("solver", ["momentum", "adam", "adamw", "lbfgs"])
def test_interrupted_epoch_is_taken_back(solver, within, monkeypatch):
    settings = {"solver": solver, "batch_size": 15, "tol": 0.0, "learning_rate": "constant", "random_state": 0}
    whole = MLPClassifier((5,), max_iter=3, warm_start=True, **settings)
    with monkeypatch.context() as patch:
        steps = counted(patch, Objective, "value_and_gradient")
        whole.fit(X, Y)
    model = clone(whole).set_params(max_iter=50)
    with monkeypatch.context() as patch:
        counted(patch, Objective, "value_and_gradient", len(steps) + within)
        with pytest.warns(UserWarning, match=r"interrupted after \d epochs"):
            model.fit(X, Y)
    # L-BFGS may have made some iterations more by then.
    whole = clone(whole).set_params(max_iter=model.n_iter_).fit(X, Y)
    assert model.loss_curve_ == whole.loss_curve_
    for _ in range(2):
        for one, other in zip(model.coefs_ + model.intercepts_, whole.coefs_ + whole.intercepts_, strict=True):
            np.testing.assert_array_equal(one, other)
        for each in (model, whole):  # the solver's memory is that of this epoch too
            each.set_params(max_iter=2).fit(X, Y)


@pytest.mark.parametrize("averaged", [False, True])
@pytest.mark.parametrize("shuffle", [False, True])
def test_interrupted_epoch_of_a_perceptron_is_taken_back(averaged, shuffle, monkeypatch):
    whole = PerceptronClassifier(max_iter=2, averaged=averaged, shuffle=shuffle, warm_start=True, random_state=0)
    whole.fit(X, Y)
    model = clone(whole).set_params(max_iter=100)
    with monkeypatch.context() as patch:
        counted(patch, Planes, "corrections", 8)  # in the middle of the third epoch of three blocks of rows
        with pytest.warns(UserWarning, match="interrupted after 2 epochs"):
            model.fit(X, Y)
    assert model.stop_reason_ == "interrupted"
    with monkeypatch.context() as patch:
        counted(patch, Planes, "corrections", 2)
        with pytest.raises(KeyboardInterrupt):
            model.fit(X, Y)
    for _ in range(2):
        assert model.mistakes_ == whole.mistakes_
        np.testing.assert_array_equal(model.coef_, whole.coef_)
        np.testing.assert_array_equal(model.intercept_, whole.intercept_)
        for each in (model, whole):
            each.set_params(max_iter=2).fit(X, Y)


def test_failing_refit_leaves_the_model_as_it_was(interrupting):
    solver = interrupting(8 * 9 + 3, RuntimeError)  # in the refit, see above
    settings = {"early_stopping": True, "refit": True, "batch_size": 15, "max_iter": 8, "random_state": 0}
    model = MLPClassifier((5,), solver=solver, **settings)
    with pytest.raises(RuntimeError):
        model.fit(X, Y)
    assert not hasattr(model, "coefs_")
    fitted = MLPClassifier((5,), warm_start=True, max_iter=2, random_state=0).fit(X, Y)
    before = fitted.predict_proba(X)
    with pytest.raises(RuntimeError):
        fitted.set_params(solver=interrupting(8 * 9 + 3, RuntimeError), **settings).fit(X, Y)
    np.testing.assert_array_equal(fitted.predict_proba(X), before)


def test_refit_with_warm_start_starts_once_more_for_all_its_epochs():
    model = MLPClassifier((5,), early_stopping=True, refit=True, warm_start=True, max_iter=5, random_state=0)
    assert model.fit(X, Y).n_iter_ <= 5
    assert model.fit(X, Y).n_iter_ <= 10


@pytest.mark.parametrize("scale", [1e-310, 1e-300, 1e300])
def test_weights_and_inputs_of_any_size_are_learned_without_a_warning(scale):
    weight = np.ones(150)
    weight[7] = 1e300
    for model in (MLPClassifier((5,), max_iter=3).fit(X * scale, Y), MLPClassifier((5,), max_iter=3).fit(X, Y, weight)):
        assert np.isfinite(model.predict_proba(X * scale)).all()


# One fit of many: an interrupt ends them all.

TWO = (Y > 0).astype(int)
MANY = {  # what fits many models, called with one of them
    "cross_validate": lambda net: cross_validate(net, X, TWO, cv=3),
    "cross_val_predict": lambda net: cross_val_predict(net, X, TWO, cv=3),
    "learning_curve": lambda net: learning_curve(net, X, TWO, cv=3, train_sizes=[0.9]),
    "GridSearchCV": lambda net: GridSearchCV(net, {"tol": [0.0, 1e-9]}, cv=3).fit(X, TWO),
    "GridSearchCV of a pipeline": lambda net: GridSearchCV(
        make_pipeline(StandardScaler(), net), {f"{type(net).__name__.lower()}__tol": [0.0, 1e-9]}, cv=3
    ).fit(X, TWO),
    "nested": lambda net: cross_validate(GridSearchCV(net, {"tol": [0.0]}, cv=2), X, TWO, cv=2),
    "CalibratedClassifierCV": lambda net: CalibratedClassifierCV(net, cv=3).fit(X, TWO),
    "TunedThresholdClassifierCV": lambda net: TunedThresholdClassifierCV(net, cv=3).fit(X, TWO),
    "BaggingClassifier": lambda net: BaggingClassifier(net, 3).fit(X, TWO),
    "StackingClassifier": lambda net: StackingClassifier([("a", net)], cv=3).fit(X, TWO),
    "VotingClassifier": lambda net: VotingClassifier([("a", net), ("b", net)]).fit(X, TWO),
    "OneVsRestClassifier": lambda net: OneVsRestClassifier(net).fit(X, Y),
    "MultiOutputClassifier": lambda net: MultiOutputClassifier(net).fit(X, np.c_[TWO, TWO]),
    "SequentialFeatureSelector": lambda net: SequentialFeatureSelector(net, cv=3).fit(X, TWO),
}
SLOW = {"learning_rate": "constant", "batch_size": 15, "random_state": 0, "tol": 0.0}


@pytest.mark.parametrize("name", MANY)
def test_interrupt_ends_all_fits(name, interrupting):
    with pytest.raises(KeyboardInterrupt):
        MANY[name](MLPClassifier((3,), solver=interrupting(40), **SLOW))
    assert Interrupting.steps == 40  # nothing went on


@pytest.mark.parametrize("in_refit", [False, True])
def test_interrupt_in_the_networks_own_refit_ends_a_search(in_refit, interrupting):
    net = MLPRegressor((3,), early_stopping=True, refit=True, max_iter=4, **SLOW | {"n_iter_no_change": np.inf})
    net.set_params(solver=interrupting(10**9)).fit(X[:75], Y[:75])
    n_steps = Interrupting.steps
    step = n_steps - 2 if in_refit else 12
    with pytest.raises(KeyboardInterrupt):
        cross_validate(net.set_params(solver=interrupting(step)), X, Y, cv=2)
    assert Interrupting.steps == step


def test_last_fit_of_a_search_keeps_what_it_learned(interrupting):
    net = MLPClassifier((3,), max_iter=4, **SLOW)
    search = GridSearchCV(net.set_params(solver=interrupting(10**9)), {"tol": [0.0]}, cv=2).fit(X, Y)
    last = Interrupting.steps - 1
    search.set_params(estimator=clone(net).set_params(solver=interrupting(last)))
    with pytest.warns(UserWarning, match="interrupted after 3 epochs"):
        search.fit(X, Y)
    assert search.best_estimator_.stop_reason_ == "interrupted"
    assert search.best_score_ == search.cv_results_["mean_test_score"][0]


def test_interrupt_of_a_perceptron_ends_a_search(monkeypatch):
    calls = counted(monkeypatch, Planes, "corrections", 8)
    with pytest.raises(KeyboardInterrupt):
        cross_validate(PerceptronClassifier(tol=None, random_state=0), X, Y, cv=3)
    assert len(calls) == 8


def test_interrupt_of_a_callback_ends_a_search():
    pytest.importorskip("sklearn.callback", reason="callbacks came with scikit-learn 1.9")
    epochs = []

    def interrupt(estimator, epoch, record):
        epochs.append(epoch)
        if epoch == 3:
            raise KeyboardInterrupt

    net = MLPClassifier((3,), **SLOW).set_callbacks(interrupt)
    with pytest.raises(KeyboardInterrupt):
        GridSearchCV(net, {"alpha": [0.0, 0.1]}, cv=2).fit(X, Y)
    assert epochs == [1, 2, 3]
    with pytest.warns(UserWarning, match="interrupted after 3 epochs"):
        assert net.fit(X, Y).n_iter_ == 3


PROGRAM = """
import warnings
import numpy as np
from sklearn.model_selection import GridSearchCV
from sknn_scratch import MLPClassifier

X = np.random.default_rng(0).normal(size=(200, 4))
net = MLPClassifier((3,), max_iter=10**6, tol=0, n_iter_no_change=10**6, verbose=True)
model = net if {alone} else GridSearchCV(net, {{"alpha": [0.0, 0.1]}}, cv=2, n_jobs=1)
try:
    model.fit(X, X[:, 0] > 0)
    print("ended early:", model.stop_reason_)
except KeyboardInterrupt:
    print("raised")
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGINT is sent")
@pytest.mark.parametrize(("alone", "end"), [(True, "ended early: interrupted"), (False, "raised")])
def test_ctrl_c(alone, end):
    process = subprocess.Popen(
        [sys.executable, "-u", "-W", "ignore", "-c", PROGRAM.format(alone=alone)], stdout=subprocess.PIPE, text=True
    )
    try:
        while not process.stdout.readline().startswith("Epoch 3 of"):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert out.splitlines()[-1] == end
