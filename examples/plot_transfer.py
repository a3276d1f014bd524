"""
Transfer: digits 0 to 4 help 5 to 9
===================================

A convolutional network is trained on many images of the digits 0 to 4. For the digits 5 to 9, there are only few
images: a second network starts from the hidden layers of the first, or a linear model is trained on its feature maps.

This script uses MNIST, reduced to 14 x 14 pixels, if the environment variable ``SKNN_SCRATCH_MNIST`` names a folder
with its four files. Otherwise it uses the small digits of scikit-learn, where 600 images of 8 x 8 pixels are too few
for much transfer.
"""

import os

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from sknn_scratch import ConvNetClassifier, HiddenFeatures
from sknn_scratch.datasets import load_mnist
from sknn_scratch.inspection import WeightsDisplay

folder = os.environ.get("SKNN_SCRATCH_MNIST")
if folder:
    X, y, X_test, y_test = load_mnist(folder)
    X, X_test = (part.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)) for part in (X, X_test))
else:
    X, y = load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split(X.reshape(-1, 8, 8) / 16, y, test_size=0.3, stratify=y, random_state=0)

layers = {"filters": (8, 16), "kernel_size": 3, "hidden_layer_sizes": (64,), "standardize": False}
low = y < 5
source = ConvNetClassifier(**layers, max_iter=5 if folder else 30, random_state=0)
source.fit(X[low][:12_000], y[low][:12_000])
X, y = X[~low], y[~low]
X_test, y_test = X_test[y_test >= 5][:1000], y_test[y_test >= 5][:1000]

# %%
# Three ways to learn the other digits
# ------------------------------------
#
# ``pretrain=FrozenEstimator(source)`` copies all hidden layers and trains them further.
# ``HiddenFeatures(FrozenEstimator(source), layer=-3)`` in a pipeline keeps them unchanged, here without the dense layer
# (line -3 of ``source.summary()``).

ways = {
    "from random weights": ConvNetClassifier(**layers, random_state=0),
    "from the hidden layers of the other network": ConvNetClassifier(
        **layers, pretrain=FrozenEstimator(source), random_state=0
    ),
    "a linear model of its feature maps": make_pipeline(
        HiddenFeatures(FrozenEstimator(source), layer=-3), LogisticRegression(max_iter=1000)
    ),
}
numbers = [2, 5, 10]  # images a class
figure, ax = plt.subplots(layout="constrained")
for name, model in ways.items():
    means = []
    for n in numbers:
        scores = []
        for seed in range(3):
            rng = np.random.default_rng(seed)
            few = np.concatenate([rng.permutation(np.flatnonzero(y == label))[:n] for label in range(5, 10)])
            scores.append(model.fit(X[few], y[few]).score(X_test, y_test))
        means.append(np.mean(scores))
    print(f"{name}: " + ", ".join(f"{mean:.3f}" for mean in means))
    ax.plot(numbers, means, "o-", label=name)
ax.set(xscale="log", xlabel="images a class", ylabel="test accuracy, mean of 3 draws")
ax.set_xticks(numbers, numbers)
ax.legend()

# %%
# It is best to start from the hidden layers of the other network. A linear model of its feature maps is nearly as
# good. The more images there are, the less the initial weights matter.
#
# The copied kernels
# ------------------

WeightsDisplay.from_estimator(source)
plt.show()
