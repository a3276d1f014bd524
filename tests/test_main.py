"""The command line: what is printed, what is kept, and one clear line for whatever is wrong."""

import io
import json
import os
import re
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.metrics import roc_auc_score
from sklearn.svm import SVC

import sknn_scratch
from sknn_scratch.__main__ import main
from sknn_scratch.comparison import comparison, progress
from sknn_scratch.comparison.comparison import Comparison, Fold
from sknn_scratch.comparison.picture import draw
from sknn_scratch.comparison.problem import Problem
from sknn_scratch.comparison.progress import Progress
from sknn_scratch.comparison.scores import scores
from sknn_scratch.datasets import MNIST_FILES
from sknn_scratch.nn.trainer import Trainer

QUICK = ["--data", "iris", "--rows", "60", "--folds", "2"]


@pytest.fixture(autouse=True)
def small_search(request, monkeypatch):
    """Train small networks for few epochs, but where a test asks for the default. `.ci/run` has the README's line."""
    monkeypatch.setattr(comparison, "CONVNET_EPOCHS", 2)
    if "default_search" not in request.fixturenames:
        monkeypatch.setattr(comparison, "HIDDEN_UNITS", {"hidden_layer_sizes": [(2,), (8,)], "max_iter": [10]})


@pytest.fixture
def default_search():
    """Ask for it."""


@pytest.fixture
def csv_file(tmp_path):
    """Write lines of text into a CSV file and return its path."""

    def write(*lines):
        path = tmp_path / "table.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def mixed(csv_file):
    """40 rows of numbers and text."""
    return csv_file(
        "size,count,colour", *(f"{number % 7},{number},{('red', 'blue', 'green')[number % 3]}" for number in range(40))
    )


def kept(tmp_path, *arguments):
    path = tmp_path / "kept.json"
    assert main([*arguments, "--json", str(path)]) == 0
    return json.loads(path.read_text(encoding="utf-8"))


def test_images_have_a_convnet(default_search, tmp_path):
    models = kept(tmp_path, "--data", "digits", "--rows", "100", "--folds", "2")["models"]
    assert list(models) == ["baseline", "k-NN", "SVM", "perceptron", "MLP", "convnet"]
    assert {fold["best"]["hidden_layer_sizes"][0] for fold in models["MLP"]["folds"]} <= {16, 64, 256}


def test_table_and_json_agree(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(progress, "AFTER", 0)  # no terminal: nothing is shown all the same
    result = kept(tmp_path, *QUICK)
    out, err = capsys.readouterr()
    assert (result["data"], result["task"], result["score"]) == ("iris", "classification", "accuracy")
    assert (result["rows"], result["columns"], result["seed"]) == (60, 4, 0)
    assert sum(result["classes"].values()) == 60
    assert list(result["models"]) == ["baseline", "k-NN", "SVM", "perceptron", "MLP"]
    for model, values in result["models"].items():
        scores = [fold["score"] for fold in values["folds"]]
        np.testing.assert_allclose([values["mean"], values["std"]], [np.mean(scores), np.std(scores)])
        assert len(scores) == 2
        assert all(fold["learn"] > 0 and fold["predict"] > 0 for fold in values["folds"])
        assert all((fold["search"] > 0) == (model == "MLP") for fold in values["folds"])
        assert re.search(rf"^{model} +{values['mean']:.3f} \+- {values['std']:.3f} ", out, re.MULTILINE)
        assert [f"\n{model}, fold {fold} of 2: accuracy" in err for fold in (1, 2)] == [True, True]
    assert "60 of 150 rows" in err
    (name, size), *_ = result["classes"].items()
    assert f"\nClasses: '{name}' {size / 60:.1%}, " in out


def test_comparison_is_what_scikit_learn_measures(tmp_path):
    """The same scores from the same folds by cross_validate."""
    from sklearn.dummy import DummyClassifier
    from sklearn.model_selection import StratifiedKFold, cross_validate
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    result = kept(tmp_path, "--data", "iris", "--folds", "3", "--seed", "7")
    folds = StratifiedKFold(3, shuffle=True, random_state=7)
    scoring = {"accuracy": "accuracy", "balanced accuracy": "balanced_accuracy", "ROC AUC": "roc_auc_ovr"}
    models = {"k-NN": make_pipeline(StandardScaler(), KNeighborsClassifier()), "baseline": DummyClassifier()}
    for name, model in models.items():
        expected = cross_validate(model, *load_iris(return_X_y=True), cv=folds, scoring=scoring)
        measured = result["models"][name]
        for score in scoring:
            of_folds = expected[f"test_{score}"]
            np.testing.assert_allclose([fold["scores"][score] for fold in measured["folds"]], of_folds)
            np.testing.assert_allclose(measured["scores"][score]["mean"], of_folds.mean())


@pytest.mark.parametrize("classes", [2, 3])
def test_roc_auc_of_decision_values_is_the_mean_of_each_class_against_the_others(classes):
    rng = np.random.default_rng(0)
    y = np.arange(40) % 7 % classes
    X = rng.normal(size=(40, 3)) + y[:, None]
    model = SVC().fit(X[:20], y[:20])
    values = model.decision_function(X[20:])
    columns = {2: lambda: (-values, values), 3: lambda: values.T}[classes]()
    expected = [roc_auc_score(y[20:] == label, column) for label, column in enumerate(columns)]
    measured = scores("classification", model, X[20:], y[20:], model.predict(X[20:]))
    np.testing.assert_allclose(measured["ROC AUC"], np.mean(expected))


def test_seed_decides_everything_but_the_times(tmp_path):
    first, again, other = (kept(tmp_path, *QUICK, "--seed", seed) for seed in ("1", "1", "2"))

    def untimed(result):
        return [(fold["score"], fold["best"]) for model in result["models"].values() for fold in model["folds"]]

    assert untimed(first) == untimed(again)
    assert untimed(first) != untimed(other)


def test_best_parameters_are_kept_of_several_processes(tmp_path):
    folds = kept(tmp_path, *QUICK, "--jobs", "2")["models"]["MLP"]["folds"]
    tried = [list(sizes) for sizes in comparison.HIDDEN_UNITS["hidden_layer_sizes"]]
    assert all(fold["best"]["hidden_layer_sizes"] in tried for fold in folds)


def test_regression_has_its_own_models(tmp_path):
    result = kept(tmp_path, "--data", "diabetes", "--rows", "80", "--folds", "2")
    assert (result["task"], result["score"]) == ("regression", "R2")
    assert list(result["models"]) == ["baseline", "k-NN", "SVM", "ridge", "MLP"]
    assert result["models"]["baseline"]["mean"] <= 0  # R2 of the mean of other rows
    assert result["classes"] == {}


@pytest.mark.parametrize("name", ["wine", "breast_cancer"])
def test_names_are_known(name, tmp_path):
    assert kept(tmp_path, "--data", name, "--rows", "60", "--folds", "2")["data"] == name


def test_mnist_comes_from_a_folder(tmp_path, capsys):
    rng = np.random.default_rng(0)
    labels = np.arange(40, dtype=np.uint8) % 2
    images = rng.integers(0, 100, (40, 28, 28), dtype=np.uint8) + 100 * labels[:, None, None]
    for name, array in zip(MNIST_FILES, (images, labels, images, labels), strict=True):
        head = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes()
        (tmp_path / name).write_bytes(head + array.tobytes())
    result = kept(tmp_path, "--data", "mnist", "--folder", str(tmp_path), "--folds", "2")
    assert (result["rows"], result["columns"]) == (40, 784)
    assert result["models"]["k-NN"]["mean"] == 1


def test_text_and_missing_cells_are_learned(csv_file, tmp_path, capsys, monkeypatch):
    """Only the colour differs: a model that reads it is right every time. The last two lines are no rows."""
    monkeypatch.setattr(comparison, "HIDDEN_UNITS", {"hidden_layer_sizes": [(4,), (8,)]})
    rows = [f"{('1.5', 'NA', '?')[number % 3]},{('red,warm', 'blue,cold')[number % 2]}" for number in range(30)]
    path = csv_file("size,colour,kind", *rows, "", "1,red,")
    result = kept(tmp_path, "--data", path, "--target", "kind", "--folds", "2")
    assert (result["data"], result["task"], result["rows"], result["columns"]) == ("table.csv", "classification", 30, 2)
    baseline, *means = [values["mean"] for values in result["models"].values()]
    assert baseline <= 0.5
    assert means == [1, 1, 1, 1]
    assert "2 columns (1 of them text, one-hot encoded), 2 classes" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("target", "options", "task"),
    [
        ("size", [], "classification"),  # 7 whole numbers
        ("size", ["--task", "regression"], "regression"),
        ("count", [], "regression"),  # more whole numbers than classes have
        ("colour", [], "classification"),
    ],
)
def test_target_decides_the_task_unless_told(mixed, tmp_path, target, options, task):
    assert kept(tmp_path, "--data", mixed, "--target", target, "--folds", "2", *options)["task"] == task


def test_uneven_classes_have_more_scores(csv_file, tmp_path, capsys):
    """A rare class is said, not refused; its folds have no AUC."""
    path = csv_file("a,b", *(f"{number},{'big' if number % 2 else 'small'}" for number in range(20)), "7,rare")
    result = kept(tmp_path, "--data", path, "--target", "b", "--folds", "3")
    out, err = capsys.readouterr()
    assert "The smallest class has 1 row(s)" in err
    assert "\nClasses: 'big' 47.6%, 'small' 47.6%, 'rare' 4.8%.\n" in out
    assert re.search("^model +accuracy +balanced accuracy +ROC AUC +search", out, re.MULTILINE)
    assert "n/a where a fold lacks a class" in out
    assert max(map(len, out.splitlines())) <= 100
    for model, values in result["models"].items():
        assert [fold["scores"]["ROC AUC"] for fold in values["folds"]] == [None] * 3
        assert values["scores"]["ROC AUC"] == {"mean": None, "std": None}
        balanced = values["scores"]["balanced accuracy"]["mean"]
        assert re.search(rf"^{model} .* {balanced:.3f} \+- \d\.\d+ +n/a  ", out, re.MULTILINE)


@pytest.mark.parametrize(("sizes", "uneven"), [([6, 4], False), ([7, 4], True), ([50, 50, 33], True)])
def test_uneven_means_over_one_and_a_half_times_the_rows(sizes, uneven):
    y = np.repeat(np.arange(len(sizes)), sizes)
    problem = Problem("rows", y[:, None], y, "classification")
    assert problem.is_uneven == uneven
    assert ("ROC AUC" in Comparison(problem, 0, 2, {}).table()) == uneven


def test_shares_of_many_classes_are_those_of_the_most_frequent():
    y = np.repeat(np.arange(13), np.arange(1, 14))
    names = tuple("abcdefghijklm")
    lines = Comparison(Problem("rows", y[:, None], y, "classification", classes=names), 0, 2, {}).shares()
    assert lines.startswith("Classes: 'm' 14.3%, 'l' 13.2%, ")
    assert lines.endswith("and 3 more.")
    assert max(map(len, lines.splitlines())) <= 100


class Terminal(io.StringIO):
    """A stream that says it is a terminal, and what is seen of it."""

    def __init__(self):
        super().__init__()
        self.written = Event()

    def isatty(self):
        return True

    def write(self, text):
        super().write(text)
        self.written.set()

    @property
    def screen(self):
        lines, column = [[]], 0
        for character in self.getvalue():
            if character == "\n":
                lines.append([])
                column = 0
            elif character == "\b":
                column -= 1
            else:
                lines[-1][column : column + 1] = character
                column += 1
        return ["".join(line).rstrip() for line in lines]


def test_progress_of_a_long_fit_is_shown_and_erased(monkeypatch):
    monkeypatch.setattr(progress, "AFTER", 0)
    terminal = Terminal()
    print("MLP, fold 1 of 5: ", end="", file=terminal)
    terminal.written.clear()
    with Progress(terminal).during(n_fits=1):
        assert terminal.written.wait(10)
        assert re.fullmatch(r"MLP, fold 1 of 5: \d+ s", *terminal.screen)
    print("accuracy 1", end="", file=terminal)
    assert terminal.screen == ["MLP, fold 1 of 5: accuracy 1"]


def test_terminal_sees_epochs_while_networks_learn(monkeypatch, capsys):
    pytest.importorskip("sklearn.callback", reason="callbacks came with scikit-learn 1.9")
    monkeypatch.setattr(progress, "AFTER", 0)
    monkeypatch.setattr(progress, "EVERY", 0.01)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert main([*QUICK, "--rows", "30"]) == 0
    assert re.search(r"0 s, fit [2-7] of 7, epoch \d+", terminal.getvalue())
    assert sum(bool(re.fullmatch(r"\S+, fold [12] of 2: accuracy .*", line)) for line in terminal.screen) == 10
    assert not [line for line in terminal.screen if "epoch" in line]


def test_short_fits_show_no_progress():
    terminal = Terminal()
    with Progress(terminal).during(n_fits=1):
        pass
    assert terminal.screen == [""]


def made(name="table.csv", seconds=(0.001, 0.02, 0.3, 4.0), searched=50.0):
    """A comparison that nobody had to wait for."""
    y = np.arange(10) // 7
    result = Comparison(Problem(name, y[:, None], y, "classification"), 0, 2, {}, finished=True)
    for model, learn in zip(("baseline", "k-NN", "SVM", "MLP"), seconds, strict=True):
        values = {"accuracy": 1 - learn / 10**4, "balanced accuracy": 0.5, "ROC AUC": None}
        result.folds[model] = [Fold(values, searched * (model == "MLP"), learn, learn / 100, {})] * 2
    return result


def test_picture_is_kept(tmp_path):
    pytest.importorskip("matplotlib")
    path = tmp_path / "picture.svg"
    assert main([*QUICK, "--plot", str(path)]) == 0
    assert path.read_bytes()[:5] == b"<?xml"


@pytest.mark.parametrize("seconds", [(1e-4, 1e-3, 0.1, 1.0), (1.0, 1.0, 1.0, 1.0), (1e-5, 1e-5, 20.0, 3000.0)])
def test_picture_has_the_search_and_ticks_apart(seconds):
    pytest.importorskip("matplotlib")
    figure = draw(made(seconds=seconds), pytest.fail)
    figure.draw_without_rendering()
    *_, times = figure.axes
    labels = [text.get_text() for text in times.get_legend().get_texts()]
    [search] = [line for line in times.lines if line.get_label() == "search"]
    assert labels == ["search", "learn", "predict"]
    assert search.get_xdata() == [50]
    for axes in figure.axes:
        left, right = axes.get_xlim()
        ticks = [text for text in axes.get_xticklabels() if left <= text.get_position()[0] <= right]
        boxes = [text.get_window_extent() for text in ticks]
        assert len(boxes) > 1
        assert all(one.x1 < other.x0 for one, other in pairwise(boxes))


@pytest.mark.filterwarnings("error")  # a missing glyph is a warning of matplotlib
@pytest.mark.parametrize("fonts", ["installed", "none"])
def test_title_is_what_can_be_drawn(fonts, monkeypatch, tmp_path):
    font_manager = pytest.importorskip("matplotlib.font_manager")
    if fonts == "none":
        monkeypatch.setattr(font_manager, "findSystemFonts", list)
    told = []
    figure = draw(made("売上$a_2$.csv"), told.append)
    figure.savefig(tmp_path / "picture.png")
    title = figure.get_suptitle()
    assert title in ("売上$a_2$.csv", "??$a_2$.csv")
    assert bool(told) == ("?" in title)
    assert fonts == "installed" or told == [
        "No installed font has '上', '売': the title of the picture has question marks there.\n"
    ]


WRONG = {
    "no such file": (["--data", "irs"], "no file 'irs', and no data of this name. Known: digits, iris"),
    "a folder": (["--data", "{tmp}"], "is a folder: name a CSV file in it"),
    "no target": (["--data", "{csv}"], "Pass --target and one of: 'a', 'b', 'c'"),
    "no such column": (["--data", "{csv}", "--target", "x"], "no column named 'x'. Its first line has 'a', 'b'"),
    "text for regression": (["--data", "{csv}", "--target", "c", "--task", "regression"], "are no numbers, 'u', 'v'"),
    "one value": (["--data", "{csv}", "--target", "b"], "one value only, '3'"),
    "few rows": (["--data", "{csv}", "--target", "c"], "table.csv has 4 rows, fewer than the 10 needed"),
    "not for names": (["--data", "iris", "--target", "a"], "--target and --task are for CSV files"),
    "folder for iris": (["--data", "iris", "--folder", "x"], "--folder is for --data mnist"),
    "no MNIST there": (["--data", "mnist", "--folder", "{tmp}"], "No train-images-idx3-ubyte or"),
    "unknown option": (["--date", "iris"], "unrecognized arguments: --date iris"),
    "one fold": (["--folds", "1"], "--folds: must be a whole number of at least 2, got '1'"),
    "half a row": (["--rows", "1.5"], "--rows: must be a whole number of at least 1, got '1.5'"),
    "negative seed": (["--seed=-1"], "--seed: must be a whole number of at least 0, got '-1'"),
    "no jobs": (["--jobs", "0"], "--jobs: must be"),
    "JSON nowhere": (["--json", "{tmp}/none/a.json"], "--json: cannot write a file"),
    "JSON is a folder": (["--json", "{tmp}"], "--json: cannot write a file"),
    "picture nowhere": (["--plot", "{tmp}/none/a.png"], "--plot: cannot write a file"),
    "picture of no kind": (["--plot", "a.xyz"], "--plot: takes a file that ends in one of"),
    "a name without an option": (["iris"], "unrecognized arguments: iris. Did you mean --data iris?"),
    "few rows of many": (
        ["--data", "iris", "--rows", "12"],
        "iris has 12 rows in 3 classes, 2 of them with fewer than the 5 rows needed for 5 folds and 3 inside each: "
        "merge classes, add rows, or draw more with --rows.",
    ),
    "too few rows drawn": (
        ["--data", "iris", "--rows", "4", "--folds", "2"],
        "4 rows, fewer than the 12 needed for 2 folds",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_said_in_one_line(wrong, csv_file, tmp_path, capsys):
    arguments, message = WRONG[wrong]
    path = csv_file("a,b,c", "1,3,u", "2,3,v", "3,3,u", "4,3,v")
    with pytest.raises(SystemExit) as exit_:
        main([argument.format(csv=path, tmp=tmp_path) for argument in arguments])
    last_line = capsys.readouterr().err.splitlines()[-1]
    assert exit_.value.code == 2
    assert last_line.startswith("python -m sknn_scratch: error: ")
    assert message in last_line


def test_missing_matplotlib_is_said_before_the_work(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(SystemExit) as exit_:
        main(["--plot", "a.png"])
    assert exit_.value.code == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "needs matplotlib, which is not installed: pip install matplotlib" in line


TOO_FEW = {
    "30 classes of 3 rows": ([f"k{row % 30}" for row in range(90)], [], "30 classes, 30 of them with fewer than the 5"),
    "a price": (range(100), ["--task", "classification"], "pass --task regression if the target is a quantity"),
    "4 rows a class": ([f"k{row % 30}" for row in range(120)], [], "classes, .*: pass --folds 4"),
    "4 rows": ("abab", [], "4 rows, fewer than the 10 needed for 5 folds and 3 inside each: add rows, or draw more"),
    "9 rows": ("ababababa", [], "9 rows, fewer than the 10 needed for 5 folds .*: pass --folds 4"),
    "a second class of one row": ("a" * 30 + "b", [], "2 classes, 1 of them with fewer than the 5 rows"),
    "rows of one class": ("a" * 9999 + "b", ["--rows", "20"], "rows of one class only: .* --rows"),
}


@pytest.mark.parametrize("case", TOO_FEW)
def test_too_few_rows_are_said_before_anything_is_measured(case, csv_file, capsys):
    targets, options, message = TOO_FEW[case]
    path = csv_file("a,y", *(f"{row**2},{target}" for row, target in enumerate(targets)))
    with pytest.raises(SystemExit):
        main(["--data", path, "--target", "y", *options])
    err = capsys.readouterr().err
    assert "fold 1 of" not in err
    assert re.search(message, err.splitlines()[-1])


@pytest.mark.parametrize("n_folds", [2, 3, 5])
@pytest.mark.parametrize("task", ["classification", "regression"])
def test_fewest_rows_that_are_allowed_are_enough_for_every_model(task, n_folds):
    n_rows = comparison._enough(n_folds, a_fold=2)
    if task == "classification":
        n_rows = max(n_rows, 2 * comparison._enough(n_folds, a_fold=1))
    X = np.random.default_rng(0).normal(size=(n_rows, 2))
    y = X.sum(axis=1) if task == "regression" else np.arange(n_rows) % 2
    assert comparison.compare(Problem("rows", X, y, task), n_folds).finished


def test_remarks_and_rows_without_a_target_are_said_before_the_folds(csv_file, capsys):
    rows = [f"{1900 + row * 2 if row % 9 else 'unknown'},{'' if row % 10 == 0 else row % 2}" for row in range(40)]
    assert main(["--data", csv_file("year,y", *rows), "--target", "y", "--folds", "2"]) == 0
    out, err = capsys.readouterr()
    before, _ = err.split("baseline, fold 1")
    assert "4 of 40 rows have no target and are left out: 'y' is '' there." in before
    assert "Column 'year' is text because of 'unknown': empty these cells to be imputed" in before
    assert "year" not in out


def test_interrupted_imports_end_without_a_traceback(tmp_path):
    (tmp_path / "numpy.py").write_text("import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(60)\n")
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "sknn_scratch", "--data", "iris"]
    run = subprocess.run(command, cwd=Path(sknn_scratch.__file__).parents[1], env=environment, capture_output=True)
    assert (run.returncode, run.stdout, run.stderr) == (-signal.SIGINT, b"", b"")


def interrupt_at(monkeypatch, fold):
    """Interrupt the fold of this number, counted over all models."""
    folds, measure = iter(range(1, fold + 1)), comparison._fold

    def measured(*arguments):
        if next(folds) == fold:
            raise KeyboardInterrupt
        return measure(*arguments)

    monkeypatch.setattr(comparison, "_fold", measured)


def test_interrupt_keeps_what_is_finished(monkeypatch, capsys, tmp_path):
    interrupt_at(monkeypatch, 6)
    path = tmp_path / "kept.json"
    assert main([*QUICK, "--json", str(path)]) == 130
    out, err = capsys.readouterr()
    assert err.endswith("SVM, fold 2 of 2: \ninterrupted\n")
    assert re.search(r"^k-NN  ", out, re.MULTILINE)
    assert re.search(r"^SVM  ", out, re.MULTILINE)
    assert "\nSVM: 1 of 2 folds only.\n" in out
    result = json.loads(path.read_text(encoding="utf-8"))
    assert not result["finished"]
    assert {model: len(values["folds"]) for model, values in result["models"].items()} == {
        "baseline": 2,
        "k-NN": 2,
        "SVM": 1,
    }


def test_interrupt_before_the_first_fold_prints_no_table(monkeypatch, capsys, tmp_path):
    interrupt_at(monkeypatch, 1)
    path = tmp_path / "kept.json"
    assert main([*QUICK, "--json", str(path), "--plot", str(tmp_path / "kept.svg")]) == 130
    out, err = capsys.readouterr()
    assert not out
    assert err.endswith("baseline, fold 1 of 2: \ninterrupted\n")
    assert json.loads(path.read_text(encoding="utf-8"))["models"] == {}


def test_interrupt_while_reading(monkeypatch, capsys):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("sknn_scratch.comparison.problem.load", interrupted)
    assert main(QUICK) == 130
    assert capsys.readouterr().err == "iris: reading ...\ninterrupted\n"


def test_network_that_keeps_what_it_learned_is_interrupted_too(monkeypatch, capsys):
    """The MLP turns Ctrl-C into a warning after its first epoch."""
    epochs = []

    def counted(self, *arguments):
        epochs.append(self)
        if len(epochs) == 5:
            raise KeyboardInterrupt
        return train(self, *arguments)

    train = Trainer.epoch
    monkeypatch.setattr(Trainer, "epoch", counted)
    assert main(QUICK) == 130
    assert capsys.readouterr().err.endswith("MLP, fold 1 of 2: \ninterrupted\n")
    assert len(epochs) == 5
