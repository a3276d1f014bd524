"""
Iris with a small network
=========================

The data set has 150 flowers of three species, with four measurements each. A network with ten hidden ReLU units is
trained on half of them; the other half is the test set.
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
# The inputs of the network are length and width of the sepals, and length and width of the petals. Solid lines are
# positive weights, dashed lines negative ones; the line width shows the size.

NetworkDisplay.from_estimator(clf)

# %%
# Learning curves
# ---------------
#
# ``history_`` has the loss and the score (for classifiers, the accuracy) after each epoch, on the training set and on
# the validation set ``X_val``. Here the validation set does not influence training, so the test set can be used. Its
# loss is lower because the training loss includes the penalty on the weights.

history = {name: values for name, values in clf.history_.items() if name.endswith(("loss", "score"))}
TrainingHistoryDisplay(history).plot()

# %%
# Confusion matrix
# ----------------
#
# Rows are true species, columns predicted ones. Setosa is well separated; the other two species overlap.

print(f"accuracy on the flowers it has not seen: {clf.score(X_test, y_test):.3f}")
display = ConfusionMatrixDisplay.from_estimator(clf, X_test, y_test, cmap="Greys", colorbar=False)
display.ax_.set_title("Species of the test set")
plt.show()
