"""
Prediction intervals by quantiles
=================================

A regressor predicts one number; an interval quantifies its uncertainty. Three networks with ``loss="quantile"`` predict
the 5%, 50% and 95% quantiles. 90% of the rows should lie between the outer two, also where the noise is larger.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.base import clone
from sklearn.metrics import mean_pinball_loss

from sknn_scratch import MLPRegressor

rng = np.random.default_rng(0)
X = rng.uniform(0, 10, size=(3000, 1))
y = X[:, 0] * np.sin(X[:, 0]) + rng.normal(scale=0.3 + 0.3 * X[:, 0])
X, X_test, y, y_test = X[:2000], X[2000:], y[:2000], y[2000:]

net = MLPRegressor((32, 32), loss="quantile", alpha=1e-4, n_iter_no_change=50, random_state=0)
nets = {q: clone(net).set_params(quantile=q).fit(X, y) for q in (0.05, 0.5, 0.95)}
low, _, high = (net.predict(X_test) for net in nets.values())
between = (low <= y_test) & (y_test <= high)
for name, rows in {"all": slice(None), "x < 5": X_test[:, 0] < 5, "x >= 5": X_test[:, 0] >= 5}.items():
    print(f"{name}: {between[rows].mean():.1%} of {between[rows].size} new rows lie between, 90% should")
for q, net in nets.items():
    print(f"quantile {q}: {np.mean(y_test <= net.predict(X_test)):.1%} of the rows below,", end=" ")
    print(f"pinball loss {mean_pinball_loss(y_test, net.predict(X_test), alpha=q):.3f}")

# %%
# The interval widens to the right, where the noise is larger. The three networks are trained independently, so where
# data are sparse, the quantiles may cross.

x = np.linspace(0, 10, 500)[:, None]
figure, ax = plt.subplots(figsize=(8, 4), layout="constrained")
ax.scatter(X_test, y_test, s=4, color="black", alpha=0.4, label="new rows")
ax.fill_between(x[:, 0], nets[0.05].predict(x), nets[0.95].predict(x), color="tab:blue", alpha=0.35, label="5% to 95%")
ax.plot(x, nets[0.5].predict(x), color="tab:orange", linewidth=2, label="median")
ax.set(xlabel="x", ylabel="y")
ax.legend()
plt.show()
