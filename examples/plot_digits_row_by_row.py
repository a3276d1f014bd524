"""
Digits, read row by row
=======================

An image can be read as a sequence of rows. A network with a target at each step predicts the digit after every row. A
part of the rows is enough for almost the accuracy of the complete image.

This script uses MNIST (28 rows of 28 pixels; 1,000 of the training images) if the environment variable
``SKNN_SCRATCH_MNIST`` names a folder with its four files. Otherwise it uses the small digits of scikit-learn (8 rows of
8 pixels).
"""

import os

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sknn_scratch import RecurrentClassifier
from sknn_scratch.datasets import load_mnist
from sknn_scratch.inspection import StatesDisplay

folder = os.environ.get("SKNN_SCRATCH_MNIST")
if folder:
    X, y, X_test, y_test = (part[:1000] for part in load_mnist(folder))
else:
    X, X_test, y, y_test = train_test_split(*load_digits(return_X_y=True), train_size=1200, random_state=0)
side = round(X.shape[1] ** 0.5)
X, X_test = X.reshape(-1, side, side), X_test.reshape(-1, side, side)

# %%
# One network predicts the digit once for the whole image, another after each row; for it, y repeats the digit.

whole = RecurrentClassifier((32,), max_iter=15, random_state=0).fit(X, y)
print(f"one answer for an image: {whole.score(X_test, y_test):.3f} right")
rows = RecurrentClassifier((32,), targets="step", max_iter=15, random_state=0).fit(
    X, np.repeat(y[:, None], side, axis=1)
)
right = np.mean(rows.predict(X_test) == y_test[:, None], axis=0)
print(f"after the last row: {right[-1]:.3f} right, half way: {right[side // 2 - 1]:.3f}")

# %%
# The predicted probabilities of the digits after each row, for three images.

figure, axes = plt.subplots(2, 4, figsize=(9, 4.6), layout="constrained", width_ratios=[1.4, 1, 1, 1])
axes[1, 0].set_axis_off()
axes[0, 0].plot(np.arange(1, side + 1), right, "o-")
axes[0, 0].set(xlabel="rows read", ylabel="accuracy", ylim=(0, 1))
for (image_ax, ax), image, p in zip(axes[:, 1:].T, X_test, rows.predict_proba(X_test[:3]), strict=False):
    image_ax.imshow(image, cmap="gray")
    image_ax.set_axis_off()
    ax.imshow(p, aspect="auto", vmin=0, vmax=1)
    ax.set(xlabel="digit", ylabel="row", xticks=range(10))

# %%
# The states of the units at each row of the first two images.
StatesDisplay.from_estimator(rows, X_test[:2], labels=[f"a {digit}" for digit in y_test[:2]])
plt.show()
