"""What a network has learned, to compare."""

import ast
import re

import numpy as np
from sklearn.frozen import FrozenEstimator

from sknn_scratch import HiddenFeatures


def numbers(model):
    """Return all weights and biases as one vector, of a network or a perceptron."""
    arrays = [*model.coefs_, *model.intercepts_] if hasattr(model, "coefs_") else [model.coef_, model.intercept_]
    return np.concatenate([np.ravel(a) for a in arrays])


def summary(model, capsys):
    """Return the lines of `summary()`: the name, the output shape and the number of parameters of each layer."""
    capsys.readouterr()
    model.summary()
    _, _, *lines, _, _ = capsys.readouterr().out.splitlines()
    cells = [re.fullmatch(r"(.+?)  +(\(.*?\)) +([\d,]+)", line).groups() for line in lines]
    return [(name, ast.literal_eval(shape), int(count.replace(",", ""))) for name, shape, count in cells]


def layer_output(model, layer, X):
    """Return what a layer, a line of `summary()`, makes of each row, flat."""
    return HiddenFeatures(FrozenEstimator(model), layer).fit(X).transform(X)


def without_times(history):
    """Return what is the same in each run."""
    return {name: values for name, values in history.items() if name != "seconds"}
