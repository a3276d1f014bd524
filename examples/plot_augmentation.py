"""
Data augmentation
=================

A digit that is slightly shifted, rotated or distorted is still the same digit. Training on images that are transformed
at random in each epoch teaches the network this invariance and reduces overfitting.

This script uses 100 images of MNIST if the environment variable ``SKNN_SCRATCH_MNIST`` names a folder with its four
files. Otherwise it uses 100 of the small digits of scikit-learn, each placed near the centre of an image of 12 x 12.
"""

import os
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning

from sknn_scratch import ConvNetClassifier
from sknn_scratch.datasets import load_mnist
from sknn_scratch.nn.arena import Arena
from sknn_scratch.nn.layers import ElasticDistortion, RandomRotation, RandomScaling, RandomShift
from sknn_scratch.nn.layers.base import Mode

warnings.simplefilter("ignore", ConvergenceWarning)  # 30 epochs for each
rng = np.random.default_rng(0)
if folder := os.environ.get("SKNN_SCRATCH_MNIST"):
    images, digits, *_ = load_mnist(folder)
else:
    small, digits = load_digits(return_X_y=True)
    places = zip(small.reshape(-1, 8, 8) / 16, rng.integers(1, 4, size=(1797, 2)), strict=True)
    images = np.array([np.pad(digit, [(i, 4 - i), (j, 4 - j)]) for digit, (i, j) in places])
side = 28 if folder else 12
(X, X_test), (y, y_test) = (np.split(part[:1100], [100]) for part in (images.reshape(-1, side, side, 1), digits))

# %%
# Each row has the original digit on the left, and six random transformations of one kind. ``Mode`` enables training
# mode.

elastic = ElasticDistortion(34 * (side / 28) ** 2, side / 7)
kinds = [RandomShift(side // 12), RandomRotation(15), RandomScaling(0.15), elastic]
mode = Mode(training=True, rng=rng, batch_rng=rng, arena=Arena(float))
figure, axes = plt.subplots(4, 7, figsize=(7, 4), layout="constrained", subplot_kw={"xticks": [], "yticks": []})
for line, kind in zip(axes, kinds, strict=True):
    changed, _ = kind.forward({}, np.stack([X[4]] * 6), mode)
    for ax, picture in zip(line, [X[4], *changed], strict=True):
        ax.imshow(picture, cmap="gray_r", vmin=0, vmax=1)
    line[0].set_ylabel(type(kind).__name__, rotation=0, ha="right", va="center")
plt.show()

# %%
# The same network is trained on the same 100 images, with two seeds for each augmentation. The small digits are
# off-centre, so shifts help most. Those of MNIST are centred but vary in handwriting, so elastic distortion helps most.

for augment in [(), *((kind,) for kind in kinds)]:
    cnn = ConvNetClassifier((30,), filters=(6, 12), augment=augment, learning_rate_init=0.01, max_iter=30)
    scores = [cnn.set_params(random_state=seed).fit(X, y).score(X_test, y_test) for seed in range(2)]
    name = type(augment[0]).__name__ if augment else "no change"
    print(f"{name:17} accuracy on others {np.mean(scores):.3f} (from {min(scores):.3f} to {max(scores):.3f})")
