"""
A forward pass to follow with a pencil
======================================

Two inputs, hidden layers of three and two units, two outputs: small enough to compute by hand what a network makes of
a row. Each unit adds up its inputs times its weights, adds its bias, and puts the sum through the sigmoid.
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
# Three times the same line. ``expit`` is the sigmoid.

z = np.array([1.0, 0.5])
for W, b in zip(coefs, intercepts, strict=True):
    z = expit(z @ W + b)
    print(z)

# %%
# By the network
# --------------
#
# ``set_weights`` makes a network of these numbers without learning. Two sigmoids at the end are two labels, each with
# a probability of its own.

mlp = MLPClassifier((3, 2), "logistic").set_weights(coefs, intercepts, multilabel=True)
print(mlp.predict_proba([[1.0, 0.5]]))
NetworkDisplay.from_estimator(mlp)

# %%
# Softmax
# -------
#
# Of classes that exclude each other only one can be true. There the last layer ends in a softmax, which makes positive
# numbers with the sum 1 out of any numbers. A network of one layer, with the identity as weights, shows it alone.

scores = np.array([[2.2, 0.4, 0.7]])
only_softmax = MLPClassifier(()).set_weights([np.eye(3)], [np.zeros(3)])
print(only_softmax.predict_proba(scores), "and by scipy:", softmax(scores))
plt.show()
