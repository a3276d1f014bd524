"""
The cat: units that respond to a digit, without labels
======================================================

In 2012, a network trained on frames of videos, without labels, had a unit that responded to faces of cats (Le et al.,
Building high-level features using large scale unsupervised learning, ICML 2012). This example applies the same idea to
digits of 8 x 8 pixels, in an autoencoder with local receptive fields without weight sharing (no convolution), L2
pooling of neighbouring units, and a sparsity penalty.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import rankdata
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sknn_scratch import Autoencoder
from sknn_scratch.inspection import ActivationMaximizationDisplay, ReconstructionDisplay
from sknn_scratch.nn.layers import Flatten, L2Pool2D, LocallyConnected2D, Reshape

X, y = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(X / 16, y, test_size=0.3, random_state=0)

# %%
# Local receptive fields, L2 pooling, a sparse code
# -------------------------------------------------
#
# The penalty ``activity_l1`` on the pooled units is that of the paper, a sum of roots of sums of squares. Unlike in the
# paper, the image is reconstructed from the pooled units, and there is one stage instead of three.

code = [Reshape((8, 8, 1)), LocallyConnected2D(8, kernel_size=5), L2Pool2D(2), Flatten()]


def selectivity(features, labels):
    """Return how well each feature alone tells each digit from all others: areas under ROC curves, digits by units.

    The area is the share of pairs, of an image of the digit and another one, that the feature puts in order.
    """
    ranks = rankdata(features, axis=0)
    of_digit = [labels == digit for digit in range(10)]
    return np.array([(ranks[d].mean(axis=0) - (d.sum() + 1) / 2) / (~d).sum() for d in of_digit])


settings = {"encoder": code, "alpha": 0.001, "max_iter": 30, "random_state": 0}
sparse = Autoencoder(**settings, activity_l1=0.3).fit(X)
for name, model in {"sparse": sparse, "not sparse": Autoencoder(**settings).fit(X)}.items():
    units = selectivity(model.transform(X), y).argmax(axis=1)
    areas = selectivity(model.transform(X_test), y_test)[range(10), units]
    print(f"{name}: mean {areas.mean():.3f}; " + ", ".join(f"{d}: {area:.2f}" for d, area in enumerate(areas)))
pixels = selectivity(X_test, y_test)[range(10), selectivity(X, y).argmax(axis=1)]
print(f"best pixels: mean {pixels.mean():.3f}")

# %%
# For each digit, the unit with the largest area under the ROC curve is selected on the training images; the areas shown
# are those on the test images. Single pixels, and units of codes that are not sparse, separate the digits less well.
#
# Inputs that maximise the activation
# -----------------------------------
#
# For the selected unit of each digit, the image of a given norm with the largest activation: strokes in its receptive
# field. Because of the squares, the negative of the pattern has nearly the same activation.

units = selectivity(sparse.transform(X), y).argmax(axis=1)
display = ActivationMaximizationDisplay.from_estimator(sparse, layer=len(code) - 1, units=units, norm=3)
for digit, text in enumerate(display.texts_):
    text.set_text(f"{digit}: unit {units[digit]}")

# %%
# Reconstructions
# ---------------

ReconstructionDisplay.from_estimator(sparse, X_test)
plt.show()
