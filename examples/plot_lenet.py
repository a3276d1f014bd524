"""
Visualising LeNet
=================

LeNet-5 (LeCun et al. 1998) has two blocks of convolution and pooling, then dense layers. Here it has ReLU and maximum
pooling instead of tanh and average pooling. The plots show its kernels, its feature maps, and the saliency of pixels.

This script trains on the first 2,000 images of MNIST if the environment variable ``SKNN_SCRATCH_MNIST`` names a folder
with its four files. Otherwise it uses the 8 x 8 digits of scikit-learn. The kernels are then reduced to fit, and the
accuracy is not that of MNIST.
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
    X, y, X_test, y_test = X[:2000], y[:2000], X_test[:500], y_test[:500]
else:
    name = "scikit-learn's digits"
    X, X_test, y, y_test = train_test_split(*load_digits(return_X_y=True), random_state=0)

warnings.simplefilter("ignore", ConvergenceWarning)  # a few epochs are enough for the plots
blocks = {"filters": (6, 16), "kernel_size": 5, "padding": ("same", "valid")}
training = {"batch_size": 32, "learning_rate_init": 0.003, "max_iter": 4, "random_state": 0}
lenet = ConvNetClassifier((120, 84), **blocks, **training).fit(X, y)
right = lenet.score(X_test, y_test)
print(f"{name}: {len(X)} images; accuracy on {len(X_test)} others: {right:.4f}")
lenet.summary()

# %%
# The six kernels of the first convolution. Bright weights are positive: they respond to ink. Dark ones are negative.

WeightsDisplay.from_estimator(lenet)

# %%
# The feature maps of one image. The first maps still look like the digit, the later ones do not.

FeatureMapsDisplay.from_estimator(lenet, X_test[:1])

# %%
# Saliency is the gradient of the score of the predicted digit. More ink in bright places increases the score, in dark
# places decreases it.

SaliencyDisplay.from_estimator(lenet, X_test[:8])
plt.show()
