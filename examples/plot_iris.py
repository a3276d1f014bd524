"""
Iris with a small network
=========================

Four lengths of a flower, three species, 150 flowers. A network with ten hidden units and ReLU learns from half of them;
the other half is kept to see what it learned.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_iris
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.model_selection import train_test_split

from sknn_scratch import MLPClassifier
from sknn_scratch.inspection import NetworkDisplay, TrainingHistoryDisplay

iris = load_iris()
X, X_test, y, y_test = train_test_split(
    iris.data, iris.target_names[iris.target], test_size=0.5, stratify=iris.target, random_state=0
)
clf = MLPClassifier((10,), "relu", random_state=0).fit(X, y, X_val=X_test, y_val=y_test)

# %%
# The network. Inputs are length and width of the sepals, and length and width of the petals. Solid lines are positive
# weights, dashed ones negative, wide ones large.

NetworkDisplay.from_estimator(clf)

# %%
# Seeing it learn
# ---------------
#
# ``history_`` has the loss and the score (of a classifier: the accuracy) after each epoch, of the flowers it learns
# from and of those given as ``X_val``. Those are only looked at: they decide nothing here, so they still are a test.
# Their loss is lower because the training loss has the penalty on large weights in it.

history = {name: values for name, values in clf.history_.items() if name.endswith(("loss", "score"))}
TrainingHistoryDisplay(history).plot()

# %%
# Where it is wrong
# -----------------
#
# A line is what a flower is, a column what the network says. Setosa stands apart; the other two species overlap.

print(f"accuracy on the flowers it has not seen: {clf.score(X_test, y_test):.3f}")
ConfusionMatrixDisplay.from_estimator(clf, X_test, y_test, cmap="Greys", colorbar=False)
plt.show()
