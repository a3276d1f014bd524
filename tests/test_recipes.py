"""Names of recipes: the docstring of a parameter lists those of its registry."""

import re

import pytest

from sknn_scratch import ConvNetClassifier, MLPClassifier, MLPRegressor, RecurrentClassifier
from sknn_scratch.estimators import recipes
from sknn_scratch.estimators.convnet import POOLINGS

REGISTRIES = {  # registry: an estimator, its parameter, and what it takes besides
    "SOLVERS": (MLPClassifier, "solver", {"lbfgs"}),
    "SCHEDULES": (MLPClassifier, "learning_rate", set()),
    "INITIALIZERS": (MLPClassifier, "init", set()),
    "RECURRENT_INITIALIZERS": (RecurrentClassifier, "recurrent_init", set()),
    "ACTIVATIONS": (MLPClassifier, "activation", set()),
    "REGRESSION_LOSSES": (MLPRegressor, "loss", set()),
    "CLASSIFICATION_LOSSES": (MLPClassifier, "loss", set()),
}


def listed(estimator, parameter):
    """Return the names in the line of a docstring that says what a parameter may be."""
    (types,) = re.findall(rf"^{parameter} : (.*)$", estimator.__doc__, re.MULTILINE)
    return set(re.findall(r'"(\w+)"', types))


def test_every_registry_is_looked_at():
    tables = {name for name, value in vars(recipes).items() if name.isupper() and isinstance(value, dict)}
    assert tables == {*REGISTRIES, "LINKS"}


@pytest.mark.parametrize("registry", REGISTRIES)
def test_docstring_lists_the_names(registry):
    estimator, parameter, more = REGISTRIES[registry]
    assert listed(estimator, parameter) == set(getattr(recipes, registry)) | more


def test_docstring_lists_the_poolings():
    assert listed(ConvNetClassifier, "pooling") == set(POOLINGS)


@pytest.mark.parametrize("name", recipes.SOLVERS)
def test_docstring_has_the_automatic_rate_of_every_solver(name):
    (text,) = re.findall(r"^learning_rate_init : .*\n((?:    .*\n)+)", MLPClassifier.__doc__, re.MULTILINE)
    _, *parts = re.split(r"([\d.]+) for ", re.sub(r"[^\w.\s]|\.\s", "", text))
    rates = {solver: float(rate) for rate, to in zip(parts[::2], parts[1::2], strict=True) for solver in to.split()}
    assert rates[name] == recipes.SOLVERS[name](MLPClassifier()).default_rate
