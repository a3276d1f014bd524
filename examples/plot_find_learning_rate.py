"""
Finding a learning rate
=======================

A learning-rate test is a short training in which the learning rate increases at every step. At first the loss hardly
changes, then it falls, then training diverges. The suggestion is a tenth of the rate with the smallest loss.
"""

import warnings

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split

from sknn_scratch import MLPClassifier
from sknn_scratch.inspection import LearningRateDisplay

warnings.simplefilter("ignore", ConvergenceWarning)  # 10 epochs for each
digits = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(*digits, train_size=1000, stratify=digits[1], random_state=0)

# %%
# Each solver has its own range: a rate that suits one makes another diverge.

figure, axes = plt.subplots(1, 3, figsize=(11, 3.4), sharey=True, layout="constrained")
suggestions = {}
for ax, solver in zip(axes, ["sgd", "momentum", "adam"], strict=True):
    mlp = MLPClassifier((50,), solver=solver, random_state=0)
    display = LearningRateDisplay.from_estimator(mlp, X, y, ax=ax)
    ax.set_title(solver)
    suggestions[solver] = display.suggestion
plt.show()

# %%
# To check the suggestions, the test accuracy after 10 epochs is printed for the suggested rate, a hundredth of it, and
# 100 times as much.

for solver, suggestion in suggestions.items():
    for factor in [0.01, 1, 100]:
        mlp = MLPClassifier((50,), solver=solver, learning_rate_init=factor * suggestion, max_iter=10, random_state=0)
        try:
            print(f"{solver:8} {factor * suggestion:8.2g} accuracy {mlp.fit(X, y).score(X_test, y_test):.3f}")
        except ValueError as error:
            print(f"{solver:8} {factor * suggestion:8.2g} {str(error).partition(':')[0]}")
