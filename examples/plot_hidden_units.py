"""
How many hidden units?
======================

A grid search over a pipeline chooses the number. Here handwritten digits are first reduced to principal components. The
numbers of components and of hidden units are tuned together, by 3-fold cross-validation.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline

from sknn_scratch import MLPClassifier

warnings.simplefilter("ignore", ConvergenceWarning)  # few epochs are enough for a comparison
X, X_test, y, y_test = train_test_split(*load_digits(return_X_y=True), random_state=0)
pipeline = Pipeline([("pca", PCA(random_state=0)), ("mlp", MLPClassifier(max_iter=15, random_state=0))])
n_components, units = [4, 16, 64], [4, 8, 16, 32, 64]
grid = {"pca__n_components": n_components, "mlp__hidden_layer_sizes": [(n,) for n in units]}
search = GridSearchCV(pipeline, grid, cv=3).fit(X, y)

print(f"best: {search.best_params_}, {search.best_score_:.3f} in cross-validation")
print(f"accuracy on {len(X_test)} digits that the search never saw: {search.score(X_test, y_test):.3f}")

# %%
# Each cell has the mean accuracy over the folds, with its standard deviation below. Where two means differ by less than
# the standard deviation, the difference is not meaningful, and the smaller network is the better choice.

shape = len(units), len(n_components)  # sorted by parameter name, the last one varies fastest
mean, spread = (search.cv_results_[f"{what}_test_score"].reshape(shape).T for what in ("mean", "std"))

figure, ax = plt.subplots(figsize=(8, 3.6), layout="constrained")
image = ax.imshow(mean, cmap="viridis", aspect="auto")
for (row, column), score in np.ndenumerate(mean):
    colour = "white" if image.norm(score) < 0.6 else "black"
    ax.text(
        column, row, f"{score:.3f}\n± {spread[row, column]:.3f}", ha="center", va="center", color=colour, size="small"
    )
ax.set_xticks(range(len(units)), units)
ax.set_yticks(range(len(n_components)), n_components)
ax.set(xlabel="hidden units", ylabel="principal components", title="accuracy in 3-fold cross-validation")
figure.colorbar(image, ax=ax, label="accuracy")
plt.show()
