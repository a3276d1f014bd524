"""Ctrl-C, and fits that fail on the way: nothing that was learned is lost, nothing half-made is left."""

import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris

from sknn_scratch import MLPClassifier, PerceptronClassifier
from sknn_scratch.fitting.hooks import Hooks
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

    def interrupted(hooks, learned):
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

    model = MLPClassifier((5,), early_stopping=True, scoring=scoring, random_state=0)
    with pytest.warns(UserWarning, match="interrupted after 2 epochs"):
        model.fit(X, Y)
    assert model.n_iter_ == len(model.loss_curve_) == 2
    looks[:] = [1, 1]
    with pytest.raises(KeyboardInterrupt):
        clone(model).fit(X, Y)


@pytest.mark.parametrize("averaged", [False, True])
def test_interrupted_perceptron_keeps_its_whole_epochs(averaged, monkeypatch):
    corrections, calls = Planes.corrections, []

    def interrupted(self, *args):
        calls.append(1)
        if len(calls) == 8:  # in the middle of the third epoch of three blocks of rows
            raise KeyboardInterrupt
        return corrections(self, *args)

    whole = PerceptronClassifier(max_iter=2, averaged=averaged, random_state=0).fit(X, Y)
    monkeypatch.setattr(Planes, "corrections", interrupted)
    model = PerceptronClassifier(averaged=averaged, random_state=0)
    with pytest.warns(UserWarning, match="interrupted after 2 epochs"):
        model.fit(X, Y)
    assert model.stop_reason_ == "interrupted"
    assert model.mistakes_ == whole.mistakes_
    np.testing.assert_array_equal(model.coef_, whole.coef_)
    calls[:] = [1] * 7
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y)
    np.testing.assert_array_equal(model.coef_, whole.coef_)


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
