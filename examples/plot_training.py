"""
A training from inside
======================

What a network reports of each epoch while it learns, and how its weights move.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sknn_scratch import MLPClassifier
from sknn_scratch.callbacks import WeightHistory
from sknn_scratch.inspection import TrainingHistoryDisplay

digits = load_digits(return_X_y=True)
X, X_val, y, y_val = train_test_split(*digits, train_size=1000, stratify=digits[1], random_state=0)

# %%
# Curves
# ------
#
# Each epoch leaves its loss, score, learning rate and mean length of the gradient in ``history_``.

weights = WeightHistory()
mlp = MLPClassifier((20,), max_iter=40, random_state=0).set_callbacks(weights)
mlp.fit(X, y, X_val=X_val, y_val=y_val)
TrainingHistoryDisplay.from_estimator(mlp)

# %%
# Weights moving
# --------------
#
# The callback kept the weights of every epoch. Drawn are twelve of those between hidden units and the digit 0: large
# moves first, then smaller ones as the learning rate falls.

paths = np.array([coefs[1][:12, 0] for coefs in weights.coefs_])
figure, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
ax.plot(weights.epochs_, paths, linewidth=1)
ax.axhline(0, color="black", linewidth=0.5)
ax.set(xlabel="epoch", ylabel="weight")
plt.show()
