"""
Logic gates, and why XOR needs a hidden layer
=============================================

A perceptron predicts 1 if w x + b > 0, so its decision boundary is a straight line. A line separates the classes of
AND, OR and NAND, but not those of XOR. Two layers can represent XOR: it is AND of NAND and OR.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Patch
from sklearn.inspection import DecisionBoundaryDisplay

from sknn_scratch import MLPClassifier, NetworkClassifier, PerceptronClassifier
from sknn_scratch.datasets import load_gate
from sknn_scratch.nn.layers import Dense, Step


def show(ax, classifier, X, y, title):
    """Draw what the classifier answers, and what it should answer at the four corners."""
    square = np.array([[-0.5, -0.5], [1.5, 1.5]])
    how = {"response_method": "predict", "eps": 0, "cmap": "Blues", "alpha": 0.4}
    DecisionBoundaryDisplay.from_estimator(classifier, square, **how, ax=ax)
    for value, colour in enumerate(["white", "black"]):
        ax.scatter(*X[y == value].T, color=colour, edgecolors="black", s=120, zorder=2, label=f"y = {value}")
    ax.set(title=title, xticks=[0, 1], yticks=[0, 1], xlabel="first input", ylabel="second input")
    ax.label_outer()


def explain(figure):
    """Add a legend below all axes."""
    handles, _ = figure.axes[0].get_legend_handles_labels()
    area = Patch(color=plt.get_cmap("Blues")(1.0), alpha=0.4, label="predicted: 1")
    figure.legend(handles=[*handles, area], loc="outside lower center", ncols=3)


# %%
# One layer
# ---------
#
# Rosenblatt's rule moves the line at each mistake and stops after an epoch without one. For linearly separable gates it
# always converges. For XOR it never does: it stops at ``max_iter``, with mistakes left.

figure, axes = plt.subplots(1, 4, figsize=(12, 3.6), layout="constrained")
for ax, gate in zip(axes, ["and", "or", "nand", "xor"], strict=True):
    X, y = load_gate(gate)
    perceptron = PerceptronClassifier(random_state=0).fit(X, y)
    right = (perceptron.predict(X) == y).sum()
    show(ax, perceptron, X, y, f"{gate.upper()}: {right} of 4 right, {perceptron.n_iter_} epochs")
explain(figure)

# %%
# Two layers
# ----------
#
# Two units with the step activation compute NAND and OR; the output unit computes AND of them. The weights are set by
# hand.

by_hand = NetworkClassifier([Dense(2), Step()])
by_hand.set_weights([[[-0.5, 0.5], [-0.5, 0.5]], [[0.5], [0.5]]], [[0.7, -0.2], [-0.7]])

# %%
# The gradient of a step is zero, so training needs a smooth activation. Two tanh units are sufficient, but from about
# half of the initial values training ends in a local minimum. With eight units it always succeeds.

mlp = MLPClassifier((8,), "tanh", solver="lbfgs", random_state=0).fit(X, y)
print("by hand:", by_hand.predict(X), "learned:", mlp.predict(X))
figure, axes = plt.subplots(1, 2, figsize=(6, 3.6), layout="constrained")
show(axes[0], by_hand, X, y, "by hand: AND of NAND and OR")
show(axes[1], mlp, X, y, "learned by 8 tanh units")
explain(figure)
plt.show()
