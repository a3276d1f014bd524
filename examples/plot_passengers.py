"""
Forecasting airline passengers
==============================

Monthly passengers of international airlines from 1949 to 1960, in thousands (G. Box, G. Jenkins, Time Series Analysis:
Forecasting and Control, 1976, series G). A model is useful only if it is better than naive forecasts: the value of the
previous month, the value of the same month a year before, or the latter plus the growth in the year up to the previous
month.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.ensemble import VotingRegressor
from sklearn.linear_model import Ridge

from sknn_scratch import RecurrentRegressor
from sknn_scratch.forecasting import forecast, windows

years = """112 118 132 129 121 135 148 148 136 119 104 118 115 126 141 135 125 149 170 170 158 133 114 140
145 150 178 163 172 178 199 199 184 162 146 166 171 180 193 181 183 218 230 242 209 191 172 194
196 196 236 235 229 243 264 272 237 211 180 201 204 188 235 227 234 264 302 293 259 229 203 229
242 233 267 269 270 315 364 347 312 274 237 278 284 277 317 313 318 374 413 405 355 306 271 306
315 301 356 348 355 422 465 467 404 347 305 336 340 318 362 348 363 435 491 505 404 359 310 337
360 342 406 396 420 472 548 559 463 407 362 405 417 391 419 461 472 535 622 606 508 461 390 432"""
series = np.array(years.split(), dtype=float)
n_train = 96  # eight years; four are for the test


def rmse(predicted):
    return np.sqrt(np.mean((series[n_train:] - predicted) ** 2))


# %%
# One month ahead
# ---------------
#
# The series and its seasonal variation grow, and networks do not extrapolate. The monthly changes of the logarithm are
# similar in all years, so the models predict the next change from the last 13. Since there are only 82 training
# windows, single networks differ; the mean of five is better than most of them.

change = np.diff(np.log(series))
X, y = windows(change, n_steps=13)
n_windows = n_train - 14
before, year_ago = series[n_train - 1 : -1], series[n_train - 12 : -12]
change_since = before - series[n_train - 13 : -13]
naive = {"last month": before, "last year": year_ago, "last year and the change since": year_ago + change_since}
settings = {"cell": "simple", "pooling": "last", "alpha": 0.01}
nets = [(f"net {k}", RecurrentRegressor((32,), **settings, random_state=k)) for k in range(5)]
models = {"ridge regression": Ridge(0.001), "five networks": VotingRegressor(nets)}
models = {name: model.fit(X[:n_windows], y[:n_windows]) for name, model in models.items()}
predicted = {name: before * np.exp(model.predict(X[n_windows:])) for name, model in models.items()}
for name, values in {**naive, **predicted}.items():
    print(f"{name:32} root mean squared error {rmse(values):5.1f}")

# %%
# Four years ahead
# ----------------
#
# ``forecast`` uses its own predictions as inputs for the following steps; the values of the last four years are not
# used. The naive forecast repeats 1956.

repeated = np.tile(series[n_train - 12 : n_train], 4)
ahead = forecast(models["five networks"], change[: n_train - 1], n_steps_ahead=48)
path = series[n_train - 1] * np.exp(np.cumsum(ahead))
print(f"from the end of 1956: root mean squared error {rmse(path):.1f}, last year's four times: {rmse(repeated):.1f}")
figure, ax = plt.subplots(figsize=(8, 3.5), layout="constrained")
time = 1949 + np.arange(len(series)) / 12
ax.plot(time, series, color="black", label="observed")
ax.plot(time[n_train:], predicted["five networks"], label="five networks, one month ahead")
ax.plot(time[n_train:], path, "--", label="five networks, from the end of 1956")
ax.axvline(1957, color="grey", linewidth=0.8)
ax.set(xlabel="year", ylabel="thousand passengers")
ax.legend()
plt.show()
