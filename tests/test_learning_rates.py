"""The learning-rate range test: what it suggests trains well, and nothing else is touched."""

from importlib.util import find_spec

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.model_selection import train_test_split

from sknn_scratch import ConvNetClassifier, MLPClassifier, MLPRegressor, PerceptronClassifier, find_learning_rate
from sknn_scratch.inspection import LearningRateDisplay
from tests.learned import numbers

DIGITS = tuple(part[:600] for part in load_digits(return_X_y=True))
# The standard error of an accuracy of 0.95 on 150 rows is 0.018, that of R2 = 0.4 on 111 rows about 0.08: to be as good
# as the default means to be no worse than by that.
PROBLEMS = [
    (MLPClassifier, DIGITS, 0.018),
    (MLPClassifier, load_breast_cancer(return_X_y=True), 0.018),
    (MLPRegressor, load_diabetes(return_X_y=True), 0.08),
]


@pytest.mark.parametrize(("make", "data", "error"), PROBLEMS, ids=["digits", "cancer", "diabetes"])
@pytest.mark.parametrize("solver", ["sgd", "momentum", "adam"])
def test_suggestion_trains_about_as_well_as_the_default(make, data, error, solver):
    X, X_test, y, y_test = train_test_split(*data, random_state=0)
    model = make((32,), solver=solver, max_iter=40, random_state=0)
    rate = find_learning_rate(model, X, y).suggestion
    default = model.fit(X, y).score(X_test, y_test)
    assert model.set_params(learning_rate_init=rate).fit(X, y).score(X_test, y_test) >= default - error


def test_losses_fall_and_break_down():
    found = find_learning_rate(MLPClassifier(solver="momentum", random_state=0), *DIGITS)
    best = found.losses.argmin()
    assert found.losses[0] == pytest.approx(found.losses[5], rel=1e-3)  # under such rates nothing happens
    assert found.losses[best] < 0.3 * found.losses[0]
    assert found.losses[-1] > 4 * found.losses[best]
    assert found.suggestion == pytest.approx(found.rates[best] / 10)
    assert len(found.rates) == len(found.losses) < 100
    np.testing.assert_allclose(found.rates[1:] / found.rates[:-1], 1e7 ** (1 / 99))


def test_estimator_and_callbacks_are_left_alone():
    class Never:
        def setup(self, estimator, context):
            raise AssertionError

        teardown = on_fit_task_begin = on_fit_task_end = setup

    fitted = MLPClassifier((8,), random_state=np.random.RandomState(0), max_iter=20).fit(*DIGITS)
    if find_spec("sklearn.callback"):  # callbacks came with scikit-learn 1.9
        fitted.set_callbacks(Never())
    before, state, learned = dict(vars(fitted)), fitted.random_state.get_state()[1].copy(), numbers(fitted)
    find_learning_rate(fitted, *DIGITS)
    assert vars(fitted) == before
    np.testing.assert_array_equal(numbers(fitted), learned)
    np.testing.assert_array_equal(fitted.random_state.get_state()[1], state)


def test_same_seed_same_result_with_images():
    model = ConvNetClassifier(filters=(4,), random_state=0)
    once, again = (find_learning_rate(model, *DIGITS, n_steps=30) for _ in range(2))
    np.testing.assert_array_equal(once.losses, again.losses)


def test_display_draws_the_result():
    model = MLPClassifier((8,), random_state=0)
    display = LearningRateDisplay.from_estimator(model, *DIGITS, highest=1.0)
    found = find_learning_rate(model, *DIGITS, highest=1.0)
    np.testing.assert_array_equal(display.line_.get_xdata(), found.rates)
    np.testing.assert_array_equal(display.line_.get_ydata(), found.losses)
    assert display.suggestion == found.suggestion


@pytest.mark.parametrize(
    ("estimator", "options", "error", "message"),
    [
        (MLPClassifier(solver="lbfgs"), {}, ValueError, "no learning rate"),
        (PerceptronClassifier(), {}, TypeError, "Only networks"),
        (MLPClassifier(), {"lowest": 1.0, "highest": 0.1}, ValueError, "from lowest > 0 to highest"),
        (MLPClassifier(), {"n_steps": 1}, ValueError, "two steps or more"),
        (MLPClassifier(alpha=-1), {}, ValueError, "alpha"),
        (MLPRegressor(solver="sgd"), {"lowest": 1e300, "highest": 1e301}, ValueError, "Start lower"),
    ],
)
def test_errors(estimator, options, error, message):
    with pytest.raises(error, match=message):
        find_learning_rate(estimator, *DIGITS, **options)


def test_no_suggestion_where_the_loss_does_not_fall():
    found = find_learning_rate(MLPClassifier((8,), solver="sgd", random_state=0), *DIGITS, lowest=1e3, highest=1e4)
    assert found.suggestion is None
