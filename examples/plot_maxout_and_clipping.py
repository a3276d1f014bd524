"""
Maxout units and gradient clipping
==================================

Maxout units help where the true function is piecewise linear, gradient clipping where targets have large outliers.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.exceptions import ConvergenceWarning

from sknn_scratch import MLPRegressor

warnings.simplefilter("ignore", ConvergenceWarning)
# %%
# The maximum of eight planes
# ---------------------------
#
# A maxout unit is the maximum of several linear functions. Four units with eight pieces each have as many weights as 32
# ReLU units.

planes = np.random.default_rng(9).normal(size=(8, 5))
kinds = {"32 ReLU": {"hidden_layer_sizes": (32,)},
         "4 maxout": {"hidden_layer_sizes": (4,), "activation": "maxout", "maxout_pieces": 8}}  # fmt: skip
scores = {kind: [] for kind in kinds}
for seed in range(3):
    rng = np.random.default_rng(seed)
    X, X_test = rng.normal(size=(300, 5)), rng.normal(size=(2000, 5))
    y = (X @ planes.T).max(axis=1) + 0.3 * rng.normal(size=300)
    for kind, settings in kinds.items():
        net = MLPRegressor(**settings, embedding=None, random_state=seed).fit(X, y)
        scores[kind].append(net.score(X_test, (X_test @ planes.T).max(axis=1)))
print({kind: np.round(found, 3).tolist() for kind, found in scores.items()})

# %%
# Outliers in the targets
# -----------------------
#
# The noise has heavy tails (Student's t, 1.2 degrees of freedom), so a few targets are outliers with large gradients.
# Gradient clipping limits the influence of a single batch, which helps on most of these data sets, but not on all.

grid = np.linspace(-3, 3, 200)[:, None]
truth = np.sin(2 * grid[:, 0])
errors = {clip: [] for clip in (None, 0.1)}
momentum = {"solver": "momentum", "batch_size": 16, "max_iter": 40, "embedding": None}
figure, ax = plt.subplots(layout="constrained")
for seed in range(4):
    rng = np.random.default_rng(seed)
    X = rng.uniform(-3, 3, (400, 1))
    y = np.sin(2 * X[:, 0]) + 0.2 * rng.standard_t(1.2, 400)
    for clip, found in errors.items():
        net = MLPRegressor((50,), **momentum, gradient_clip=clip, random_state=seed).fit(X, y)
        found.append(np.sqrt(np.mean((net.predict(grid) - truth) ** 2)))
for clip, marker in zip(errors, "ox", strict=True):
    ax.plot(range(4), errors[clip], marker, label=f"gradient_clip={clip}, mean {np.mean(errors[clip]):.2f}")
ax.set(xlabel="data set", ylabel="root mean square distance from the truth", ylim=(0, None))
ax.legend()
plt.show()
