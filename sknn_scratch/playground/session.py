"""A session of the playground: commands come in, and an estimator is trained on points of the plane."""

import base64
import binascii
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, clone
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.svm import SVC, SVR

from .._typing import Floats
from ..estimators.base import NetworkEstimator
from ..estimators.convnet import ConvNetClassifier
from ..estimators.mlp import MLPClassifier, MLPRegressor
from ..estimators.perceptron import PerceptronClassifier
from .problem import MOST_CLASSES, MOST_ROWS, Problem, make_dataset, read_digits, read_upload
from .settings import DEFAULTS, LIVE, SPELLINGS, checked, index, number, settings_of

FEATURES = {
    "x": "X[:, 0]",
    "y": "X[:, 1]",
    "xSquared": "X[:, 0] ** 2",
    "ySquared": "X[:, 1] ** 2",
    "xTimesY": "X[:, 0] * X[:, 1]",
    "sinX": "np.sin(X[:, 0])",
    "sinY": "np.sin(X[:, 1])",
}
COMPUTE: dict[str, Callable[[Floats], Floats]] = {  # from the very text that "as Python" shows
    name: eval(f"lambda X: {text}", {"np": np}) for name, text in FEATURES.items()
}


class Session:
    """What one page works with: settings, points, and the estimator that is trained on them.

    Parameters
    ----------
    estimator : estimator, default=None
        What is trained: as it is or, if it is a network of dense layers, with the settings of the page.
    own : Problem, default=None
        Points of the user.
    **settings
        Values other than `DEFAULTS`.

    Attributes
    ----------
    estimator : estimator
        What is trained.
    model : estimator or None
        What is to be seen: the estimator, or before its first epoch a network with the same initial values.
    log : list of tuple
        All that was done to the `initial` estimator so far, for "as Python".
    version : int
        Grows whenever settings or points change.
    """

    def __init__(self, estimator: BaseEstimator | None = None, own: Problem | None = None, **settings: Any) -> None:
        self.given, self.own = estimator, own
        self.settings = dict(DEFAULTS)
        self.drawn: list[tuple[float, float, float]] = []
        self.digit = np.zeros((1, 64))
        self.playing, self.version = False, 0
        if estimator is not None:
            self.settings |= settings_of(estimator)
        if own is not None:
            self._use(own)
        self._do_set(settings)

    def do(self, command: object) -> None:
        """Obey a command such as ``{"do": "set", "settings": {"noise": 10}}``; a ValueError says what is wrong."""
        if not isinstance(command, dict) or not isinstance(command.get("do"), str):
            raise ValueError(f'A command is like {{"do": "play"}}, got {command!r:.100}.')
        arguments = {name: value for name, value in command.items() if name != "do"}
        method = getattr(self, f"_do_{command['do']}", None)
        if method is None:
            known = ", ".join(name.removeprefix("_do_") for name in dir(self) if name.startswith("_do_"))
            raise ValueError(f"There is no command {command['do']!r:.100}; there are {known}.")
        try:
            inspect.signature(method).bind(**arguments)
        except TypeError as error:
            raise ValueError(f"The command {command['do']!r}: {error}.") from None
        self.message = ""
        method(**arguments)

    def _do_play(self) -> None:
        self.message = self._why_not()
        self.playing = not self.message

    def _do_pause(self) -> None:
        self.playing = False

    def _do_step(self) -> None:
        self.playing = False
        self.train()

    def _do_reset(self) -> None:
        self._start()

    def _do_set(self, settings: object) -> None:
        """Change settings; most of them begin a new training."""
        if not isinstance(settings, dict):
            raise ValueError(f"settings should be names and values, got {settings!r:.100}.")
        new = {name: checked(name, value) for name, value in settings.items()}
        merged = self.settings | new
        if "own" in (new.get("dataset"), new.get("regDataset")) and self.own is None:
            raise ValueError("There are no points of your own yet: draw some, or open a file.")
        if new.get("model") == "own" and self.given is None:
            raise ValueError("There is no estimator of your own: pass one to playground(estimator).")
        if merged["model"] == "perceptron" and merged["problem"] == "regression":
            raise ValueError("A perceptron learns classes, not numbers: choose another model, or classification.")
        if not any(merged[name] for name in FEATURES):
            raise ValueError("The network needs an input: leave one feature at least.")
        changed = {name for name in new if new[name] != self.settings[name]}
        self.settings = merged
        if changed & {"problem", "dataset", "regDataset"}:
            self.drawn = []
        if self.version == 0 or changed - LIVE - {"speed"}:
            self._start()
        elif changed & LIVE and isinstance(self.estimator, NetworkEstimator) and merged["model"] != "own":
            self.estimator.set_params(**self._live())
            self.log.append(("set", self._live()))
        self.version += 1

    def _do_weight(self, layer: object, source: object, target: object, value: object) -> None:
        """Set a weight, or with None for `source` a bias. Layers, and the units of each, are counted from 0."""
        weights, biases = self.weights()
        if not weights or not self.is_trained:
            raise ValueError("There are no weights to set: train a network or a perceptron first.")
        k = index("layer", layer, len(weights))
        j = index("target", target, len(biases[k]))
        i = None if source is None else index("source", source, len(weights[k]))
        (biases[k] if i is None else weights[k][i])[j] = number("value", value, -1e6, 1e6)
        if isinstance(self.estimator, PerceptronClassifier):
            self.estimator.coef_, self.estimator.intercept_ = weights[0].T, biases[0]
        else:
            self.estimator.set_weights(weights, biases)
        self._moved = True
        self.log.append(("weight", k, i, j, value))

    def _do_draw(self, x: object, y: object, label: object) -> None:
        """Add a point to the training set."""
        if self.is_digits:
            raise ValueError("Points are drawn in the plane, not among the digits.")
        if len(self.X) >= MOST_ROWS:
            raise ValueError(f"{MOST_ROWS} points are enough: clear them first.")
        answer = number("label", label, -1, 1) if self.is_regression else index("label", label, MOST_CLASSES)
        point = (round(number("x", x, -6, 6), 3), round(number("y", y, -6, 6), 3), answer)
        self.drawn.append(point)
        if self.is_trained and (self.is_regression or answer in self.classes):  # training goes on, with one point more
            self._add(*point)
            self._moved = True
            self.log.append(("draw", *point))
            self.version += 1
        else:
            self._start()

    def _do_clear(self) -> None:
        """Take all points away, to draw others."""
        self._use(Problem(np.zeros((0, 2)), self.problem.y[:0], self.is_regression))
        self._start()

    def _do_csv(self, content: object, target: object, columns: object = ()) -> None:
        """Take the points of a CSV file, whose content comes in base64."""
        if not isinstance(content, str) or not isinstance(target, str):
            raise ValueError("A file needs its content, and the name of the column to predict.")
        if not isinstance(columns, list | tuple) or len(columns) not in (0, 2) or set(map(type, columns)) - {str}:
            raise ValueError("Name two columns, or none for the first two principal components.")
        try:
            content_ = base64.b64decode(content, validate=True)
        except binascii.Error as error:
            raise ValueError(f"The content of a file should be in base64: {error}.") from None
        self._use(read_upload(content_, target, columns))
        self._start()

    def _do_digit(self, pixels: object) -> None:
        """Show a digit to the network: 64 numbers from 0 to 1, line by line."""
        if not isinstance(pixels, list) or len(pixels) != 64:
            raise ValueError("A digit has 64 pixels.")
        self.digit = np.array([[number("pixels", pixel, 0, 1) for pixel in pixels]], dtype=float)

    # Settings and points

    @property
    def is_regression(self) -> bool:
        return bool(self.settings["problem"] == "regression")

    @property
    def is_digits(self) -> bool:
        return self.dataset == "digits"

    @property
    def is_trained(self) -> bool:
        return any(what in ("epochs", "rows", "fit") for what, *_ in self.log)

    @property
    def dataset(self) -> str:
        """Name of the data set."""
        return str(self.settings["regDataset" if self.is_regression else "dataset"])

    @property
    def seed(self) -> int:
        """The seed as a whole number: those in the original's links are fractions."""
        seed = float(self.settings["seed"])
        return int(seed) if seed.is_integer() else int(seed * 1e5) % 2**31

    @property
    def n_train(self) -> int:
        """How many rows of the problem are trained on, besides those that are drawn."""
        n = len(self.problem.X)
        return min(n, max(1, round(n * self.settings["percTrainData"] / 100)))

    def _use(self, own: Problem) -> None:
        """Go over to the user's points."""
        self.own, self.drawn = own, []
        self.settings["problem"] = "regression" if own.is_regression else "classification"
        if own.is_regression and self.settings["model"] == "perceptron":
            self.settings["model"] = "network"
        self.settings["regDataset" if own.is_regression else "dataset"] = "own"

    def _start(self) -> None:
        """Make the points, and a new estimator."""
        if self.is_digits:
            self.problem = read_digits()
        elif self.dataset == "own" and self.own is not None:
            self.problem = self.own
        else:
            noise = self.settings["noise"] / 100
            X, y = make_dataset(self.dataset, noise=noise, random_state=self.seed)
            self.problem = Problem(X, y, self.is_regression)
        X, y = self.problem.X, self.problem.y
        self.X, self.y, self.X_test, self.y_test = X, y, X[:0], y[:0]
        if self.n_train < len(X):
            parts = train_test_split(X, y, train_size=self.n_train, random_state=self.seed)
            self.X, self.X_test, self.y, self.y_test = parts
        for point in self.drawn:
            self._add(*point)
        self.n_drawn_before = len(self.drawn)
        self.classes = [] if self.is_regression else np.unique(np.append(self.y, self.y_test)).tolist()
        self.initial = self._new_estimator()
        self.estimator = clone(self.initial)
        self.model: Any = self._untrained()
        self.n_epochs = 0
        self.log: list[tuple[Any, ...]] = []
        self.mistake: int | None = None  # the row that moved the perceptron last
        self._ahead = np.zeros(0, dtype=int)  # the rows of this epoch that it has not seen yet
        self._moved = True  # did it move, or was it moved, since this epoch began
        self.message = ""
        self.playing = self.playing and not self._why_not()
        self.version += 1

    def _add(self, x: float, y: float, answer: float) -> None:
        self.X, self.y = np.append(self.X, [[x, y]], axis=0), np.append(self.y, answer).astype(self.y.dtype)

    def _new_estimator(self) -> BaseEstimator:
        s = self.settings
        if s["model"] == "own":
            return clone(self.given)
        if s["model"] == "knn":
            return (KNeighborsRegressor if self.is_regression else KNeighborsClassifier)(n_neighbors=s["neighbors"])
        if s["model"] == "svm":
            return SVR(C=s["C"]) if self.is_regression else SVC(C=s["C"])
        if s["model"] == "perceptron":
            return PerceptronClassifier(random_state=self.seed)
        if self.is_digits:
            network = ConvNetClassifier(filters=(8,))
        else:
            kind = MLPRegressor if self.is_regression else MLPClassifier
            network = clone(self.given) if type(self.given) is kind else kind()
            network.set_params(embedding=None)  # the page draws what is between the features and the hidden units
        return network.set_params(
            hidden_layer_sizes=tuple(s["networkShape"]),
            activation=SPELLINGS.get(s["activation"], s["activation"]),
            dropout=float(s["dropout"]),
            standardize=s["standardize"],
            init="zeros" if s["initZero"] else "glorot",
            random_state=self.seed,
            **self._live(),
        )

    def _untrained(self) -> BaseEstimator | None:
        """Return a network with the initial values of the estimator, to be seen: its one step is next to nothing."""
        if not isinstance(self.initial, NetworkEstimator) or self.settings["model"] == "own" or self._why_not():
            return None
        still = {"solver": "sgd", "learning_rate_init": 1e-12, "alpha": 0, "batch_size": MOST_ROWS}
        return clone(self.initial).set_params(**still).partial_fit(self.features(self.X), self.y, **self._known())

    def _known(self) -> dict[str, Any]:
        """Return what `partial_fit` of a classifier is told besides rows."""
        return {} if self.is_regression else {"classes": self.classes}

    def _live(self) -> dict[str, Any]:
        """Return the parameters of a network that may change while it learns."""
        s = self.settings
        return {
            "solver": s["solver"],
            "learning_rate": s["schedule"],
            "learning_rate_init": s["learningRate"],
            "batch_size": s["batchSize"],
            "alpha": 0 if s["regularization"] == "none" else s["regularizationRate"],
            "l1_ratio": 1.0 if s["regularization"] == "L1" else 0.0,
        }

    def features(self, X: Floats) -> Floats:
        """Return what the estimator sees of points."""
        if self.is_digits:
            return X
        return np.column_stack([COMPUTE[name](X) for name in FEATURES if self.settings[name]])

    # Training

    def _why_not(self) -> str:
        """Return what a training lacks; "" for nothing."""
        if not len(self.X):
            return "There are no points to learn: draw some, or choose a data set."
        if not self.is_regression and len(np.unique(self.y)) < 2:
            return "All points have the same class: draw points of another one."
        return ""

    def tick(self) -> None:
        """Train on, if the play is on."""
        if self.playing:
            self.train()

    def train(self) -> None:
        """Train for an epoch, a perceptron until its next mistake; what goes wrong becomes the message."""
        self.message = self._why_not()
        if not self.message:
            try:
                self._train(self.features(self.X), self.y)
                self.model = self.estimator
            except Exception as error:  # divergence, or whatever an estimator of the user does not like
                self.fail(error)
        self.playing = self.playing and not self.message

    def fail(self, error: Exception) -> None:
        """Stop, and say why."""
        self.playing, self.message = False, str(error) or type(error).__name__

    def _train(self, X: Floats, y: npt.NDArray[Any]) -> None:
        if isinstance(self.estimator, PerceptronClassifier):
            self._train_to_mistake(self.estimator, X, y)
        elif hasattr(self.estimator, "partial_fit"):
            self.estimator.partial_fit(X, y, **self._known())
            self.n_epochs += 1
            n = self.log.pop()[1] if self.log and self.log[-1][0] == "epochs" else 0
            self.log.append(("epochs", n + 1))
        else:
            self.estimator.fit(X, y)
            self.n_epochs, self.playing = 1, False  # it is done
            self.log = [entry for entry in self.log if entry[0] != "fit"] + [("fit",)]

    def _train_to_mistake(self, model: PerceptronClassifier, X: Floats, y: npt.NDArray[Any]) -> None:
        """Show rows to the perceptron, in a random order, until one moves it, or until an epoch had no mistake."""
        while True:
            if not len(self._ahead):
                self._ahead = np.random.default_rng([self.seed, self.n_epochs]).permutation(len(X))
                if not self._moved:
                    self.mistake, self._moved = None, True
                    self.message = "An epoch without a mistake: the perceptron has learned all points."
                    return
                self.n_epochs += 1
                self._moved = False
            wrong = np.ones(len(self._ahead), dtype=bool)
            if hasattr(model, "coef_"):
                scores = X[self._ahead] @ model.coef_.T + model.intercept_
                planes = self.classes if scores.shape[1] > 1 else self.classes[1:]
                wrong = (np.where(y[self._ahead, None] == planes, 1, -1) * scores <= 0).any(axis=1)
            n_seen = int(wrong.argmax()) + 1 if wrong.any() else len(wrong)
            row, self._ahead = int(self._ahead[n_seen - 1]), self._ahead[n_seen:]
            if wrong.any():
                break
        model.partial_fit(X[[row]], y[[row]], classes=self.classes)
        self.mistake, self._moved = row, True
        rows = self.log.pop()[1] if self.log and self.log[-1][0] == "rows" else []
        self.log.append(("rows", [*rows, row]))

    def weights(self) -> tuple[list[Floats], list[Floats]]:
        """Return copies of the weights and biases of each layer that is shown; none of a model without."""
        model = self.model
        if isinstance(model, PerceptronClassifier) and hasattr(model, "coef_"):
            return [model.coef_.T.copy()], [model.intercept_.copy()]
        if isinstance(model, MLPClassifier | MLPRegressor):
            return [W.copy() for W in model.coefs_], [b.copy() for b in model.intercepts_]
        return [], []
