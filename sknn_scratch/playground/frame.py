"""What the page shows of a session: the frame of an epoch, its pictures as bytes, and the state that changes seldom."""

import base64
from functools import cache
from typing import Any

import numpy as np
from scipy.special import softmax

from .._typing import Floats
from ..estimators.base import NetworkEstimator
from ..nn.layers.activations import Activation
from ..nn.layers.conv import Conv2D
from ..nn.trace import Trace
from .problem import CLASSES, QUANTITIES, make_dataset
from .session import COMPUTE, Session
from .settings import CHOICES

SMALL = 20  # pixels of a unit's surface, on each side


def state(session: Session) -> dict[str, Any]:
    """Return settings, points and names."""
    points = {"train": (session.X, session.y), "test": (session.X_test, session.y_test)}
    return {
        "version": session.version,
        "settings": session.settings,
        "choices": CHOICES,
        "thumbnails": _thumbnails(),
        "inputs": _inputs(),
        "hasOwn": session.own is not None,
        "hasEstimator": session.given is not None,
        "isDigits": session.is_digits,
        "points": {
            part: [] if session.is_digits else np.column_stack([X, y]).round(3).tolist()
            for part, (X, y) in points.items()
        },
        "classes": session.classes,
        "labels": session.problem.labels,
        "axes": session.problem.axes,
    }


def frame(session: Session, size: int = 100) -> dict[str, Any]:
    """Return what an epoch changes. The surface has size x size pixels, each unit's has 20 x 20."""
    shown: dict[str, Any] = {
        "version": session.version,
        "epoch": session.n_epochs,
        "playing": session.playing,
        "message": session.message,
        "mistake": session.mistake,
    }
    if session.model is not None:
        try:
            shown |= _looks(session, size)
        except Exception as error:  # a model that cannot predict, such as k-NN of fewer rows than neighbours
            session.model = None
            session.fail(error)
            shown |= {"playing": False, "message": session.message}
    return shown


def _looks(session: Session, size: int) -> dict[str, Any]:
    """Return what there is to be seen of a model."""
    shown: dict[str, Any] = {}
    values = _values(session, session.features(np.concatenate([session.X, session.X_test])))
    n = len(session.X)
    shown["train"] = _scores(session, values[:n], session.y)
    if len(session.X_test):
        shown["test"] = _scores(session, values[n:], session.y_test)
    if rates := getattr(session.model if session.is_trained else None, "history_", {}).get("learning_rate"):
        shown["rate"] = rates[-1]
    if session.is_digits:
        shown["digit"] = _values(session, session.digit)[0].round(3).tolist()
        network = isinstance(session.model, NetworkEstimator)
        maps = _hidden(session, session.digit, Activation | Conv2D) if network else []
        shown["maps"] = [[_signed(unit) for unit in layer[0].reshape(-1, layer.shape[-1]).T] for layer in maps]
        return shown
    weights, biases = session.weights()
    shown["weights"] = [W.astype(float).round(4).tolist() for W in weights]
    shown["biases"] = [b.astype(float).round(4).tolist() for b in biases]
    shown["surface"] = _surface(session, _values(session, session.features(_grid(size))))
    if len(weights) > 1:
        hidden = _hidden(session, session.features(_grid(SMALL)))
        shown["units"] = [[_bytes(127.5 + 127.5 * unit) for unit in layer.T] for layer in hidden]
    return shown


def _values(session: Session, X: Floats) -> Floats:
    """Return the predictions of a regression, of classes their probabilities or what comes near them."""
    model = session.model
    if session.is_regression:
        return np.asarray(model.predict(X))
    if not hasattr(model, "predict_proba") and not hasattr(model, "decision_function"):
        return (model.predict(X)[:, None] == np.asarray(session.classes)).astype(float)
    if hasattr(model, "predict_proba"):
        known = np.asarray(model.predict_proba(X))
    else:
        known = model.decision_function(X)
        known = softmax(np.column_stack([-known, known]) if known.ndim == 1 else known, axis=1)
    values = np.zeros((len(X), len(session.classes)), dtype=known.dtype)  # a class may be among the test points alone
    values[:, np.searchsorted(session.classes, model.classes_)] = known
    return values


def _scores(session: Session, values: Floats, y: Any) -> dict[str, float]:
    """Return the loss, where it is what the model minimises, and the accuracy of classes."""
    if session.is_regression:
        loss = float(np.mean((values - y) ** 2) / 2)
        return {"loss": loss} if np.isfinite(loss) else {}
    truth = np.searchsorted(session.classes, y)
    scores = {"accuracy": float(np.mean(values.argmax(axis=1) == truth))}
    if isinstance(session.model, NetworkEstimator):
        right = values[np.arange(len(y)), truth]
        scores["loss"] = float(-np.log(np.maximum(right, np.finfo(right.dtype).tiny)).mean())
    return scores


def _hidden(session: Session, X: Floats, kinds: Any = Activation) -> list[Floats]:
    """Return the outputs of the hidden layers."""
    trace = Trace(session.model._network, X)
    layers = zip(trace.network.layers, trace.outputs, strict=True)
    return [output for layer, output in layers if isinstance(layer, kinds)]


@cache
def _grid(size: int) -> Floats:
    """Return the points of the plane's pixels, line by line from the upper left corner."""
    ticks = np.linspace(-6, 6, size, dtype=np.float32)
    return np.stack(np.meshgrid(ticks, -ticks), axis=-1).reshape(-1, 2)


@cache
def _inputs() -> dict[str, str]:
    """Return the surface of each feature."""
    return {name: _signed(compute(_grid(SMALL))) for name, compute in COMPUTE.items()}


@cache
def _thumbnails() -> dict[str, list[list[float]]]:
    """Return a few points of each data set."""
    made = {name: make_dataset(name, n_samples=150) for name in (*CLASSES, *QUANTITIES)}
    return {name: np.column_stack([X, y]).round(2).tolist() for name, (X, y) in made.items()}


def _surface(session: Session, values: Floats) -> str:
    """Return predictions as bytes: a number or the second class's probability, else 25 a class and up to 24 for it."""
    if session.is_regression:
        return _bytes(127.5 + 127.5 * values)
    k = values.shape[1]
    if k == 2:
        return _bytes(255 * values[:, 1])
    classes = np.asarray(session.classes)[values.argmax(axis=1)]
    return _bytes(25 * classes + np.round(24 * (values.max(axis=1) - 1 / k) / (1 - 1 / k)))


def _signed(values: Floats) -> str:
    """Return numbers of both signs as bytes: 0 in the middle, the largest absolute value, or 1, at the end."""
    return _bytes(127.5 + 127.5 * values / max(1.0, float(np.abs(values).max())))


def _bytes(values: Floats) -> str:
    return base64.b64encode(np.clip(np.round(values), 0, 255).astype(np.uint8).tobytes()).decode()
