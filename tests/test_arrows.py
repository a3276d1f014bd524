"""The arrows of the house: who may import whom. Read from the source, so that an import nobody runs counts too."""

import ast
import re
from collections import defaultdict
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = "sknn_scratch"
ROOT = Path(__file__).parents[1] / PACKAGE
FILES = {".".join((PACKAGE, *path.relative_to(ROOT).with_suffix("").parts)): path for path in ROOT.rglob("*.py")}
SOURCES = {name.removesuffix(".__init__"): path for name, path in FILES.items()}

ANYBODY = {"_compat", "_docs", "_typing", "_version", "_warn"}  # small files that all but `nn` may import

# Folder or file -> what it may import from elsewhere in the package. What is not listed is not allowed.
FOLDERS = {
    "nn": "",
    "data": "nn",
    "fitting": "data nn",
    "estimators": "fitting data nn",
    "studies": "estimators data nn",
    "inspection": "studies estimators nn",
    "comparison": "estimators datasets",
    "onnx": "__init__ estimators data nn",
    "playground": "comparison estimators nn",
    "callbacks": "",
    "datasets": "",
    "forecasting": "data",
    "__main__": "comparison",
    "__init__": "estimators studies",
}

# File -> which files of its own folder it may import.
FILES_OF = {
    "nn": {
        "arena": "",
        "workers": "",
        "patience": "",
        "schedules": "",
        "initializers": "",
        "settings": "",
        "links": "arena",
        "losses": "arena links settings",
        "penalty": "arena",
        "solvers": "arena",
        "rows": "arena",
        "warp": "arena",
        "windows": "arena",
        "packing": "arena",
        "unrolling": "arena packing",
        "learner": "arena rows",
        "planes": "arena rows learner workers",
        "layers": "arena initializers links packing settings unrolling windows warp",
        "network": "arena workers layers",
        "trace": "arena layers network",
        "hoisting": "arena layers network",
        "objective": "arena workers layers network losses penalty rows",
        "trainer": "arena workers layers learner objective penalty rows schedules solvers",
        "members": "arena layers losses network objective penalty rows",
        "reconstruction": "arena layers losses network objective penalty rows workers",
        "boltzmann": "arena",
        "divergence": "arena boltzmann layers learner penalty rows trainer workers",
        "per_step": "arena losses",
        "lbfgs": "arena layers learner objective penalty rows trainer",
    },
    "data": {
        "kinds": "",
        "shape": "kinds",
        "apart": "",
        "distinct": "",
        "sample_weights": "kinds",
        "scaling": "",
        "targets": "",
        "sequences": "kinds shape",
        "steps": "kinds sequences targets",
        "itself": "scaling targets",
        "door": "kinds shape",
        "class_weights": "targets",
    },
    "fitting": {
        "callers": "",
        "checkpoint": "callers",
        "hooks": "",
        "transaction": "",
        "validation": "",
        "observer": "validation",
        "session": "callers checkpoint hooks",
    },
    "estimators": {
        "persistence": "",
        "partial_fit": "",
        "hints": "",
        "tables": "",
        "recipes": "",
        "automatic": "",
        "by_hand": "",
        "report": "tables",
        "parameters": "recipes hints",
        "learners": "recipes automatic",
        "building": "parameters recipes automatic",
        "base": "building automatic learners report persistence",
        "classification": "base recipes by_hand partial_fit",
        "regression": "base recipes by_hand partial_fit",
        "pretraining": "base",
        "dense_layers": "base recipes hints",
        "pretrained_mlp": "dense_layers pretraining",
        "members_mlp": "pretrained_mlp recipes",
        "embedded_mlp": "members_mlp automatic",
        "mlp": "embedded_mlp classification regression",
        "convnet": "dense_layers pretrained_mlp classification regression recipes",
        "network": "base classification regression",
        "recurrent": "dense_layers classification regression recipes",
        "perceptron": "partial_fit persistence hints",
        "autoencoder": "dense_layers partial_fit recipes",
        "rbm": "automatic recipes partial_fit persistence hints",
        "fitted": "base",
        "hidden_features": "fitted",
    },
    "studies": {
        "rehearsal": "",
        "gradients": "rehearsal",
        "learning_rates": "rehearsal",
        "diagnosis": "rehearsal",
    },
    "inspection": {
        "drawing": "",
        "subject": "",
        "history": "drawing",
        "learning_rate": "drawing",
        "solver_paths": "drawing",
        "network": "drawing subject",
        "weights": "drawing subject",
        "code": "drawing",
        "reconstruction": "drawing subject",
        "gibbs": "drawing subject",
        "saliency": "drawing subject",
        "states": "drawing subject",
        "feature_maps": "drawing subject",
        "deconvolution": "drawing subject",
        "activation_maximization": "drawing subject",
    },
    "onnx": {
        "graph": "",
        "layers": "graph",
        "outputs": "graph layers",
        "export": "graph outputs",
        "pipelines": "graph export",
    },
    "comparison": {
        "table": "",
        "column": "table",
        "problem": "column table",
        "progress": "",
        "scores": "",
        "comparison": "column problem progress scores",
        "picture": "column comparison",
    },
    "playground": {
        "problem": "",
        "settings": "problem",
        "session": "problem settings",
        "frame": "problem session settings",
        "code": "session",
        "server": "code frame session",
        "page": "frame problem server session",
        "__main__": "page problem",
    },
}


def imports(source, package):
    """Yield every name imported by a source text that lies in this package, for type checkers too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            yield from (".".join((*parents, *filter(None, [node.module]), alias.name)) for alias in node.names)


def imports_of(module):
    path = SOURCES[module]
    return set(
        imports(path.read_text(encoding="utf-8"), module if path.stem == "__init__" else module.rpartition(".")[0])
    )


def ours(module):
    """The modules of ours that a module imports: `from .nn.losses import Huber` is nn.losses, not nn.losses.Huber."""
    longest = (name if name in SOURCES else name.rpartition(".")[0] for name in imports_of(module))
    return {name for name in longest if name in SOURCES}


def place(module):
    """The folder or file of a module, and its file in this folder ("" for the folder's own `__init__`)."""
    first, _, rest = module.removeprefix(PACKAGE).removeprefix(".").partition(".")
    return first or "__init__", rest.partition(".")[0]


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
    from .eight import nine
"""
    outside, inside = {"numpy", "a.b", "typing.TYPE_CHECKING"}, {"one", "two.three", "six.seven", "eight.nine"}
    assert set(imports(source, "p.q")) == outside | {"p.four.five"} | {f"p.q.{name}" for name in inside}


@pytest.mark.parametrize("module", SOURCES)
def test_every_arrow_is_in_the_table(module):
    folder, file = place(module)
    if folder in ANYBODY:
        assert not ours(module)
        return
    allowed = set(FOLDERS[folder].split()) | (ANYBODY if folder != "nn" else set())
    files = FILES_OF.get(folder, {})
    inside = {*files[file].split(), *({"layers"} & {file})} if file else set(files)  # an __init__ hands on any of them
    for other in ours(module):
        other_folder, other_file = place(other)
        assert other_file in inside if other_folder == folder else other_folder in allowed, f"{module} -> {other}"


def test_table_has_every_file_and_no_other():
    listed = {(folder, file) for folder, files in FILES_OF.items() for file in files}
    assert {place(module) for module in SOURCES if place(module)[1]} == listed
    assert {place(module)[0] for module in SOURCES} == set(FOLDERS) | ANYBODY


@pytest.mark.parametrize("module", [module for module in SOURCES if place(module)[0] == "nn"])
def test_engine_does_not_know_scikit_learn(module):
    assert not [name for name in imports_of(module) if name.split(".")[0] == "sklearn"]


@pytest.mark.parametrize("module", [m for m in SOURCES if m.startswith(f"{PACKAGE}.nn.layers.")])
def test_layers_know_their_base_and_no_other_layer(module):
    layers = {name for name in ours(module) if name.startswith(f"{PACKAGE}.nn.layers")}
    assert layers <= {f"{PACKAGE}.nn.layers.base"}


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


def test_architecture_page_names_every_file_in_its_folder():
    page = (ROOT.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    named, folder = defaultdict(set), ""
    for line in page.split("```")[1].splitlines():  # the tree
        begins = re.match(r" {4}(\w+)/", line)
        folder = begins[1] if begins else folder
        named[folder].update(re.findall(r"\w+", line))
    for path in FILES.values():
        *folders, file = path.relative_to(ROOT).parts
        name = folders[-1] if folders and file == "__init__.py" else path.stem
        assert name in named["".join(folders[:1])], path
