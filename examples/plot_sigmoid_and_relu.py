"""
Sigmoid and ReLU
================

The slope of the sigmoid is at most 1/4, and nearly zero far from zero. In the backward pass, each layer multiplies the
gradient by this slope, so in a deep network with sigmoids the gradient of the first layers vanishes. The slope of ReLU
is 1 for active units.

The same network is trained with each of them on the digits of scikit-learn by plain gradient descent.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from scipy.special import expit
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from sknn_scratch import MLPClassifier

warnings.simplefilter("ignore", ConvergenceWarning)  # the number of epochs is part of the comparison
digits = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(*digits, train_size=1000, stratify=digits[1], random_state=0)
training = {"solver": "sgd", "max_iter": 30, "n_iter_no_change": np.inf, "random_state": 0}
names = {"logistic": ("sigmoid", "-"), "relu": ("ReLU", "--")}

# %%
# The two functions and their slopes.

x = np.linspace(-6, 6, 201)
figure, axes = plt.subplots(1, 2, figsize=(8, 2.8), layout="constrained")
curves = {"logistic": (expit(x), expit(x) * expit(-x)), "relu": (np.maximum(0, x), np.where(x > 0, 1.0, 0.0))}
for activation, (values, slopes) in curves.items():
    label, style = names[activation]
    axes[0].plot(x, values, style, label=label)
    axes[1].plot(x, slopes, style, label=label)
axes[0].set(xlabel="x", ylabel="activation", ylim=(-0.2, 3))
axes[1].set(xlabel="x", ylabel="slope")
axes[0].legend()

# %%
# Shallow and deep
# ----------------
#
# Learning rate, initial values and all other settings are the same. With one hidden layer, both activations work. With
# four, the network with sigmoids learns almost nothing in this number of epochs.

figure, axes = plt.subplots(1, 2, figsize=(8, 3.2), sharey=True, layout="constrained")
for ax, depth in zip(axes, [1, 4], strict=True):
    for activation, (label, style) in names.items():
        mlp = MLPClassifier((30,) * depth, activation, **training).fit(X, y, X_val=X_test, y_val=y_test)
        ax.plot(range(1, 31), mlp.history_["validation_score"], style, label=label)
        print(f"{depth} hidden layers of {label}: accuracy {mlp.score(X_test, y_test):.3f}")
    ax.set(title=f"{depth} hidden layer{'s' if depth > 1 else ''}", xlabel="epoch", ylim=(0, 1))
axes[0].set_ylabel("accuracy on other digits")
axes[0].legend()
plt.show()
