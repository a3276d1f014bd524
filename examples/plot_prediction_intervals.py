"""
Prediction intervals by quantiles
=================================

A prediction interval quantifies the uncertainty of a regressor. A network with ``loss="quantile"`` predicts the 5%, 50%
and 95% quantiles. 90% of the rows should lie between the outer two, also in regions of larger noise.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import mean_pinball_loss

from sknn_scratch import MLPRegressor

rng = np.random.default_rng(0)
X = rng.uniform(0, 10, size=(3000, 1))
y = X[:, 0] * np.sin(X[:, 0]) + rng.normal(scale=0.3 + 0.3 * X[:, 0])
X, X_test, y, y_test = X[:2000], X[2000:], y[:2000], y[2000:]

levels = (0.05, 0.5, 0.95)
net = MLPRegressor((32, 32), loss="quantile", quantile=levels, alpha=1e-4, n_iter_no_change=50, random_state=0)
predictions = net.fit(X, y).predict(X_test)
low, _, high = predictions.T
between = (low <= y_test) & (y_test <= high)
for name, rows in {"all": slice(None), "x < 5": X_test[:, 0] < 5, "x >= 5": X_test[:, 0] >= 5}.items():
    print(f"{name}: {between[rows].mean():.1%} of {between[rows].size} new rows lie between, 90% should")
for q, column in zip(levels, predictions.T, strict=True):
    print(f"quantile {q}: {np.mean(y_test <= column):.1%} of the rows below,", end=" ")
    print(f"pinball loss {mean_pinball_loss(y_test, column, alpha=q):.3f}")

# %%
# The interval widens to the right, where the noise is larger. Quantiles never cross: each row of ``predict`` is sorted.

x = np.linspace(0, 10, 500)[:, None]
low, median, high = net.predict(x).T
figure, ax = plt.subplots(figsize=(8, 4), layout="constrained")
ax.scatter(X_test, y_test, s=4, color="black", alpha=0.4, label="new rows")
ax.fill_between(x[:, 0], low, high, color="tab:blue", alpha=0.35, label="5% to 95%")
ax.plot(x, median, color="tab:orange", linewidth=2, label="median")
ax.set(xlabel="x", ylabel="y")
ax.legend()
plt.show()
