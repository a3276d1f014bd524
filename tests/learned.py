"""What a network has learned, to compare."""

import numpy as np


def numbers(model):
    """Return all weights and biases as one vector."""
    return np.concatenate([np.ravel(a) for a in [*model.coefs_, *model.intercepts_]])


def without_times(history):
    """Return what is the same in each run."""
    return {name: values for name, values in history.items() if name != "seconds"}
