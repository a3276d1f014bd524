"""Backpropagation against differences, as users see it: right formulas pass, and a wrong one is found in its layer."""

from dataclasses import dataclass

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_digits, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from sknn_scratch import (
    ConvNetClassifier,
    MLPClassifier,
    MLPRegressor,
    NetworkClassifier,
    PerceptronClassifier,
    check_gradient,
)
from sknn_scratch.nn.layers import Dense, DropConnect, RandomRotation, Tanh
from sknn_scratch.nn.layers.activations import Activation, Step
from tests.learned import numbers

IRIS, DIGITS, DIABETES = (load(return_X_y=True) for load in (load_iris, load_digits, load_diabetes))
DIGITS = DIGITS[0][:200], DIGITS[1][:200]


@dataclass(frozen=True)
class WrongSlope(Activation):
    """The hyperbolic tangent with a slope that is a tenth too steep."""

    def activate(self, x, out):
        return np.tanh(x, out=out)

    def slope(self, x, y):
        return 1.1 * (1 - y * y)


@dataclass(frozen=True)
class WrongWeights(Dense):
    """A dense layer whose gradient forgets one row."""

    def forward(self, p, x, mode):
        y, right = super().forward(p, x, mode)

        def backward(dy, g, need_dx):
            dx = right(dy, g, need_dx)
            g.W -= np.outer(x[0], dy[0])
            return dx

        return y, backward


@pytest.mark.parametrize(
    ("estimator", "data"),
    [
        (MLPClassifier((8, 8)), IRIS),
        (MLPClassifier((8,), init="zeros", solver="lbfgs"), IRIS),
        (MLPClassifier((8,), activation="maxout", class_weight="balanced", label_smoothing=0.1), IRIS),
        (ConvNetClassifier(standardize=False), DIGITS),  # many a window of zeros: a ReLU on its kink
        (ConvNetClassifier(augment=[RandomRotation(20)], input_noise=0.1), DIGITS),
        (MLPRegressor((9, 9), loss="absolute_error", alpha=0.1, l1_ratio=1.0, input_dropout=0.2), DIABETES),
        (NetworkClassifier([DropConnect(Dense(9)), Tanh()]), IRIS),
    ],
)
def test_right_formulas_pass(estimator, data):
    X, y = data
    estimator.set_params(random_state=0)
    for rows in (X, X.astype(np.float32)):
        assert max(check_gradient(estimator, rows, y)["relative_error"]) < 1e-6
    with pytest.raises(NotFittedError):
        check_is_fitted(estimator)


def test_wrong_slope_is_found_below_it():
    table = check_gradient(NetworkClassifier([Dense(8), WrongSlope(), Dense(8), Tanh()], random_state=0), *IRIS)
    assert table["layer"] == [1, 3, 5]
    first, *others = table["relative_error"]
    assert first > 1e-2
    assert max(others) < 1e-6


def test_wrong_weights_are_found_in_their_layer():
    table = check_gradient(NetworkClassifier([Dense(8), Tanh(), WrongWeights(8), Tanh()], random_state=0), *IRIS)
    before, wrong, after = table["relative_error"]
    assert wrong > 1e-3
    assert max(before, after) < 1e-6


def test_fitted_network_is_checked_where_it_stands():
    X, y = IRIS
    fitted = MLPClassifier((8,), max_iter=20, random_state=0).fit(X, y)
    before, attributes = numbers(fitted), dict(vars(fitted))
    table = check_gradient(fitted, X, y)
    np.testing.assert_array_equal(numbers(fitted), before)
    assert vars(fitted) == attributes
    assert table["relative_error"] != check_gradient(MLPClassifier((8,), random_state=0), X, y)["relative_error"]


def test_what_is_printed_is_what_is_returned(capsys):
    table = check_gradient(MLPClassifier((300,), random_state=0), *IRIS)
    heading, rule, *lines = capsys.readouterr().out.splitlines()
    assert heading.split() == ["layer", "name", "parameters", "relative", "error"]
    assert set(rule) == {"-"}
    assert [line.split()[0] for line in lines] == ["1", "3"] == [str(i) for i in table["layer"]]
    assert [line.split()[-2] for line in lines] == ["1,500", "903"]
    assert table["parameters"] == [1500, 903]
    assert len({len(line) for line in (heading, rule, *lines)}) == 1


def test_what_has_no_gradient_is_refused():
    with pytest.raises(TypeError, match="Only networks"):
        check_gradient(PerceptronClassifier(), *IRIS)
    with pytest.raises(ValueError, match="Step has no gradient"):
        check_gradient(NetworkClassifier([Dense(3), Step()]), *IRIS)
