"""
Regularisation against overfitting
==================================

The training set has 300 digits, of which a fifth have random labels. A network with 50 hidden units soon fits all of
them, including the random labels. Each bar is the same network with one regulariser. The test set has the 1,497 other
digits. A fifth of its labels are random too, so the best possible accuracy is about 82%.
"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

from sknn_scratch import MLPClassifier

warnings.simplefilter("ignore", ConvergenceWarning)  # the number of epochs is part of the comparison
X, y = load_digits(return_X_y=True)
rng = np.random.default_rng(0)
y = np.where(rng.random(len(y)) < 0.2, rng.integers(0, 10, len(y)), y)
base = {"hidden_layer_sizes": (50,), "alpha": 0, "batch_size": 20, "max_iter": 30, "n_iter_no_change": np.inf}
regularisers = {
    "none": {},
    "L2: alpha=0.03": {"alpha": 0.03},
    "L1: alpha=0.01, l1_ratio=1": {"alpha": 0.01, "l1_ratio": 1},
    "max_norm=1": {"max_norm": 1},
    "dropout=0.5": {"dropout": 0.5},
    "input_dropout=0.4": {"input_dropout": 0.4},
    "drop_connect=0.5": {"drop_connect": 0.5},
    "input_noise=1": {"input_noise": 1},
    "label_smoothing=0.1": {"label_smoothing": 0.1},
    "early_stopping=True": {"early_stopping": True, "validation_fraction": 0.2, "n_iter_no_change": 10},
}
results = np.empty((len(regularisers), 2, 2))
for i, settings in enumerate(regularisers.values()):
    for seed in range(2):
        X_train, X_test, y_train, y_test = train_test_split(X, y, train_size=300, stratify=y, random_state=seed)
        mlp = MLPClassifier(**base | settings, random_state=seed).fit(X_train, y_train)
        results[i, seed] = mlp.score(X_test, y_test), log_loss(y_test, mlp.predict_proba(X_test))

# %%
# The accuracy depends only on the predicted classes; the log loss also on the predicted probabilities. Bars are means
# over two splits, the thin lines one standard deviation to both sides. Label smoothing gives less confident
# predictions. This improves the log loss, but hardly the accuracy. Dropout improves less here than a penalty or noise.

means, spreads = results.mean(axis=1), results.std(axis=1)
for name, (right, loss) in zip(regularisers, means, strict=True):
    print(f"{name:27} accuracy {right:.3f}  log loss {loss:.3f}")
figure, axes = plt.subplots(1, 2, figsize=(9, 4), sharey=True, layout="constrained")
for j, (ax, title) in enumerate(zip(axes, ["accuracy: more is better", "log loss: less is better"], strict=True)):
    ax.barh(list(regularisers), means[:, j], xerr=spreads[:, j], color="lightsteelblue")
    ax.axvline(means[0, j], color="black", linestyle="--", linewidth=1)
    ax.set(title=title, xlim=[(0, 0.85), (0, None)][j])
axes[0].invert_yaxis()
plt.show()
