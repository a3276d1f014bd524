"""
k-NN, SVM and networks on the same digits
=========================================

k-NN is instance-based: it stores all rows and searches them for each prediction. Fitting takes almost no time, and the
prediction time increases with the number of rows. A network takes long to train, but its prediction time does not
depend on the number of training rows. This example compares five estimators on the same three folds of scikit-learn's
1,797 digits of 8 x 8 pixels. (``python -m sknn_scratch`` makes the same comparison on your own data.)
"""

import warnings

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import StratifiedKFold, cross_validate
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from sknn_scratch import ConvNetClassifier, MLPClassifier, PerceptronClassifier

warnings.simplefilter("ignore", ConvergenceWarning)  # few epochs for the convnet, to build this page quickly
X, y = load_digits(return_X_y=True)
models = {
    "k-NN": KNeighborsClassifier(),
    "SVM": SVC(),
    "perceptron": PerceptronClassifier(random_state=0),
    "MLP": MLPClassifier((64,), max_iter=30, random_state=0),
    "convnet": ConvNetClassifier(max_iter=8, random_state=0),
}
folds = StratifiedKFold(3, shuffle=True, random_state=0)
results = {name: cross_validate(model, X, y, cv=folds) for name, model in models.items()}

for name, result in sorted(results.items(), key=lambda item: -item[1]["test_score"].mean()):
    score, learn, predict = (result[what] for what in ("test_score", "fit_time", "score_time"))
    print(f"{name:10} {score.mean():.3f} ± {score.std():.3f}", end="   ")
    print(f"learns in {1000 * learn.mean():6.0f} ms, predicts in {1000 * predict.mean():5.1f} ms")

# %%
# The table is sorted by mean accuracy, best first; ± is the standard deviation over the folds. Smaller differences of
# means are not meaningful. On images this small and clean, k-NN and the SVM are as good as the convolutional network
# and take far less time to fit. The times are those of the machine that built this page, for 1,198 training rows and
# 599 test rows.

figure, axes = plt.subplots(1, 3, figsize=(10, 3), sharey=True, layout="constrained")
axes[2].sharex(axes[1])
panels = {"test_score": "accuracy of each fold", "fit_time": "seconds to learn", "score_time": "seconds to predict"}
for ax, (what, label) in zip(axes, panels.items(), strict=True):
    for place, result in enumerate(results.values()):
        ax.plot(result[what], [place] * 3, "o", color="tab:blue", alpha=0.4)
        ax.plot(result[what].mean(), place, "|", color="black", markersize=20)
    ax.set(xlabel=f"{label}, | mean", xscale="linear" if what == "test_score" else "log")
    ax.grid(axis="x", alpha=0.3)
axes[0].set_yticks(range(len(results)), list(results))
axes[0].set_ylim(4.5, -0.5)
plt.show()
