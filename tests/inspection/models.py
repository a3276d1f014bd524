"""Small fitted networks, and their data, for all tests of displays."""

from functools import cache

import numpy as np
from sklearn.datasets import load_digits, load_iris

from sknn_scratch import (
    ConvNetClassifier,
    ConvNetRegressor,
    MLPClassifier,
    MLPRegressor,
    NetworkClassifier,
    NetworkRegressor,
)
from sknn_scratch.nn.layers import Conv2D, Dense, Dropout, Flatten, LocallyConnected2D, ReLU, Reshape, Tanh
from sknn_scratch.nn.losses import Quantiles

DIGITS, LABELS = (a[:300] for a in load_digits(return_X_y=True))
IRIS, SPECIES = load_iris(return_X_y=True)
IRIS_FRAME = load_iris(as_frame=True).data
COLOURS = 16 * np.random.default_rng(0).random((60, 48))
SHORT = {"max_iter": 5, "random_state": 0}
CONV = {"filters": (4, 6), "hidden_layer_sizes": (10,), **SHORT}

MODELS = {
    "mlp": (MLPClassifier((8,), **SHORT), IRIS_FRAME, SPECIES),
    "mlp two classes": (MLPClassifier((8,), activation="tanh", **SHORT), IRIS, SPECIES > 1),
    "mlp labels": (MLPClassifier((8,), **SHORT), IRIS, np.c_[SPECIES > 1, SPECIES == 1].astype(int)),
    "mlp numbers": (MLPRegressor((8,), activation="tanh", **SHORT), IRIS[:, :3], IRIS[:, 2:] * 50 + 3),
    "mlp quantiles": (
        MLPRegressor((8,), loss=Quantiles((0.1, 0.3, 0.5)), activation="tanh", **SHORT), IRIS[:, :3], IRIS[:, 3]
    ),
    "mlp counts": (MLPRegressor((8,), loss="poisson", **SHORT), IRIS[:, :3], IRIS[:, 3] * 50),
    "mlp images": (MLPClassifier((12,), **SHORT), DIGITS, LABELS),
    "convnet": (ConvNetClassifier(**CONV), DIGITS, LABELS),
    "convnet colours": (
        ConvNetClassifier(image_shape=(4, 4, 3), **CONV), COLOURS, np.arange(60) % 3
    ),
    "convnet numbers": (ConvNetRegressor(**CONV), DIGITS, LABELS),
    "network": (
        NetworkClassifier([Reshape((8, 8, 1)), Conv2D(3), Tanh(), Dropout(), Flatten()], **SHORT), DIGITS, LABELS
    ),
    "network local": (
        NetworkClassifier([Reshape((8, 8, 1)), LocallyConnected2D(2, 4, 4), ReLU(), Flatten()], **SHORT), DIGITS, LABELS
    ),
    "network numbers": (NetworkRegressor([Dense(5), Tanh()], **SHORT), IRIS[:, :3], IRIS[:, 3]),
}  # fmt: skip


@cache
def fitted(name):
    """Return the network of this name, fitted, and its X."""
    model, X, y = MODELS[name]
    return model.fit(X, y), X
