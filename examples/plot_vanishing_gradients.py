"""
Gradients that vanish and explode through time
==============================================

The gradient of the last state with respect to an input t steps earlier is a product of t Jacobian matrices. If they
shrink vectors, it vanishes, and if they stretch vectors, it explodes, exponentially in t (Bengio et al. 1994). This
example computes the norm of the gradient of the last state, in a random direction, for untrained recurrent layers.
"""

import matplotlib.pyplot as plt
import numpy as np

from sknn_scratch.nn.initializers import Identity, Orthogonal
from sknn_scratch.nn.layers import GRU, LSTM, SimpleRNN
from sknn_scratch.nn.network import Network
from sknn_scratch.nn.trace import Trace

n_units, n_steps = 32, 100
layers = {
    "simple, ReLU, U = 1.1 I": SimpleRNN(n_units, activation="relu", recurrent_init=Identity(1.1)),
    "simple, ReLU, U = I": SimpleRNN(n_units, activation="relu", recurrent_init=Identity()),
    "simple, tanh, U orthogonal": SimpleRNN(n_units, recurrent_init=Orthogonal()),
    "simple, logistic, U orthogonal": SimpleRNN(n_units, activation="logistic", recurrent_init=Orthogonal()),
    "GRU": GRU(n_units),
    "LSTM": LSTM(n_units),
}
rng = np.random.default_rng(0)
X, direction = rng.normal(size=(50, n_steps, 4)), rng.normal(size=(50, n_units))

# %%
# The slope of a line is the mean logarithm of the factor of each step. With ReLU and a multiple of the identity as
# recurrent weights, the factor is that multiple. The derivative of tanh is less than 1 except at 0, and that of the
# logistic function is at most 1/4. In a GRU and an LSTM the factors are gates, which training can open; they start near
# s(1) = 0.73, with a bias of 1.

figure, ax = plt.subplots(figsize=(8, 4), layout="constrained")
steps_ago = np.arange(n_steps)[::-1]
for (name, layer), style in zip(layers.items(), ["-", "--", "-.", ":", "-", "--"], strict=True):
    network = Network([layer], (n_steps, 4), np.float64)
    network.initialize(np.random.default_rng(0))
    gradient = Trace(network, X).back(direction)
    lengths = np.linalg.norm(gradient, axis=2).mean(axis=0)
    ax.semilogy(steps_ago, lengths / lengths[-1], style, label=name)
ax.set(xlabel="steps before the last", ylabel="length of the gradient", ylim=(1e-12, 1e10), xlim=(0, n_steps - 1))
ax.legend(ncols=2, loc="upper left")
plt.show()
