"""The arrows of the house: who may import whom. Read from the source, so that an import nobody runs counts too."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = "sknn_scratch"
ROOT = Path(__file__).parents[1] / PACKAGE
FILES = {".".join((PACKAGE, *path.relative_to(ROOT).with_suffix("").parts)): path for path in ROOT.rglob("*.py")}
SOURCES = {name.removesuffix(".__init__"): path for name, path in FILES.items()}

HANDED_WHAT_THEY_NEED = ("solvers", "schedules", "initializers", "losses", "patience", "penalty", "arena")
BELOW_LAYERS = {f"{PACKAGE}.nn.{name}" for name in ("layers.base", "initializers", "windows", "warp", "arena")}


def imports(source, package):
    """Yield every name imported by a source text that lies in this package, except for type checkers only."""
    nodes = [ast.parse(source)]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            nodes += node.orelse
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            yield from (".".join((*parents, *filter(None, [node.module]), alias.name)) for alias in node.names)
        nodes += ast.iter_child_nodes(node)


def imports_of(module):
    path = SOURCES[module]
    return set(
        imports(path.read_text(encoding="utf-8"), module if path.stem == "__init__" else module.rpartition(".")[0])
    )


def ours(module):
    """The modules of ours that a module imports: `from .nn.losses import Huber` is nn.losses, not nn.losses.Huber."""
    longest = (name if name in SOURCES else name.rpartition(".")[0] for name in imports_of(module))
    return {name for name in longest if name in SOURCES}


def modules(*prefixes):
    return [name for name in SOURCES if name.startswith(tuple(f"{PACKAGE}.{prefix}" for prefix in prefixes))]


def test_reader_sees_every_kind_of_import():
    source = """
import numpy as np, a.b
from typing import TYPE_CHECKING
from . import one
from .two import three
from ..four import five
def late():
    from .six import seven
if TYPE_CHECKING:
    from .never import seen
else:
    from .eight import nine
"""
    outside, inside = {"numpy", "a.b", "typing.TYPE_CHECKING"}, {"one", "two.three", "six.seven", "eight.nine"}
    assert set(imports(source, "p.q")) == outside | {"p.four.five"} | {f"p.q.{name}" for name in inside}


@pytest.mark.parametrize("module", modules("nn"))
def test_downstairs_knows_nothing_of_upstairs(module):
    assert not [name for name in ours(module) if not name.startswith(f"{PACKAGE}.nn")]
    assert not [name for name in imports_of(module) if name.split(".")[0] == "sklearn"]


@pytest.mark.parametrize("module", modules("nn.layers."))
def test_layers_stand_on_their_base(module):
    assert ours(module) <= BELOW_LAYERS


@pytest.mark.parametrize("module", modules(*(f"nn.{name}" for name in HANDED_WHAT_THEY_NEED)))
def test_parts_are_handed_what_they_need(module):
    assert ours(module) <= {f"{PACKAGE}.nn.arena"}


@pytest.mark.parametrize("module", SOURCES)
def test_one_door_to_private_names(module):
    private = [name for name in imports_of(module) if name.startswith("sklearn.") and "._" in name]
    assert not private or module == f"{PACKAGE}._compat"


@pytest.mark.parametrize("module", SOURCES)
def test_matplotlib_is_imported_only_while_drawing(module):
    tree = ast.parse(SOURCES[module].read_text(encoding="utf-8"))
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        function.body = [ast.Pass()]
    assert "matplotlib" not in {name.split(".")[0] for name in imports(ast.unparse(tree), PACKAGE)}


def test_no_circles():
    try:
        TopologicalSorter({module: ours(module) for module in SOURCES}).prepare()
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' -> '.join(error.args[1])}")
