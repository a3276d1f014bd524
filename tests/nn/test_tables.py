"""What is in no table obeys no law: each recipe of the package is in the table of its kind."""

import pytest

from sknn_scratch.nn import initializers, layers, losses, schedules, solvers
from tests.nn.tables import AUGMENTATIONS, INITIALIZERS, LAYERS, LOSSES, SCHEDULES, SOLVERS

TABLES = [  # module, base, table
    (layers, layers.Layer, [*(layer for layer, _ in LAYERS), *AUGMENTATIONS]),
    (losses, losses.Loss, [loss for loss, _ in LOSSES]),
    (solvers, solvers.Solver, SOLVERS),
    (schedules, schedules.Schedule, SCHEDULES),
    (initializers, initializers.Initializer, [initializer for initializer, *_ in INITIALIZERS]),
]
every_table = pytest.mark.parametrize(("module", "base", "table"), TABLES, ids=[base.__name__ for _, base, _ in TABLES])


def recipes(base):
    """Return the classes of the package that are built on this one, but for those with others built on them."""
    built = {
        kind for kind in base.__subclasses__() if kind.__module__.startswith(base.__module__.removesuffix(".base"))
    }
    return set().union(*(recipes(kind) or {kind} for kind in built))


def exported(module):
    """Return the classes that a module has."""
    return [value for value in vars(module).values() if isinstance(value, type)]


@every_table
def test_table_has_every_recipe(module, base, table):
    kinds = {kind for kind in exported(module) if issubclass(kind, base)}
    no_spread = {initializers.Identity}  # has tests of its own
    assert kinds - {base, layers.Activation} - no_spread <= set(map(type, table))


@every_table
def test_every_recipe_is_exported(module, base, table):
    assert recipes(base) <= set(exported(module))
