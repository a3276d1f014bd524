"""
A custom layer and a custom solver
==================================
Both are small frozen dataclasses. The layer has radial basis functions, y = exp(-(distance of x from c)^2), with the
centre c of each unit (Broomhead and Lowe 1988). The solver, Lion (arXiv:2302.06675), uses the sign of a mean gradient.
"""

from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_moons
from sklearn.inspection import DecisionBoundaryDisplay

from sknn_scratch import NetworkClassifier
from sknn_scratch.nn.initializers import Normal
from sknn_scratch.nn.layers.base import Layer, Param
from sknn_scratch.nn.solvers import Solver


@dataclass(frozen=True)
class RadialBasis(Layer):
    n_units: int

    def plan(self, input_shape):
        return (self.n_units,), {"W": Param((*input_shape, self.n_units), Normal(1.0), decay=False, bias=False)}

    def forward(self, p, x, mode):
        away = x[:, :, None] - p.W
        y = np.exp(-(away**2).sum(axis=1))

        def backward(dy, g, need_dx):
            pull = 2 * away * (dy * y)[:, None]
            g.W = pull.sum(axis=0)
            return -pull.sum(axis=2) if need_dx else None

        return y, backward


@dataclass(frozen=True)
class Lion(Solver):
    slots, default_rate = 1, 0.01

    def direction(self, theta, g, t, rate, memory):
        mean = memory[0]
        step = rate * np.sign(0.9 * mean + 0.1 * g)
        mean += 0.01 * (g - mean)
        return step


X, y = make_moons(400, noise=0.15, random_state=0)
for solver in ("adam", Lion()):
    net = NetworkClassifier([RadialBasis(12)], solver=solver, standardize=False, random_state=0).fit(X, y)
    print(f"{solver}: {net.score(X, y):.1%} of the rows it learned from right, {net.n_iter_} epochs")
ax = DecisionBoundaryDisplay.from_estimator(net, X, response_method="predict_proba", cmap="cividis", alpha=0.6).ax_
ax.scatter(*X.T, c=y, cmap="cividis", edgecolors="black", s=15)
ax.scatter(*net.coefs_[0], marker="X", color="white", edgecolors="black", s=120)
ax.set(title="probability of the lower class, X: centres", xlim=(-1.8, 2.8), ylim=(-1.5, 1.9))
plt.show()
