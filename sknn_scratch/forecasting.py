"""Forecasting with any regressor, from windows of a series."""

from numbers import Integral

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator
from sklearn.utils import check_array, check_scalar
from sklearn.utils.validation import check_is_fitted

from .data.kinds import read_X

__all__ = ["forecast", "windows"]


def windows(
    series: npt.ArrayLike, n_steps: int, horizon: int = 1
) -> tuple[npt.NDArray[np.floating], npt.NDArray[np.floating]]:
    """Cut a series into windows and the values that follow each window.

    Parameters
    ----------
    series : array-like of shape (n_times,) or (n_times, n_features)
        Equally spaced observations, the oldest first.
    n_steps : int
        Number of steps in a window.
    horizon : int, default=1
        Number of following steps to predict.

    Returns
    -------
    X : ndarray of shape (n_windows, n_steps * n_features)
        Each window as a flat row, step after step, as every regressor accepts it. With several features, pass
        ``sequence_shape=(n_steps, n_features)`` to a `RecurrentRegressor`.
    y : ndarray of shape (n_windows,) or (n_windows, horizon * n_features)
        The values that follow each window, step after step; one-dimensional if it is a single value.

    Raises
    ------
    ValueError
        If the series is shorter than a window and its horizon, or is not finite.

    Examples
    --------
    >>> from sknn_scratch.forecasting import windows
    >>> X, y = windows([1, 2, 3, 4, 5], n_steps=3)
    >>> X, y
    (array([[1., 2., 3.],
           [2., 3., 4.]]), array([4., 5.]))
    """
    check_scalar(n_steps, "n_steps", Integral, min_val=1)
    check_scalar(horizon, "horizon", Integral, min_val=1)
    steps = _steps(series)
    if len(steps) < n_steps + horizon:
        raise ValueError(
            f"series has {len(steps)} steps; a window of n_steps={n_steps} and horizon={horizon} need at least "
            f"{n_steps + horizon}."
        )
    all_rows = np.lib.stride_tricks.sliding_window_view(steps, n_steps + horizon, axis=0).swapaxes(1, 2)
    X, y = all_rows[:, :n_steps].reshape(len(all_rows), -1), all_rows[:, n_steps:].reshape(len(all_rows), -1)
    return X, y[:, 0] if y.shape[1] == 1 else y


def forecast(estimator: BaseEstimator, series: npt.ArrayLike, n_steps_ahead: int) -> npt.NDArray[np.floating]:
    """Forecast a series recursively, with a regressor fitted to windows.

    Parameters
    ----------
    estimator : regressor
        Any regressor, pipeline or search fitted to `windows` of such a series, with any horizon.
    series : array-like of shape (n_times,) or (n_times, n_features)
        The observations, the oldest first; at least as long as a window.
    n_steps_ahead : int
        Number of steps to forecast.

    Returns
    -------
    forecasts : ndarray of shape (n_steps_ahead,) or (n_steps_ahead, n_features)
        The forecasts for the steps that follow the series.

    Raises
    ------
    NotFittedError
        If the estimator is not fitted.
    ValueError
        If the series is too short, is not finite, or has another number of features.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LinearRegression
    >>> from sknn_scratch.forecasting import forecast, windows
    >>> reg = LinearRegression().fit(*windows(np.arange(10.0), n_steps=3))
    >>> forecast(reg, np.arange(10.0), n_steps_ahead=3).round(6)
    array([10., 11., 12.])
    """
    check_is_fitted(estimator)
    check_scalar(n_steps_ahead, "n_steps_ahead", Integral, min_val=1)
    steps = _steps(series)
    n_features = steps.shape[1]
    n_steps, rest = divmod(estimator.n_features_in_, n_features)
    if rest or len(steps) < n_steps:
        raise ValueError(
            f"The estimator was fitted to windows of {estimator.n_features_in_} numbers; the series has {len(steps)} "
            f"steps of {n_features} features. Pass at least one window, with the features that it was fitted to."
        )
    known = list(steps[-n_steps:])
    while len(known) < n_steps + n_steps_ahead:
        window = np.reshape(known[-n_steps:], (1, -1))
        predicted = np.ravel(estimator.predict(window))
        if predicted.size % n_features:
            raise ValueError(
                f"The estimator predicts {predicted.size} numbers, which are not whole steps of {n_features} features. "
                "Fit it to X and y of windows(series, n_steps, horizon)."
            )
        known.extend(predicted.reshape(-1, n_features))
    ahead = np.array(known[n_steps : n_steps + n_steps_ahead])
    return ahead[:, 0] if np.ndim(series) == 1 else ahead


def _steps(series: npt.ArrayLike) -> npt.NDArray[np.floating]:
    """Return a series as an array of shape (n_times, n_features)."""
    steps = read_X(series, "series")
    steps = check_array(steps, dtype=[np.float64, np.float32], ensure_2d=False, input_name="series")
    return steps[:, None] if steps.ndim == 1 else steps
