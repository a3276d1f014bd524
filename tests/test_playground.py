"""The playground without a browser: sessions, their code, their recordings, and the server."""

import base64
import html
import http.client
import json
import re
import socket
import threading
import time
from urllib.parse import urlsplit

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import Ridge
from sklearn.metrics import log_loss
from sklearn.preprocessing import StandardScaler

from sknn_scratch import MLPClassifier, MLPRegressor
from sknn_scratch.nn.solvers import SGD
from sknn_scratch.playground import make_dataset, playground, record
from sknn_scratch.playground.__main__ import main
from sknn_scratch.playground.code import as_python
from sknn_scratch.playground.frame import frame, state
from sknn_scratch.playground.problem import CLASSES, QUANTITIES, read_arrays, read_file
from sknn_scratch.playground.server import LARGEST_BODY, MOST_TABS, PlaygroundServer
from sknn_scratch.playground.session import Session

CSV = b"width,height,kind\n" + b"\n".join(b"%d,%d,%s" % (i, i * i % 7, b"ab"[i % 2 : i % 2 + 1]) for i in range(20))


def pixels(text, size):
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(size, size)


def steps(session, n):
    for _ in range(n):
        session.train()
    assert not session.message
    return session


# Commands

STATES = {
    "fresh": [],
    "playing": [{"do": "play"}],
    "trained": [{"do": "step"}],
    "no points": [{"do": "clear"}],
    "one class": [{"do": "clear"}, {"do": "draw", "x": 1, "y": 1, "label": 1}],
    "digits": [{"do": "set", "settings": {"dataset": "digits", "networkShape": [4], "percTrainData": 5}}],
    "regression": [{"do": "set", "settings": {"problem": "regression", "percTrainData": 5}}],
    "perceptron": [{"do": "set", "settings": {"model": "perceptron", "dataset": "three"}}, {"do": "step"}],
    "neighbours of digits": [{"do": "set", "settings": {"dataset": "digits", "model": "knn"}}, {"do": "step"}],
    "k nearest neighbours": [{"do": "set", "settings": {"model": "knn"}}, {"do": "play"}],
    "SVM": [{"do": "set", "settings": {"model": "svm", "dataset": "three"}}, {"do": "step"}],
    "no layers": [{"do": "set", "settings": {"networkShape": []}}, {"do": "step"}],
    "ended perceptron": [{"do": "set", "settings": {"model": "perceptron", "dataset": "gauss"}}]
    + 20 * [{"do": "step"}],
}
COMMANDS = [
    {"do": "play"},
    {"do": "step"},
    {"do": "weight", "layer": 0, "source": 1, "target": 0, "value": 0.5},
    {"do": "weight", "layer": 0, "source": None, "target": 0, "value": 0.5},
    {"do": "draw", "x": -1, "y": 2.5, "label": 1},
    {"do": "draw", "x": 0, "y": 0, "label": 0},
    {"do": "digit", "pixels": [0.5] * 64},
    {"do": "set", "settings": {"learningRate": 0.1}},
    {"do": "set", "settings": {"learningRate": "auto", "batchSize": "auto", "solver": "adam"}},
    {"do": "set", "settings": {"sinX": True}},
    {"do": "csv", "content": base64.b64encode(CSV).decode(), "target": "kind", "columns": ["width", "height"]},
    {"do": "pause"},
    {"do": "set", "settings": {"problem": "regression"}},
    {"do": "reset"},
    {"do": "clear"},
]


@pytest.mark.parametrize("before", STATES.values(), ids=STATES)
def test_every_command_in_every_state(before):
    prepared = Session()
    for command in before:
        prepared.do(command)
    for command in COMMANDS:
        session = Session(**prepared.settings) if prepared.own is None else Session()
        for one in before:
            session.do(one)
        try:
            session.do(command)
        except ValueError as error:
            assert len(str(error)) > 20  # noqa: PT017
        session.tick()
        json.dumps([state(session), frame(session, 10)], allow_nan=False)
        as_python(session)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (None, "A command is like"),
        ({"do": 3}, "A command is like"),
        ({"do": "fly"}, "no command 'fly'; there are clear, csv"),
        ({"do": "__init__"}, "no command"),
        ({"do": "step", "twice": True}, "unexpected keyword argument 'twice'"),
        ({"do": "weight", "layer": 0}, "missing a required argument"),
        ({"do": "set", "settings": 3}, "settings should be names and values"),
        ({"do": "set", "settings": {"colour": "red"}}, "no setting 'colour'; there are problem"),
        ({"do": "set", "settings": {"activation": "step"}}, "activation should be one of tanh"),
        ({"do": "set", "settings": {"activation": []}}, "activation should be one of tanh"),
        ({"do": "set", "settings": {"learningRate": -1}}, "learningRate should be a number from 1e-09"),
        ({"do": "set", "settings": {"learningRate": float("nan")}}, "learningRate should be a number"),
        ({"do": "set", "settings": {"learningRate": True}}, "learningRate should be a number"),
        ({"do": "set", "settings": {"batchSize": 2.5}}, "batchSize should be a whole number"),
        ({"do": "set", "settings": {"networkShape": [10**9]}}, "networkShape should be a whole number from 1 to 64"),
        ({"do": "set", "settings": {"networkShape": [2] * 99}}, "a list of 8 layers at most"),
        ({"do": "set", "settings": {"x": 1}}, "x should be true or false"),
        ({"do": "set", "settings": {"x": False, "y": False}}, "leave one feature"),
        ({"do": "set", "settings": {"dataset": "own"}}, "no points of your own yet"),
        ({"do": "set", "settings": {"model": "perceptron", "problem": "regression"}}, "learns classes, not numbers"),
        ({"do": "set", "settings": {"model": "own"}}, r"pass one to playground\(estimator\)"),
        (
            {"do": "weight", "layer": 7, "source": 0, "target": 0, "value": 1},
            "layer should be a whole number from 0 to 2",
        ),
        ({"do": "weight", "layer": 0, "source": 0, "target": 4, "value": 1}, "target should be a whole number"),
        ({"do": "weight", "layer": 0, "source": 0, "target": 0, "value": 1e300}, "value should be a number"),
        ({"do": "draw", "x": 99, "y": 0, "label": 0}, "x should be a number from -6 to 6"),
        ({"do": "draw", "x": 0, "y": 0, "label": 10}, "label should be a whole number from 0 to 9"),
        ({"do": "digit", "pixels": [0]}, "64 pixels"),
        ({"do": "digit", "pixels": [2] * 64}, "pixels should be a number from 0 to 1"),
        ({"do": "csv", "content": "é", "target": "a"}, "ASCII|base64"),
        ({"do": "csv", "content": "AAA", "target": "a"}, "base64"),
        ({"do": "csv", "content": base64.b64encode(CSV).decode(), "target": "kid"}, "Did you mean 'kind'"),
        (
            {"do": "csv", "content": base64.b64encode(CSV[:18]).decode(), "target": "kind"},
            "^file.csv has a header, but no rows",
        ),
        (
            {"do": "csv", "content": base64.b64encode(CSV).decode(), "target": "kind", "columns": ["a", "b"]},
            "no column 'a'",
        ),
        (
            {"do": "csv", "content": base64.b64encode(CSV).decode(), "target": "kind", "columns": "ab"},
            "Name two columns",
        ),
    ],
)
def test_bad_commands_are_refused_in_words_and_change_nothing(command, words):
    session = steps(Session(), 2)
    before = json.dumps([state(session), frame(session, 10)]), as_python(session)
    with pytest.raises(ValueError, match=words):
        session.do(command)
    assert (json.dumps([state(session), frame(session, 10)]), as_python(session)) == before


def test_weights_are_asked_for_before_there_are_any():
    with pytest.raises(ValueError, match="no weights to set"):
        Session().do({"do": "weight", "layer": 0, "source": 0, "target": 0, "value": 1})


def test_random_commands_raise_nothing_but_value_errors():
    rng = np.random.default_rng(0)
    values = [
        None,
        True,
        -1,
        0,
        1,
        2.5,
        1e308,
        float("inf"),
        "",
        "own",
        "auto",
        "L1",
        [],
        [1, 2],
        {},
        "reg-plane",
        "knn",
    ]
    names = [*Session().settings, "layer", "source", "target", "value", "label", "pixels", "content", "columns"]
    kinds = ["play", "pause", "step", "reset", "set", "weight", "draw", "clear", "csv", "digit", "", "nothing"]
    session, refused = Session(percTrainData=2), 0

    def value():
        return values[rng.integers(len(values))]

    def names_and_values(n):
        return {names[rng.integers(len(names))]: value() for _ in range(n)}

    for _ in range(400):
        kind = kinds[rng.integers(len(kinds))]
        arguments = {
            "set": {"settings": names_and_values(1)},
            "weight": {"layer": value(), "source": value(), "target": value(), "value": value()},
            "draw": {"x": value(), "y": value(), "label": value()},
            "csv": {"content": value(), "target": value()},
            "digit": {"pixels": value()},
        }.get(kind, names_and_values(rng.integers(2)))
        try:
            session.do({"do": kind, **arguments})
        except ValueError:
            refused += 1
        session.tick()
        json.dumps(frame(session, 5), allow_nan=False)
    assert 100 < refused < 400


# Training


@pytest.mark.parametrize("name", ["circle", "xor", "gauss"])
@pytest.mark.parametrize("seed", [1, 2])  # of the eleven of examples/benchmarks/playground.py
def test_the_original_s_settings_solve_its_data_sets_within_200_epochs(name, seed):
    session = Session(dataset=name, seed=seed)
    while session.n_epochs < 200:
        steps(session, 20)
        if frame(session, 5)["test"]["accuracy"] > 0.95:
            return
    pytest.fail("not solved")


def test_scores_are_those_of_the_estimator():
    session = steps(Session(dataset="three"), 2)
    shown, model = frame(session, 5), session.estimator
    X = session.features(session.X_test)
    assert shown["test"]["accuracy"] == pytest.approx(model.score(X, session.y_test))
    assert shown["test"]["loss"] == pytest.approx(log_loss(session.y_test, model.predict_proba(X)), rel=1e-5)
    assert shown["train"]["accuracy"] == pytest.approx(model.score(session.features(session.X), session.y))
    assert len(session.X) == len(session.X_test) == 250


def test_live_settings_go_on_with_the_training_and_others_start_anew():
    session = steps(Session(), 3)
    session.do({"do": "set", "settings": {"learningRate": 0.3, "batchSize": 20, "speed": 5, "solver": "momentum"}})
    assert session.n_epochs == 3
    steps(session, 1)
    assert frame(session, 5)["rate"] == pytest.approx(0.3)
    session.do({"do": "set", "settings": {"activation": "relu"}})
    assert session.n_epochs == 0


def test_divergence_is_a_message_and_the_play_goes_on_with_a_smaller_rate():
    session = Session(activation="linear", problem="regression", learningRate=1e6)
    session.do({"do": "play"})
    for _ in range(20):
        session.tick()
    assert "Training diverged" in session.message
    assert not session.playing
    json.dumps(frame(session, 5), allow_nan=False)
    session.do({"do": "set", "settings": {"learningRate": 0.001}})
    session.do({"do": "reset"})
    session.do({"do": "play"})
    session.tick()
    assert (session.message, session.playing, session.n_epochs) == ("", True, 1)


def test_what_an_estimator_of_the_user_raises_is_a_message():
    session = Session(RandomForestClassifier(n_estimators="three"))
    session.do({"do": "play"})
    session.tick()
    assert "n_estimators" in session.message
    assert not session.playing


def test_a_model_that_cannot_predict_is_a_message():
    session = Session(model="knn")
    session.do({"do": "clear"})
    for label in (0, 1):
        session.do({"do": "draw", "x": label, "y": 0, "label": label})
    session.do({"do": "step"})
    assert "n_neighbors" in frame(session)["message"]
    session.do({"do": "set", "settings": {"neighbors": 1}})
    session.do({"do": "step"})
    assert "surface" in frame(session)


def test_points_are_drawn_into_a_training_and_new_classes_begin_another():
    session = steps(Session(), 2)
    session.do({"do": "draw", "x": 1, "y": 2, "label": 1})
    assert (session.n_epochs, len(session.X), session.y[-1]) == (2, 251, 1)
    session.do({"do": "draw", "x": 1, "y": 2.2, "label": 2})
    assert (session.n_epochs, session.classes, len(session.X)) == (0, [0, 1, 2], 252)
    session.do({"do": "clear"})
    session.do({"do": "play"})
    assert "no points" in session.message
    assert not session.playing
    session.do({"do": "draw", "x": 1, "y": 2, "label": 1})
    session.do({"do": "step"})
    assert "same class" in session.message
    session.do({"do": "draw", "x": -1, "y": -2, "label": 0})
    steps(session, 1)


def test_perceptron_takes_a_step_at_each_mistake():
    session = Session(model="perceptron", dataset="gauss", noise=20)
    w, b = np.zeros(2), 0.0
    for _ in range(12):
        session.do({"do": "step"})
        x, sign = session.X[session.mistake], 2 * session.y[session.mistake] - 1
        assert sign * (w @ x + b) <= 0
        w, b = w + sign * x, b + sign
        np.testing.assert_allclose(frame(session, 5)["weights"][0], w[:, None], atol=1e-3)
        np.testing.assert_allclose(session.estimator.intercept_, b)


def test_perceptron_ends_after_an_epoch_without_a_mistake():
    session = Session(model="perceptron", dataset="gauss")
    session.do({"do": "play"})
    for _ in range(500):
        session.tick()
    assert "An epoch without a mistake" in session.message
    assert not session.playing
    assert session.estimator.score(session.X, session.y) == 1
    session.do({"do": "weight", "layer": 0, "source": 0, "target": 0, "value": -1000})
    session.do({"do": "step"})
    assert session.mistake is not None


# Frames


def test_network_is_seen_before_its_first_epoch():
    session = Session(learningRate=1e-9)
    before = frame(session)
    steps(session, 1)
    after = frame(session)
    assert (before["epoch"], after["epoch"]) == (0, 1)
    assert before["weights"] == after["weights"]
    assert before["surface"] == after["surface"]
    assert "rate" not in before


def test_surface_and_weights_by_hand():
    session = steps(Session(networkShape=[], dataset="gauss"), 1)
    for source, value in ((0, 0), (1, 100), (None, 0)):
        session.do({"do": "weight", "layer": 0, "source": source, "target": 0, "value": value})
    shown = frame(session, 10)
    assert (shown["weights"], shown["biases"]) == ([[[0], [100]]], [[0]])
    surface = pixels(shown["surface"], 10)  # the second class lies above
    assert np.all(surface[:5] == 255)
    assert np.all(surface[5:] == 0)


def test_units_show_their_outputs():
    session = steps(Session(networkShape=[2], dataset="gauss"), 1)
    for source, value in ((0, 50), (1, 0), (None, 0)):
        session.do({"do": "weight", "layer": 0, "source": source, "target": 1, "value": value})
    unit = pixels(frame(session)["units"][0][1], 20)
    assert np.all(unit[:, :10] == 0)
    assert np.all(unit[:, 10:] == 255)


def test_surface_of_several_classes_has_class_and_certainty():
    session = steps(Session(dataset="three", solver="adam", learningRate=0.03), 20)
    ticks = np.linspace(-6, 6, 30)
    p = session.estimator.predict_proba(np.stack(np.meshgrid(ticks, -ticks), axis=-1).reshape(-1, 2))
    surface = pixels(frame(session, 30)["surface"], 30).ravel()
    np.testing.assert_array_equal(surface // 25, p.argmax(axis=1))
    np.testing.assert_allclose(surface % 25, 24 * (p.max(axis=1) - 1 / 3) / (2 / 3), atol=0.51)


def test_surface_has_the_classes_that_were_drawn():
    session = Session(model="knn", neighbors=1)
    session.do({"do": "clear"})
    for label in (0, 2, 3):
        session.do({"do": "draw", "x": label, "y": 0, "label": label})
    session.do({"do": "step"})
    assert set(pixels(frame(session, 10)["surface"], 10).ravel() // 25) == {0, 2, 3}


@pytest.mark.parametrize("model", ["knn", "svm"])
def test_scores_of_a_model_that_has_not_seen_every_class(model):
    session = steps(Session(model=model, dataset="pinwheel", percTrainData=1, neighbors=1), 1)
    assert 1 < len(session.estimator.classes_) < 5
    expected = session.estimator.score(session.X_test, session.y_test)
    assert frame(session, 5)["test"]["accuracy"] == pytest.approx(expected)


def test_digits_have_probabilities_and_feature_maps():
    session = Session(dataset="digits", networkShape=[16], activation="relu", solver="adam", learningRate=0.01)
    steps(session, 8)
    row = session.X_test[:1]
    session.do({"do": "digit", "pixels": row[0].tolist()})
    shown = frame(session)
    assert np.argmax(shown["digit"]) == session.estimator.predict(row)[0]
    assert [(len(layer), len(base64.b64decode(layer[0]))) for layer in shown["maps"]] == [(8, 64), (8, 16), (16, 1)]
    assert shown["test"]["accuracy"] > 0.8


# Points


@pytest.mark.parametrize("name", CLASSES + QUANTITIES)
def test_data_sets(name):
    X, y = make_dataset(name, n_samples=300, noise=0.2, random_state=3)
    assert X.shape == (300, 2)
    assert np.abs(X).max() <= 6
    assert set(y) == set(range(max(y) + 1)) if name in CLASSES else np.abs(y).max() <= 1
    np.testing.assert_array_equal(make_dataset(name, n_samples=300, noise=0.2, random_state=3)[0], X)
    assert not np.array_equal(make_dataset(name, n_samples=300, noise=0.2, random_state=4)[0], X)
    X, y = make_dataset(name)
    if name == "circle":
        np.testing.assert_array_equal(np.hypot(*X.T) < 2.5, y == 1)
    elif name == "xor":
        np.testing.assert_array_equal(X[:, 0] * X[:, 1] > 0, y == 1)
    elif name == "reg-plane":
        np.testing.assert_allclose(y, np.clip((X[:, 0] + X[:, 1]) / 10, -1, 1))
    elif name == "reg-gauss":
        near = np.hypot(*(X - (-4, 2.5)).T)
        np.testing.assert_allclose(y[near < 1], 1 - near[near < 1] / 2)


def test_unknown_data_set():
    with pytest.raises(ValueError, match="no data set 'circles': choose one of circle"):
        make_dataset("circles")


def test_rows_of_many_columns_become_principal_components():
    iris = load_iris(as_frame=True)
    problem = read_arrays(iris.data, iris.target_names[iris.target])
    assert problem.labels == ["setosa", "versicolor", "virginica"]
    assert np.abs(problem.X).max() == 5
    scores = np.linalg.svd(StandardScaler().fit_transform(iris.data), full_matrices=False)[0][:, :2]
    assert np.abs(np.corrcoef(problem.X.T, scores.T)[:2, 2:]).diagonal().min() > 0.9999


def test_arrays_that_are_no_points():
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        playground(None, [[1, 2], [3, 4]], [1])
    with pytest.raises(ValueError, match="both X and y"):
        playground(None, [[1, 2]])
    with pytest.raises(ValueError, match="colours for 10 classes"):
        playground(None, np.zeros((11, 2)), range(11))
    with pytest.raises(ValueError, match="infinity"):
        playground(None, [[1, np.inf]], [1])


def test_columns_of_a_file(tmp_path):
    path = tmp_path / "kinds.csv"
    path.write_bytes(CSV)
    problem = read_file(path, "kind", ("height", "width"))
    assert problem.labels == ["a", "b"]
    assert [axis.split(":")[0] for axis in problem.axes] == ["height", "width"]
    np.testing.assert_allclose(np.diff(problem.X[:, 1]), 10 / 19, atol=1e-3)
    assert read_file(path, "height").is_regression is False  # 0 to 6, whole numbers
    rows = "".join(f"{i},{i % 7},{'a' if i == 0 else 'bc'[i % 2]},{1 + 2 * (i % 2)}\n" for i in range(2500))
    path.write_text("width,height,kind,size\n" + rows)
    assert read_file(path, "kind").labels == ["b", "c"]  # the row of a is not among the 2000 that are shown
    assert read_file(path, "size").labels == ["1", "3"]
    path.write_bytes(CSV)
    with pytest.raises(ValueError, match="columns of numbers, not of text: 'kind'"):
        read_file(path, "height", ("width", "kind"))
    path.write_text("width,kind\n" + "1,a\n2,b\nunknown,c\n4,d\n" * 5)
    with pytest.raises(ValueError, match=r"not of text: 'width'\. Column 'width' is text because of 'unknown'"):
        read_file(path, "kind")


@pytest.mark.parametrize(
    ("estimator", "model"),
    [
        (MLPClassifier((3,), "logistic", alpha=0.1, solver="adam", init="zeros", random_state=4), "network"),
        (MLPRegressor((5, 5), learning_rate="cosine"), "network"),
        (MLPClassifier((3,), solver=SGD()), "own"),
        (MLPClassifier((100,)), "own"),
        (MLPClassifier((4,), class_weight="balanced"), "own"),
        (MLPClassifier((4,), embedding="periodic"), "own"),
        (RandomForestClassifier(3, random_state=0), "own"),
        (Ridge(), "own"),
    ],
)
def test_estimators_of_the_user_keep_their_parameters(estimator, model):
    session = Session(estimator)
    assert session.settings["model"] == model
    set_here = ("random_state", "embedding")
    before = {name: value for name, value in estimator.get_params().items() if name not in set_here}
    assert before.items() <= session.initial.get_params().items()
    steps(session, 2)
    json.dumps([state(session), frame(session, 5)])
    assert not hasattr(estimator, "n_features_in_")


# As Python

STEP = ("step",)
SCENES = {
    "network": [STEP, ("set", {"learningRate": 0.1}), STEP, STEP],
    "points": [("draw", 1.5, 2, 1), STEP, ("draw", -2, 0.25, 0), STEP],
    "weights": [STEP, ("weight", 1, 0, 1, -0.5), ("weight", 0, None, 2, 1), STEP],
    "features": [("set", {"sinX": True, "y": False, "noise": 25, "percTrainData": 100, "dropout": 0.1}), STEP, STEP],
    "regression": [("set", {"problem": "regression", "seed": 0.31415}), STEP, ("draw", 0, 0, -1), STEP],
    "perceptron": [
        ("set", {"model": "perceptron", "dataset": "pinwheel"}),
        *9 * [STEP],
        ("weight", 0, 1, 2, 3.0),
        STEP,
    ],
    "neighbours": [("set", {"model": "knn"}), STEP, ("draw", 0, 0, 0), STEP],
    "machine": [("set", {"model": "svm", "dataset": "moons", "C": 10}), STEP],
    "own points": [("clear",), ("draw", 1, 1, 0), ("draw", 2, 1, 1), ("draw", 0, 1, 2), STEP, STEP],
    "digits": [("set", {"dataset": "digits", "networkShape": [4], "percTrainData": 5}), STEP],
}
NAMES = {"set": ["settings"], "draw": ["x", "y", "label"], "weight": ["layer", "source", "target", "value"]}


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)
def test_code_gives_the_same_model(scene):
    session = Session()
    for what, *values in scene:
        session.do({"do": what, **dict(zip(NAMES.get(what, []), values, strict=True))})
    assert not session.message
    ran = {}
    exec(as_python(session), ran)
    np.testing.assert_array_equal(ran["X"], session.X)
    X = session.features(session.X)
    predict = "predict" if session.is_regression or not hasattr(session.estimator, "predict_proba") else "predict_proba"
    np.testing.assert_array_equal(getattr(ran["model"], predict)(X), getattr(session.estimator, predict)(X))


def test_code_of_the_start_is_short():
    expected = """
from sklearn.model_selection import train_test_split
from sknn_scratch import MLPClassifier
from sknn_scratch.playground import make_dataset

X, y = make_dataset('circle', random_state=0)
X, X_test, y, y_test = train_test_split(X, y, train_size=250, random_state=0)
model = MLPClassifier(activation='tanh', alpha=0, batch_size=10, embedding=None, hidden_layer_sizes=(4, 2),
                      learning_rate='constant', learning_rate_init=0.03, random_state=0, solver='sgd',
                      standardize=False)
for epoch in range(3):
    model.partial_fit(X, y, classes=[0, 1])
"""
    assert as_python(steps(Session(), 3)).split() == expected.split()  # scikit-learn breaks lines as it likes


def test_fit_gives_the_same_network():
    session = steps(Session(), 5)
    fitted = clone(session.initial).set_params(max_iter=5, n_iter_no_change=np.inf)
    fitted.fit(session.X, session.y)
    for W, shown in zip(fitted.coefs_, frame(session, 5)["weights"], strict=True):
        np.testing.assert_allclose(W, shown, atol=1e-4)


# Recordings


def test_recording_is_one_file_that_needs_no_other(tmp_path):
    X, y = load_iris(return_X_y=True)
    names = np.array(["</script><b>", "b", "c"])
    recording = record(tmp_path / "iris.html", None, X, names[y], n_epochs=12, n_frames=5)
    text = recording.path.read_text(encoding="utf-8")
    assert html.unescape(recording._repr_html_()).count(text) == 1
    assert not re.findall(
        r"""(?:src|href)\s*=|@import|url\(|https?://""", text.replace("http://www.w3.org/2000/svg", "")
    )
    assert text.count("</script>") == 1
    recorded = json.loads(re.search(r"RECORDING = (\{.*\});\n", text)[1].replace("<\\/", "</"))
    assert [one["epoch"] for one in recorded["frames"]] == [0, 1, 3, 7, 12]
    assert recorded["state"]["labels"] == names.tolist()
    assert len(text) < 200_000


@pytest.mark.parametrize("name", ["", "none/xor.html"])
def test_recording_is_refused_before_it_trains(tmp_path, monkeypatch, name):
    monkeypatch.delattr(Session, "train")
    with pytest.raises(FileNotFoundError, match=r"cannot be written. Pass the name of a file, in a folder that exists"):
        record(tmp_path / name, dataset="xor")


# The server


@pytest.fixture
def server():
    with PlaygroundServer(lambda: Session(percTrainData=10)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ask(server, path="/", method="GET", body=None, tab="one", token=None, headers=()):
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    query = f"?token={server.token if token is None else token}&tab={tab}"
    connection.request(method, path + query, body, dict(headers))
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def tell(server, command, **kwargs):
    return ask(server, "/do", "POST", json.dumps(command), **kwargs)


class Stream:
    """Frames of a tab, as a browser reads them."""

    def __init__(self, server, tab="one"):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
        self.connection.request("GET", f"/frames?token={server.token}&tab={tab}")
        self.answer = self.connection.getresponse()

    def read(self, event="frame"):
        name = None
        while line := self.answer.readline().decode():
            if line.startswith("event: "):
                name = line[7:].strip()
            elif line.startswith("data: ") and name == event:
                return json.loads(line[6:])
        return None

    def close(self):
        self.answer.close()
        self.connection.close()


def wait_for(true):
    end = time.monotonic() + 15
    while not true():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)


def test_page_and_frames(server):
    status, page = ask(server)
    assert (status, page.split("\n")[0]) == (200, "<!doctype html>")
    stream = Stream(server)
    assert stream.read("state")["settings"]["dataset"] == "circle"
    assert stream.read()["epoch"] == 0
    assert tell(server, {"do": "play"})[0] == 200
    epochs = [stream.read()["epoch"] for _ in range(4)]
    assert epochs == sorted(epochs)
    assert epochs[-1] > 0
    tell(server, {"do": "set", "settings": {"networkShape": [3]}})
    assert stream.read("state")["settings"]["networkShape"] == [3]
    assert "model.partial_fit" in ask(server, "/code")[1]
    stream.close()


def test_two_tabs_do_not_disturb_each_other(server):
    one, two = Stream(server, "one"), Stream(server, "two")
    tell(server, {"do": "set", "settings": {"dataset": "spiral"}}, tab="two")
    tell(server, {"do": "step"}, tab="two")
    tell(server, {"do": "step"}, tab="one")
    wait_for(lambda: two.read()["epoch"] == 1)
    wait_for(lambda: one.read()["epoch"] == 1)
    assert server.tabs["one"].session.settings["dataset"] == "circle"
    assert server.tabs["two"].session.settings["dataset"] == "spiral"
    tell(server, {"do": "close"}, tab="one")
    assert list(server.tabs) == ["two"]
    assert one.read() is None  # its stream has ended
    two.close()


def test_a_lost_tab_comes_back_or_is_freed(server, monkeypatch):
    stream = Stream(server)
    tell(server, {"do": "play"})
    wait_for(lambda: stream.read()["epoch"] > 1)
    stream.close()
    wait_for(lambda: not server.tabs["one"].watched)
    epoch = server.tabs["one"].session.n_epochs
    stream = Stream(server)
    assert stream.read()["epoch"] >= epoch  # the same session
    stream.close()
    monkeypatch.setattr("sknn_scratch.playground.server.PATIENCE", 0.1)
    wait_for(lambda: not server.tabs)


def test_a_newer_stream_of_a_tab_ends_the_older(server):
    older = Stream(server)
    older.read()
    newer = Stream(server)
    newer.read()
    tell(server, {"do": "step"})
    assert newer.read() is not None
    wait_for(lambda: older.read() is None)
    newer.close()


def test_only_so_many_tabs(server):
    for i in range(MOST_TABS):
        assert tell(server, {"do": "pause"}, tab=f"tab {i}".replace(" ", ""))[0] == 200
    assert "tabs are open" in tell(server, {"do": "pause"}, tab="another")[1]
    assert ask(server, "/frames", tab="another")[0] == 503


@pytest.mark.parametrize(
    "kwargs",
    [
        {"token": ""},
        {"token": "x" * 32},
        {"token": "%C3%A9"},
        {"headers": {"Origin": "http://evil.example"}},
        {"headers": {"Origin": "null"}},
        {"headers": {"Host": "evil.example"}},  # a name that was bound to 127.0.0.1
    ],
)
@pytest.mark.parametrize(("path", "method"), [("/", "GET"), ("/frames", "GET"), ("/code", "GET"), ("/do", "POST")])
def test_pages_of_other_sites_are_refused(server, path, method, kwargs):
    status, text = ask(server, path, method, '{"do": "step"}', **kwargs)
    assert status == 403
    assert "address" in text
    assert not server.tabs


def test_own_origin_is_not_refused(server):
    for name in ("127.0.0.1", "localhost"):
        host = f"{name}:{server.server_port}"
        assert tell(server, {"do": "step"}, headers={"Host": host, "Origin": f"http://{host}"})[0] == 200


@pytest.mark.parametrize(
    "path", ["/page.html", "/server.py", "/../server.py", "/%2e%2e/server.py", "//etc/passwd", "/do"]
)
def test_nothing_else_is_served(server, path):
    assert ask(server, path)[0] == 404


@pytest.mark.parametrize(("method", "status"), [("PUT", 501), ("OPTIONS", 501), ("DELETE", 501), ("HEAD", 501)])
def test_other_methods(server, method, status):
    assert ask(server, "/", method)[0] == status


def test_bodies(server):
    assert ask(server, "/other", "POST", "{}")[0] == 404
    for body in (
        "{",
        "[" * 100_000,
        "3",
        '{"do": "fly"}',
        b"\xff\xfe",
        '{"do": "set", "settings": {"x": NaN}}',
        "\ud800".encode("utf-8", "surrogatepass"),
    ):
        assert ask(server, "/do", "POST", body)[0] == 400
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    for length, status in ((10**8, 413), (LARGEST_BODY + 1, 413), ("ten", 411), ("-5", 411)):
        connection.putrequest("POST", f"/do?token={server.token}")
        connection.putheader("Content-Length", str(length))
        connection.endheaders()  # the answer comes before the body
        assert connection.getresponse().status == status
        connection.close()
    assert tell(server, {"do": "step"})[0] == 200


def test_idle_and_babbling_clients_leave_it_answering(server):
    rng = np.random.default_rng(0)
    idle = []
    for i in range(1000):
        try:
            client = socket.create_connection(("127.0.0.1", server.server_port), timeout=10)
        except OSError:  # no more file descriptors here
            break
        if i % 50 == 0:
            client.sendall(rng.bytes(200) + b"\r\n\r\n")
        idle.append(client)
    assert len(idle) > 200
    assert ask(server)[0] == 200
    assert tell(server, {"do": "step"})[0] == 200
    assert len(server.waiting) <= 70
    for client in idle:
        client.close()


def test_page_ends_the_server():
    page = playground(dataset="xor")
    assert page.url in page._repr_html_()
    where = urlsplit(page.url)
    connection = http.client.HTTPConnection(where.netloc, timeout=10)
    connection.request("POST", f"/do?{where.query}", '{"do": "quit"}')
    assert connection.getresponse().status == 200
    page.wait()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((where.hostname, where.port), timeout=5)


def test_command_line(capsys, tmp_path):
    assert main(["--data", str(tmp_path / "none.csv"), "--target", "y", "--no-browser"]) == 2
    assert "none.csv" in capsys.readouterr().err
    path = tmp_path / "kinds.csv"
    path.write_bytes(CSV)
    assert main(["--data", str(path), "--no-browser"]) == 2
    assert "--target" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["--target", "kind", "--no-browser"])
    assert "--data" in capsys.readouterr().err
    assert main(["--port", "99999", "--no-browser"]) == 2
    thread = threading.Thread(target=main, args=(["--data", str(path), "--target", "kind", "--no-browser"],))
    thread.start()
    out = ""
    while "http" not in out:
        out += capsys.readouterr().out
        time.sleep(0.01)
    where = urlsplit(out.split()[0])
    assert main(["--port", str(where.port), "--no-browser"]) == 2
    assert f"Port {where.port} is in use" in capsys.readouterr().err
    connection = http.client.HTTPConnection(where.netloc, timeout=10)
    connection.request("POST", f"/do?{where.query}", '{"do": "quit"}')
    assert connection.getresponse().status == 200
    thread.join(10)
    assert not thread.is_alive()
