"""Tests of the installed package that need neither the repository nor an extra: `pytest installed.py` in any folder."""

import inspect
import subprocess
import sys
from importlib.resources import files

import pytest
from sklearn.utils.estimator_checks import check_estimator

import sknn_scratch

LOADED = "import sys, {}; print(*{{name.split('.')[0] for name in sys.modules}} - sys.stdlib_module_names)"
OFFLINE = """
import sys

def refuse(event, arguments):
    if event.startswith("socket."):
        raise OSError(f"{event} {arguments}")

sys.addaudithook(refuse)

import pkgutil, warnings
from importlib import import_module
import numpy as np
import sknn_scratch

for module in pkgutil.walk_packages(sknn_scratch.__path__, "sknn_scratch."):
    if not module.name.startswith("sknn_scratch.onnx"):  # which needs an extra
        import_module(module.name)

warnings.simplefilter("ignore")  # of trainings that end early
X, y = np.random.default_rng(0).uniform(size=(20, 4)), np.arange(20) % 2
for name in sys.argv[1:]:
    estimator = getattr(sknn_scratch, name)
    model = estimator(sknn_scratch.MLPClassifier()) if name == "HiddenFeatures" else estimator()
    model.set_params(**{key: 2 for key in model.get_params() if key in ("max_iter", "n_iter")}).fit(X, y)
    print(len(model.predict(X) if hasattr(model, "predict") else model.transform(X)))
"""
ESTIMATORS = [name for name in sknn_scratch.__all__ if inspect.isclass(getattr(sknn_scratch, name))]
SMALL = {
    "hidden_layer_sizes": (10,), "filters": (4,), "batch_size": 32, "max_iter": 10, "learning_rate_init": 0.05,
    "n_iter": 3,
}  # fmt: skip
USER = """
from sknn_scratch import MLPClassifier
reveal_type(MLPClassifier(hidden_layer_sizes=(3,)))
MLPClassifier().fit([[0.0], [1.0]])
"""


def python(*arguments):
    """Run Python in a process of its own and return what it printed."""
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    """Leave the repository, whose package would be imported in place of the installed one."""
    monkeypatch.chdir(tmp_path)


def test_import_loads_no_package_that_scikit_learn_does_not():
    ours, theirs = (python("-c", LOADED.format(name)) for name in ("sknn_scratch", "sklearn.neural_network"))
    assert set(ours.split()) - set(theirs.split()) == {"sknn_scratch"}


def test_all_modules_are_imported_and_all_estimators_fitted_without_a_network():
    assert python("-c", OFFLINE, *ESTIMATORS).split() == ["20"] * len(ESTIMATORS)


def test_refusal_refuses():
    with pytest.raises(AssertionError, match=r"OSError: socket\."):
        python("-c", OFFLINE.split("import pkgutil")[0] + "import socket; socket.create_connection(('localhost', 80))")


@pytest.mark.filterwarnings("ignore")  # of trainings that end early, and of data that are no probabilities
@pytest.mark.parametrize("name", [name for name in ESTIMATORS if name != "RecurrentRegressor"])  # it needs many epochs
def test_estimator_checks(name):
    """scikit-learn's checks at small sizes; those that need pandas or SCIPY_ARRAY_API are skipped."""
    estimator = getattr(sknn_scratch, name)
    network = sknn_scratch.MLPClassifier((10,), max_iter=10, random_state=0)
    model = estimator(network) if name == "HiddenFeatures" else estimator()
    model.set_params(**{key: value for key, value in SMALL.items() if key in model.get_params()})
    check_estimator(model, on_skip=None)


def test_command_line():
    assert "k-NN" in python("-m", "sknn_scratch", "--data", "iris", "--rows", "60", "--folds", "2")


def test_types_are_seen_in_a_project_of_a_user(tmp_path):
    assert (files("sknn_scratch") / "py.typed").is_file()
    pytest.importorskip("mypy")
    (tmp_path / "user.py").write_text(USER, encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "user.py"], capture_output=True, text=True)
    revealed, mistake, *_ = done.stdout.splitlines()
    assert revealed.endswith('Revealed type is "sknn_scratch.estimators.mlp.MLPClassifier"')
    assert 'Missing positional argument "y"' in mistake
