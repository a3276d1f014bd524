"""
Handwritten digits with a network of 784, 50 and 10 units
=========================================================

The settings are those of the lecture: initial weights are normal with standard deviation 0.01, and plain gradient
descent with a learning rate of 0.1 makes 10,000 steps of 100 images each. On MNIST the accuracy is about 97%.

This script uses MNIST (60,000 training and 10,000 test images of 28 x 28) if the environment variable
``SKNN_SCRATCH_MNIST`` names a folder with its four files. Otherwise it uses the small digits of scikit-learn (1,797 of
8 x 8), for 2,000 steps. This is an easier task on fewer images, and the accuracy is not that of MNIST.
"""

import os
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.model_selection import train_test_split

from sknn_scratch import MLPClassifier
from sknn_scratch.datasets import load_mnist

folder = os.environ.get("SKNN_SCRATCH_MNIST")
if folder:
    name, n_steps = "MNIST", 10_000
    X, y, X_test, y_test = load_mnist(folder)
else:
    name, n_steps = "scikit-learn's digits", 2_000
    images, digits = load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split(images / 16, digits, stratify=digits, random_state=0)

# %%
# ``alpha=0`` and ``standardize=False`` switch off the penalty and the standardisation of the inputs, which the lecture
# does not have. With ``n_iter_no_change=inf`` all steps are made; the loss may still be falling at the end.

warnings.simplefilter("ignore", ConvergenceWarning)
n_epochs = round(n_steps * 100 / len(X))
descent = {"solver": "sgd", "learning_rate": "constant", "learning_rate_init": 0.1, "batch_size": 100}
start = {"init": "normal", "init_std": 0.01, "random_state": 0}
duration = {"max_iter": n_epochs, "n_iter_no_change": np.inf}
mlp = MLPClassifier((50,), "relu", **descent, **start, **duration, alpha=0, standardize=False)
mlp.fit(X, y)
right = mlp.score(X_test, y_test)
print(f"{name}: {len(X)} images, {mlp.n_iter_} epochs; accuracy on {len(X_test)} others: {right:.4f}")

# %%
# The confusion matrix: rows are true digits, columns predicted ones.

figure, ax = plt.subplots(figsize=(7, 6.4), layout="constrained")
ConfusionMatrixDisplay.from_estimator(mlp, X_test, y_test, cmap="Greys", colorbar=False, ax=ax)
ax.set_title(f"{name}: {right:.2%} right")
plt.show()
