"""
A restricted Boltzmann machine: features and samples
====================================================

As in scikit-learn's example for its BernoulliRBM, digits that are shifted by one pixel in each direction are classified
by logistic regression, from raw pixels and from the probabilities of the hidden units. In addition, images are sampled
from the distribution that the machine has learned.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.ndimage import shift
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import minmax_scale

from sknn_scratch import BernoulliRBM
from sknn_scratch.inspection import GibbsDisplay, WeightsDisplay

images, y = load_digits(return_X_y=True)
images = images.reshape(-1, 8, 8)
moves = [(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)]
X = np.concatenate([[shift(image, move, order=0).ravel() for image in images] for move in moves])
X, X_test, y, y_test = train_test_split(minmax_scale(X).astype("float32"), np.tile(y, 5), test_size=0.2, random_state=0)

rbm = BernoulliRBM(100, learning_rate=0.06, n_iter=10, schedule="constant", random_state=0)
raw = LogisticRegression(C=100, max_iter=2000).fit(X, y)
model = make_pipeline(rbm, LogisticRegression(C=6000, max_iter=2000)).fit(X, y)
print(f"raw pixels: accuracy {raw.score(X_test, y_test):.3f}")
print(f"hidden units: accuracy {model.score(X_test, y_test):.3f}")

# %%
# Weights of the hidden units
# ---------------------------

WeightsDisplay.from_estimator(rbm, image_shape=(8, 8))

# %%
# Samples over the steps of Gibbs sampling
# ----------------------------------------
#
# The chains start from noise and reach digits after some steps. The pictures show probabilities of pixels, not samples.

GibbsDisplay.from_estimator(rbm, image_shape=(8, 8))
plt.show()
