"""
Hidden activations as features
==============================

A hidden layer is a new description of the rows, made for telling the classes apart. ``HiddenFeatures`` hands it to
other estimators: here two hidden units, to be drawn, and k-NN on top of them. Principal components are what one gets
without looking at the classes.
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
# Every mark is a digit that was not learned from, drawn as itself. The network was trained once, inside the pipeline.

plt.show()
