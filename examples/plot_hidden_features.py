"""
Hidden activations as features
==============================

The activations of a hidden layer are features learned to separate the classes. ``HiddenFeatures`` makes them available
to other estimators. Here the activations of two hidden units are plotted and used by k-NN. They are compared with
principal components, which do not use the classes.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from sknn_scratch import HiddenFeatures, MLPClassifier

X, X_test, y, y_test = train_test_split(*load_digits(return_X_y=True), random_state=0)
net = MLPClassifier((64, 2), ["relu", "identity"], random_state=0)
features = {"2 principal components": PCA(2), "2 hidden units": HiddenFeatures(net)}

figure, axes = plt.subplots(1, 2, figsize=(8, 4), layout="constrained")
for ax, (name, transformer) in zip(axes, features.items(), strict=True):
    model = make_pipeline(transformer, KNeighborsClassifier()).fit(X, y)
    right = model.score(X_test, y_test)
    print(f"k-NN on {name}: accuracy {right:.3f}")
    points = model[:-1].transform(X_test)
    for digit in range(10):
        ax.scatter(*points[y_test == digit].T, marker=f"${digit}$", s=30, linewidth=0.3)
    ax.set(title=f"{name}: {right:.1%} right by k-NN", xlabel="first", ylabel="second")

# %%
# Each marker is a digit of the test set. The network was trained once, inside the pipeline.

plt.show()
