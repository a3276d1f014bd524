"""
Monitoring training
===================

This example plots the training history of a network, and its weights after each epoch.
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
# Learning curves
# ---------------
#
# ``history_`` has the loss, the score, the learning rate and the mean norm of the gradient of each epoch.

weights = WeightHistory()
mlp = MLPClassifier((20,), max_iter=40, random_state=0).set_callbacks(weights)
mlp.fit(X, y, X_val=X_val, y_val=y_val)
TrainingHistoryDisplay.from_estimator(mlp)

# %%
# Weights
# -------
#
# The callback recorded the weights of every epoch. The plot shows those between the first six hidden units and the
# output for the digit 0. The changes become smaller as the learning rate falls.

paths = np.array([coefs[1][:6, 0] for coefs in weights.coefs_])
figure, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
lines = ax.plot(weights.epochs_, paths, linewidth=1)
ax.legend(lines, [f"unit {k}" for k in range(6)], loc="center left", bbox_to_anchor=(1, 0.5))
ax.axhline(0, color="black", linewidth=0.5)
ax.set(xlabel="epoch", ylabel="weight", title="Weights of the output for the digit 0")
plt.show()
