"""
The effect of a penalty on the weights
======================================

A unit of the first layer has one weight for each pixel, so its weights can be shown as an image. Without a penalty they
look like noise, since the random initial values remain. With a penalty, weights that are not needed shrink.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from sknn_scratch import MLPClassifier
from sknn_scratch.inspection import WeightsDisplay

warnings.simplefilter("ignore", ConvergenceWarning)  # 60 epochs for each
digits = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(*digits, train_size=1000, stratify=digits[1], random_state=0)

# %%
# The same network is trained without a penalty, with an L2 penalty, with an L1 penalty, and with dropout. Zero is grey,
# yellow positive, blue negative; each plot has its own scale. The titles give the accuracy and the share of weights
# that are exactly zero: only L1 sets weights to exactly zero. Dropout is not a penalty and leaves the weights large.

kinds = {
    "no penalty": {"alpha": 0},
    "L2": {"alpha": 0.02},
    "L1": {"alpha": 0.003, "l1_ratio": 1},
    "dropout": {"alpha": 0, "dropout": 0.5},
}
figure, axes = plt.subplots(2, 2, figsize=(8.5, 7.5), layout="constrained")
for ax, (name, settings) in zip(axes.flat, kinds.items(), strict=True):
    mlp = MLPClassifier((24,), **settings, max_iter=60, n_iter_no_change=np.inf, random_state=0).fit(X, y)
    WeightsDisplay.from_estimator(mlp, image_shape=(8, 8), ax=ax)
    W = mlp.coefs_[0]
    ax.set_title(f"{name}: {mlp.score(X_test, y_test):.3f} right, {np.mean(W == 0):.0%} zeros")
    print(f"{name:11} mean |weight| {np.abs(W).mean():.3f}, zeros {np.mean(W == 0):.0%}")
plt.show()
