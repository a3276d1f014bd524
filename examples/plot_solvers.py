"""
All solvers side by side
========================

A solver turns gradients into steps. "sgd" goes straight down, "momentum" keeps some of its last step, "adagrad",
"rmsprop" and "adam" have a rate of their own for every weight. "lbfgs" looks at all rows at once and estimates
how the slope changes; the others take a mini-batch a step.

Each trains the same network from the same start on the digits of scikit-learn, with its default learning rate.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from sknn_scratch import MLPClassifier

warnings.simplefilter("ignore", ConvergenceWarning)  # how long to learn is part of the comparison
digits = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(*digits, train_size=1000, stratify=digits[1], random_state=0)
solvers = ["sgd", "momentum", "adagrad", "rmsprop", "adam", "lbfgs"]

# %%
# The loss falls, the accuracy rises
# ----------------------------------
#
# The axis of the losses is logarithmic. An epoch of "lbfgs" is one of its iterations: one step, where the others make
# one for each mini-batch of 50 images. So its curve starts later; what counts in the end are seconds and accuracy.

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
