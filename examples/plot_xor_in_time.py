"""
XOR in time
===========

A series of bits consists of groups of three: two random bits and their exclusive or (Elman 1990, Finding structure in
time). A simple recurrent network predicts the next bit at each step. Random bits cannot be predicted: the best
prediction is 0.5, with a mean squared error of 0.25. Every third bit can be predicted from the two before it, if the
state stores them.
"""

import matplotlib.pyplot as plt
import numpy as np

from sknn_scratch import RecurrentRegressor
from sknn_scratch.inspection import StatesDisplay


def series(n, n_groups, rng):
    pairs = rng.integers(2, size=(n, n_groups, 2))
    bits = np.concatenate([pairs, pairs[..., :1] ^ pairs[..., 1:]], axis=2).reshape(n, -1)
    return bits[:, :-1, None].astype(float), bits[:, 1:].astype(float)


rng = np.random.default_rng(0)
X, y = series(600, 6, rng)
X_test, y_test = series(300, 6, rng)

# %%
# With ``targets="step"``, y has a target for each step: the next bit. The exclusive or, at positions 2, 5, 8, ... of a
# series, is the target at steps 1, 4, 7, ...

settings = {"learning_rate_init": 0.01, "max_iter": 100, "n_iter_no_change": np.inf, "random_state": 0}
net = RecurrentRegressor((8,), cell="simple", targets="step", **settings).fit(X, y)
error = np.mean((net.predict(X_test) - y_test) ** 2, axis=0)
for k, name in enumerate(["second random bit", "XOR", "first random bit"]):
    print(f"{name:18} mean squared error {error[k::3].mean():.3f}")

figure, ax = plt.subplots(figsize=(7, 3), layout="constrained")
ax.plot(error, "o-")
ax.axhline(0.25, color="black", linestyle=":")
ax.set(xlabel="step", ylabel="mean squared error of the next bit", ylim=(0, 0.4), xticks=range(1, len(error), 3))

# %%
# The states of the network for two series. Some have a period of three steps, since the network has to count to predict
# the position of the exclusive or.

StatesDisplay.from_estimator(net, X_test[:2])
plt.show()
