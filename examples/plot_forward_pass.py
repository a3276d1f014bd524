"""
A forward pass by hand
======================

This network has two inputs, hidden layers of three and two units, and two outputs. It is small enough to compute the
output by hand. Each unit computes the weighted sum of its inputs, adds its bias, and applies the sigmoid.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.special import expit, softmax

from sknn_scratch import MLPClassifier
from sknn_scratch.inspection import NetworkDisplay

coefs = [
    np.array([[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]]),
    np.array([[0.1, 0.3], [0.5, 0.2], [0.4, 0.6]]),
    np.array([[0.5, 0.2], [0.4, 0.6]]),
]
intercepts = [np.array([0.1, 0.2, 0.3]), np.array([0.2, 0.3]), np.array([0.1, 0.3])]

# %%
# By hand
# -------
#
# Each layer is the same formula. ``expit`` is the sigmoid.

z = np.array([1.0, 0.5])
for W, b in zip(coefs, intercepts, strict=True):
    z = expit(z @ W + b)
    print(z)

# %%
# By the network
# --------------
#
# ``set_weights`` creates a network with these weights without training. Two sigmoid outputs are two labels
# (multilabel), each with its own probability.

mlp = MLPClassifier((3, 2), "logistic").set_weights(coefs, intercepts, multilabel=True)
print(mlp.predict_proba([[1.0, 0.5]]))
NetworkDisplay.from_estimator(mlp)

# %%
# Softmax
# -------
#
# With mutually exclusive classes, the output layer uses a softmax, which maps any numbers to positive numbers with the
# sum 1. A network of one layer with the identity matrix as weights computes only the softmax.

scores = np.array([[2.2, 0.4, 0.7]])
only_softmax = MLPClassifier(()).set_weights([np.eye(3)], [np.zeros(3)])
print(only_softmax.predict_proba(scores), "and by scipy:", softmax(scores))
plt.show()
