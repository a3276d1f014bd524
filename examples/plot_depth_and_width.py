"""
Depth and width
===============

This example varies the number of hidden layers and of units per layer. Larger networks can represent more complex
functions, but not every problem needs them, and more parameters need more training data. Two spirals do need them: no
line and no simple curve separates the classes.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.inspection import DecisionBoundaryDisplay

from sknn_scratch import MLPClassifier

warnings.simplefilter("ignore", ConvergenceWarning)  # the number of epochs is part of the comparison


def spirals(n_rows, seed):
    """Return points on two spirals, a little off, and which of the two each is on."""
    rng = np.random.default_rng(seed)
    y = np.arange(n_rows) % 2
    turn = 3 * np.pi * np.sqrt(rng.random(n_rows))
    X = turn[:, None] * np.column_stack([np.cos(turn + np.pi * y), np.sin(turn + np.pi * y)])
    return X + rng.normal(0, 0.4, X.shape), y


X, y = spirals(400, seed=0)
X_test, y_test = spirals(2000, seed=1)

# %%
# Each row of plots is a width, each column a depth. Each title has the accuracy on a test set of 2,000 points and the
# number of trained parameters. All networks are trained in the same way.

training = {"embedding": None, "alpha": 1e-3, "batch_size": 32, "max_iter": 120, "n_iter_no_change": np.inf}
widths, depths = [4, 16, 64], [1, 2, 3]
figure, axes = plt.subplots(3, 3, figsize=(8.5, 9), layout="constrained", sharex=True, sharey=True)
for line, width in zip(axes, widths, strict=True):
    for ax, depth in zip(line, depths, strict=True):
        mlp = MLPClassifier((width,) * depth, **training, random_state=0).fit(X, y)
        right = mlp.score(X_test, y_test)
        n_numbers = sum(W.size for W in mlp.coefs_) + sum(b.size for b in mlp.intercepts_)
        DecisionBoundaryDisplay.from_estimator(mlp, X, response_method="predict", cmap="Greys", alpha=0.3, ax=ax)
        for k, marker in enumerate("ox"):
            ax.scatter(*X[y == k].T, s=8, marker=marker, color="black", linewidths=0.7)
        ax.set_title(f"{depth} x {width} units\n{right:.2f} right, {n_numbers:,} numbers", size="medium")
        print(f"{depth} x {width:2d}: accuracy {right:.3f}, {n_numbers} numbers")
plt.show()
