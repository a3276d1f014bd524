"""
A network of one's own
======================

``NetworkClassifier`` takes any list of layers and adds the output layer. Here AlexNet's shape (Krizhevsky et al. 2012:
five convolutions, two dense layers with dropout, the output) at the size of scikit-learn's 8 x 8 digits. Then a locally
connected layer (DeepFace, Taigman et al. 2014), which has kernels of its own at every place, beside a convolution,
whose kernels serve all places.
"""

import warnings

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from sknn_scratch import NetworkClassifier
from sknn_scratch.inspection import NetworkDisplay, WeightsDisplay
from sknn_scratch.nn.layers import Conv2D, Dense, Dropout, Flatten, LocallyConnected2D, MaxPool2D, ReLU, Reshape

warnings.simplefilter("ignore", ConvergenceWarning)  # short trainings are enough to compare
X, X_test, y, y_test = train_test_split(*load_digits(return_X_y=True), random_state=0)
image = Reshape((8, 8, 1))

# %%
# AlexNet's shape
# ---------------

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
# Shared weights, or not
# ----------------------
#
# Both layers see the same windows and give eight maps. The convolution has one kernel of 3 x 3 weights for each map; on
# the right there is one for each place of each map, drawn where it stands.

figure, axes = plt.subplots(1, 2, figsize=(10, 3), layout="constrained")
for ax, layer in zip(axes, [Conv2D(8, 3, padding="valid"), LocallyConnected2D(8, 3)], strict=True):
    net = NetworkClassifier([image, layer, ReLU(), Flatten()], max_iter=8, random_state=0).fit(X, y)
    name = type(layer).__name__
    print(f"{name}: {net.coefs_[0].size} weights, accuracy {net.score(X_test, y_test):.3f}")
    WeightsDisplay.from_estimator(net, ax=ax)
    ax.set_title(name)
plt.show()
