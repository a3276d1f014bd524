"""
Initial values and learning rates
=================================

The scale of the initial weights and the learning rate determine whether training succeeds. Networks with three hidden
layers of 50 ReLUs are trained on the digits of scikit-learn, for 20 epochs of plain gradient descent.
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
fixed = {"solver": "sgd", "max_iter": 20, "n_iter_no_change": np.inf, "random_state": 0}

# %%
# The initial weights are normal with several standard deviations, or "glorot", which chooses the scale for each layer
# by its size. The rates are the initial ones; they decay along half a cosine.
#
# The lecture's value for one hidden layer, 0.01, is too small for three: each layer reduces the signal and the gradient
# further, until the gradient vanishes. With values that are too large, training diverges.

rates = [0.001, 0.01, 0.1, 1.0]
starts = {f"normal, {std}": {"init": "normal", "init_std": std} for std in [0.01, 0.1, 0.3, 1.0]}
starts["glorot"] = {"init": "glorot"}
scores = np.full((len(starts), len(rates)), np.nan)
for i, start in enumerate(starts.values()):
    for j, rate in enumerate(rates):
        mlp = MLPClassifier((50, 50, 50), learning_rate_init=rate, **start, **fixed)
        try:
            scores[i, j] = mlp.fit(X, y).score(X_test, y_test)
        except ValueError as error:  # training diverged
            print(f"{list(starts)[i]}, rate {rate}: {str(error).partition(':')[0]}")

# %%
# Accuracy on the test set. Chance level is 0.1.

figure, ax = plt.subplots(figsize=(6, 4.2), layout="constrained")
image = ax.imshow(scores, cmap="viridis", vmin=0, vmax=1, aspect="auto")
for (i, j), score in np.ndenumerate(scores):
    text = "diverged" if np.isnan(score) else f"{score:.2f}"
    ax.text(j, i, text, ha="center", va="center", color="black" if not score < 0.6 else "white")
ax.set_xticks(range(len(rates)), rates)
ax.set_yticks(range(len(starts)), starts)
ax.set(xlabel="learning rate at the start", ylabel="initial weights")
figure.colorbar(image, ax=ax, label="accuracy on other digits")
plt.show()
