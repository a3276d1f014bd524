"""docs/adding.md shows recipes for which all laws hold: each of its classes is in a table."""

from sknn_scratch.nn.initializers import Initializer
from sknn_scratch.nn.layers import Layer
from sknn_scratch.nn.losses import Loss
from sknn_scratch.nn.schedules import Schedule
from sknn_scratch.nn.solvers import Solver
from tests.nn import adding
from tests.nn.tables import INITIALIZERS, LAYERS, LOSSES, SCHEDULES, SOLVERS


def test_every_recipe_of_the_page_is_in_a_table():
    tables = {
        Layer: [layer for layer, _ in LAYERS],
        Loss: [loss for loss, _ in LOSSES],
        Solver: SOLVERS,
        Schedule: SCHEDULES,
        Initializer: [initializer for initializer, *_ in INITIALIZERS],
    }
    shown = {value for value in vars(adding).values() if getattr(value, "__module__", None) == adding.__name__}
    for kind, table in tables.items():
        recipes = {value for value in shown if issubclass(value, kind)}
        assert recipes
        assert recipes <= set(map(type, table))
