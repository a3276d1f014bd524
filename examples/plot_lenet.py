"""
LeNet, and what it looks at
===========================

Two blocks of convolution and pooling, then dense layers: LeNet-5 (LeCun et al. 1998), with ReLU and maximum where it
had tanh and mean. What it learned can be looked at: its kernels, its feature maps, and which pixels matter.

This script learns from the first 3,000 images of MNIST where the environment variable ``SKNN_SCRATCH_MNIST`` names a
folder with its four files. Otherwise it takes the 8 x 8 digits of scikit-learn in its place: the same network shrinks
to fit, and the accuracy is not that of MNIST.
"""

import os
import warnings

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from sknn_scratch import ConvNetClassifier
from sknn_scratch.datasets import load_mnist
from sknn_scratch.inspection import FeatureMapsDisplay, SaliencyDisplay, WeightsDisplay

folder = os.environ.get("SKNN_SCRATCH_MNIST")
if folder:
    name = "MNIST"
    X, y, X_test, y_test = load_mnist(folder)
    X, y, X_test, y_test = X[:3000], y[:3000], X_test[:1000], y_test[:1000]
else:
    name = "scikit-learn's digits"
    X, X_test, y, y_test = train_test_split(*load_digits(return_X_y=True), random_state=0)

warnings.simplefilter("ignore", ConvergenceWarning)  # a few epochs are enough to see something
blocks = {"filters": (6, 16), "kernel_size": 5, "padding": ("same", "valid")}
training = {"batch_size": 32, "learning_rate_init": 0.003, "max_iter": 4, "random_state": 0}
lenet = ConvNetClassifier((120, 84), **blocks, **training).fit(X, y)
right = lenet.score(X_test, y_test)
print(f"{name}: {len(X)} images; accuracy on {len(X_test)} others: {right:.4f}")
lenet.summary()

# %%
# The six kernels of the first convolution. Bright weights want ink, dark ones want none.

WeightsDisplay.from_estimator(lenet)

# %%
# What each layer makes of one image: the first maps still look like the digit, the later ones do not.

FeatureMapsDisplay.from_estimator(lenet, X_test[:1])

# %%
# Saliency is the gradient of the score of the digit that is read: more ink in bright places would raise it, in dark
# places lower it.

SaliencyDisplay.from_estimator(lenet, X_test[:8])
plt.show()
