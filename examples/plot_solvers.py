"""
Comparison of solvers
=====================

A solver computes steps from gradients. "sgd" follows the negative gradient, "momentum" adds a part of the previous
step, "adagrad", "rmsprop" and "adam" adapt the learning rate of each weight. "lbfgs" uses all rows in each step and
approximates the curvature; the others use one mini-batch per step.

Each trains the same network from the same initial values on the digits of scikit-learn, with its default learning rate.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from sknn_scratch import MLPClassifier

warnings.simplefilter("ignore", ConvergenceWarning)  # the number of epochs is part of the comparison
digits = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(*digits, train_size=1000, stratify=digits[1], random_state=0)
solvers = ["sgd", "momentum", "adagrad", "rmsprop", "adam", "lbfgs"]

# %%
# Loss and accuracy
# -----------------
#
# The loss axis is logarithmic. An epoch of "lbfgs" is one iteration with one step; the others make one step for each
# mini-batch of 50 images. So its loss falls later. For a comparison, time and accuracy matter, not epochs.

figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
for solver, marker in zip(solvers, "os^Dv*", strict=True):
    mlp = MLPClassifier((30,), solver=solver, batch_size=50, max_iter=40, n_iter_no_change=np.inf, random_state=0)
    mlp.fit(X, y, X_val=X_test, y_val=y_test)
    epochs = np.arange(1, mlp.n_iter_ + 1)
    style = {"marker": marker, "markevery": 5, "markersize": 5, "linewidth": 1, "label": solver}
    axes[0].plot(epochs, mlp.history_["loss"], **style)
    axes[1].plot(epochs, mlp.history_["validation_score"], **style)
    steps = 1 if solver == "lbfgs" else len(X) // 50
    print(f"{solver:9} {mlp.n_iter_} epochs of {steps:2} steps: accuracy {mlp.score(X_test, y_test):.3f}")
axes[0].set(xlabel="epoch", ylabel="loss (with the penalty)", yscale="log")
axes[1].set(xlabel="epoch", ylabel="accuracy on other digits", ylim=(0.8, 1))
axes[0].legend()
plt.show()
