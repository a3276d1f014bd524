"""A session as Python: what it did, as the calls that give the same model."""

from typing import Any

from .session import FEATURES, Session


def as_python(session: Session) -> str:
    """Return a script at whose end `model` is the estimator of the session."""
    kind = type(session.estimator)
    module = ".".join(part for part in kind.__module__.split(".") if not part.startswith("_"))
    imports = {"import numpy as np", f"from {module} import {kind.__name__}"}
    s, split = session.settings, session.n_train < len(session.problem.X)
    if session.is_digits:
        imports.add("from sklearn.datasets import load_digits")
        lines = ["X, y = load_digits(return_X_y=True)", "X = X / 16"]
    elif session.dataset == "own":
        lines = [f"X = np.array({session.problem.X.tolist()}).reshape(-1, 2)"]
        lines += [f"y = np.array({session.problem.y.tolist()}, dtype={session.problem.y.dtype.name!r})"]
    else:
        imports.add("from sknn_scratch.playground import make_dataset")
        noise = f"noise={s['noise'] / 100}, " if s["noise"] else ""
        lines = [f"X, y = make_dataset({session.dataset!r}, {noise}random_state={session.seed})"]
    if split:
        imports.add("from sklearn.model_selection import train_test_split")
        how = f"train_size={session.n_train}, random_state={session.seed}"
        lines += [f"X, X_test, y, y_test = train_test_split(X, y, {how})"]
    for point in session.drawn[: session.n_drawn_before]:
        lines += _call(("draw", *point), "", "")
    chosen = [text for name, text in FEATURES.items() if s[name]]
    rows = "X"
    if not session.is_digits and chosen != [FEATURES["x"], FEATURES["y"]]:
        lines += ["", "", "def features(X):", f"    return np.column_stack([{', '.join(chosen)}])", "", ""]
        rows = "features(X)"
    lines += [f"model = {session.initial.__repr__(N_CHAR_MAX=100_000)}"]
    classes = "" if session.is_regression else f", classes={session.classes}"
    for entry in session.log:
        lines += _call(entry, rows, classes, is_perceptron=hasattr(session.estimator, "coef_"))
    if not any("np." in line for line in lines):
        imports.remove("import numpy as np")
    return "\n".join([*sorted(imports, key=lambda line: (line.startswith("from"), line)), "", *lines, ""])


def _call(entry: tuple[Any, ...], rows: str, classes: str, is_perceptron: bool = False) -> list[str]:
    """Return the lines of an entry of the log."""
    match entry:
        case ("epochs", n):
            return [f"for epoch in range({n}):", f"    model.partial_fit({rows}, y{classes})"]
        case ("rows", order):
            return [
                f"for row in {order}:  # each was a mistake",
                f"    model.partial_fit({rows}[[row]], y[[row]]{classes})",
            ]
        case ("fit",):
            return [f"model.fit({rows}, y)"]
        case ("set", parameters):
            return [f"model.set_params({', '.join(f'{name}={value!r}' for name, value in parameters.items())})"]
        case ("draw", x, y, answer):
            return [f"X, y = np.append(X, [[{x}, {y}]], axis=0), np.append(y, {answer})"]
        case ("weight", layer, i, j, value) if is_perceptron:
            return [f"model.intercept_[{j}] = {value}" if i is None else f"model.coef_[{j}, {i}] = {value}"]
        case ("weight", layer, i, j, value):
            place = f"biases[{layer}][{j}]" if i is None else f"weights[{layer}][{i}, {j}]"
            return [
                "weights, biases = [W.copy() for W in model.coefs_], [b.copy() for b in model.intercepts_]",
                f"{place} = {value}",
                "model.set_weights(weights, biases)",
            ]
    raise AssertionError(entry)
