"""
Custom networks
===============

``NetworkClassifier`` takes any list of layers and adds the output layer. The first network has the structure of AlexNet
(Krizhevsky et al. 2012: five convolutions, two dense layers with dropout, the output), scaled down to scikit-learn's
8 x 8 digits. The second part compares a locally connected layer (DeepFace, Taigman et al. 2014), which has separate
kernels at every position, with a convolution, which shares its kernels between positions.
"""

import warnings

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from sknn_scratch import NetworkClassifier
from sknn_scratch.inspection import NetworkDisplay, WeightsDisplay
from sknn_scratch.nn.layers import Conv2D, Dense, Dropout, Flatten, LocallyConnected2D, MaxPool2D, ReLU, Reshape

warnings.simplefilter("ignore", ConvergenceWarning)  # few epochs are enough for a comparison
X, X_test, y, y_test = train_test_split(*load_digits(return_X_y=True), random_state=0)
image = Reshape((8, 8, 1))

# %%
# The structure of AlexNet
# ------------------------

first, second, third, fourth, fifth = (Conv2D(n, 3, padding="same") for n in (12, 24, 32, 32, 24))
blocks = [
    *(first, ReLU(), MaxPool2D(2)),
    *(second, ReLU(), MaxPool2D(2)),
    *(third, ReLU(), fourth, ReLU(), fifth, ReLU(), MaxPool2D(2)),
]
dense = [Dense(64), ReLU(), Dropout(0.5), Dense(64), ReLU(), Dropout(0.5)]
alexnet = NetworkClassifier([image, *blocks, Flatten(), *dense], max_iter=15, random_state=0).fit(X, y)
print(f"accuracy on {len(X_test)} digits: {alexnet.score(X_test, y_test):.3f}")
NetworkDisplay.from_estimator(alexnet)

# %%
# Shared and unshared weights
# ---------------------------
#
# Both layers have the same windows and eight feature maps. The convolution (left) has one kernel of 3 x 3 weights for
# each map. The locally connected layer (right) has one for each position of each map, drawn at its position.

figure, axes = plt.subplots(1, 2, figsize=(10, 3), layout="constrained")
for ax, layer in zip(axes, [Conv2D(8, 3, padding="valid"), LocallyConnected2D(8, 3)], strict=True):
    net = NetworkClassifier([image, layer, ReLU(), Flatten()], max_iter=8, random_state=0).fit(X, y)
    name = type(layer).__name__
    print(f"{name}: {net.coefs_[0].size} weights, accuracy {net.score(X_test, y_test):.3f}")
    WeightsDisplay.from_estimator(net, ax=ax)
    ax.set_title(name)
plt.show()
