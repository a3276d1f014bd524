"""
The adding problem: simple recurrent network and LSTM
=====================================================

Each step of a sequence has two features: a random number, and a mark, which is 1 at two steps and 0 at the others. The
target is the sum of the two marked numbers (Hochreiter and Schmidhuber 1997). To predict it, a network has to remember
a number over many steps. Predicting the mean of the targets has a mean squared error of 1/6.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.exceptions import ConvergenceWarning

from sknn_scratch import RecurrentRegressor
from sknn_scratch.inspection import SaliencyDisplay

warnings.simplefilter("ignore", ConvergenceWarning)  # 30 epochs for each


def adding(n, n_steps, rng):
    marks = np.zeros((n, n_steps))
    marks[np.arange(n), rng.integers(n_steps // 2, size=n)] = 1
    marks[np.arange(n), rng.integers(n_steps // 2, n_steps, size=n)] = 1
    numbers = rng.random((n, n_steps))
    return np.stack([numbers, marks], axis=2), (numbers * marks).sum(axis=1)


rng = np.random.default_rng(0)
X, y = adding(1000, 30, rng)
X_test, y_test = adding(300, 30, rng)

# %%
# Both networks have 16 units, and predict from the state at the last step only.

nets = {}
figure, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
for cell in ("simple", "lstm"):
    settings = {"cell": cell, "pooling": "last", "learning_rate_init": 0.01, "max_iter": 30, "n_iter_no_change": np.inf}
    nets[cell] = RecurrentRegressor((16,), **settings, random_state=0).fit(X, y, X_val=X_test, y_val=y_test)
    squares = 2 * np.array(nets[cell].history_["validation_loss"]) * np.var(y)  # the loss is half the square, scaled
    ax.semilogy(squares, label=cell)
    print(f"{cell:7} mean squared error {np.mean((nets[cell].predict(X_test) - y_test) ** 2):.4f}")
ax.axhline(1 / 6, color="black", linestyle=":", label="predict the mean")
ax.set(xlabel="epoch", ylabel="mean squared error on the test set")
ax.legend()

# %%
# The saliency of the LSTM: the gradient of its prediction with respect to each input. For an ideal network, the
# gradient with respect to the number (feature 0) is 1 at the two marked steps and 0 at all others.

SaliencyDisplay.from_estimator(nets["lstm"], X_test[:3])
plt.show()
