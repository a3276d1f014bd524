"""Windows of a series, and forecasts that feed predictions back."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import MLPRegressor
from sknn_scratch.forecasting import forecast, windows


def test_windows_of_one_series():
    X, y = windows(np.arange(6), 3, horizon=2)
    np.testing.assert_array_equal(X, [[0, 1, 2], [1, 2, 3]])
    np.testing.assert_array_equal(y, [[3, 4], [4, 5]])


def test_windows_of_two_features_are_flat_step_after_step():
    series = np.array([[0, 10], [1, 11], [2, 12], [3, 13]])
    X, y = windows(series, 2)
    np.testing.assert_array_equal(X, [[0, 10, 1, 11], [1, 11, 2, 12]])
    np.testing.assert_array_equal(y, [[2, 12], [3, 13]])


@pytest.mark.parametrize("horizon", [1, 2, 5])
@pytest.mark.parametrize("n_features", [None, 2])
def test_forecasts_of_a_linear_recurrence_are_exact(horizon, n_features):
    # x(t) = 1.6 x(t-1) - 0.9 x(t-2) is linear in the last two steps, and so is every step after it.
    series = [1.0, 2.0]
    for _ in range(60):
        series.append(1.6 * series[-1] - 0.9 * series[-2])
    series = np.array(series)
    if n_features:
        series = np.column_stack([series, -2 * series + 1])
    reg = LinearRegression().fit(*windows(series[:50], 3, horizon))
    np.testing.assert_allclose(forecast(reg, series[:50], 12), series[50:], atol=1e-8)


def test_through_a_pipeline_and_a_search():
    series = np.sin(np.arange(100) / 5)
    X, y = windows(series, 10)
    search = GridSearchCV(make_pipeline(StandardScaler(), MLPRegressor((8,), random_state=0)), {}, cv=2).fit(X, y)
    once = search.predict(series[None, -10:])
    ahead = forecast(search, series, 3)
    assert ahead.shape == (3,)
    assert ahead[0] == once[0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: windows([1, 2, 3], 3), "need at least 4"),
        (lambda: windows([1, 2, np.nan, 3], 2), "series contains NaN"),
        (lambda: windows([1, 2, 3], 0), "n_steps"),
        (lambda: windows(np.arange(9).astype("datetime64[D]"), 2), "series has dates or durations"),
        (lambda: forecast(LinearRegression().fit(*windows([1, 2, 3, 4], 2)), [1], 2), "at least one window"),
        (lambda: forecast(LinearRegression().fit(*windows([1, 2, 3, 4], 3)), np.ones((9, 2)), 2), "features"),
    ],
)
def test_errors_say_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()
