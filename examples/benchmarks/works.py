"""What the speed benchmark measures: each work, and how every contender does it."""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_digits, load_iris
from sklearn.linear_model import Perceptron
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.neural_network import MLPClassifier as SklearnMLPClassifier
from sklearn.neural_network import MLPRegressor as SklearnMLPRegressor

import sknn_scratch
from sknn_scratch.datasets import load_mnist
from sknn_scratch.nn.layers import Dense, ReLU

BATCH_OF_PREDICTION = 1000  # of the plain PyTorch loop


@cache
def data(name, mnist):
    """Return float32 inputs and labels, to learn from and to test on."""
    if name == "mnist" and mnist:
        X, y, X_test, y_test = load_mnist(Path(mnist))
    elif name == "mnist":  # the same work, though nothing can be learned
        rng = np.random.default_rng(0)
        X, X_test = (rng.random((n, 784), dtype=np.float32) for n in (60_000, 10_000))
        y, y_test = (rng.integers(0, 10, n) for n in (60_000, 10_000))
    elif name == "few columns":  # two classes; a tenth of the labels is wrong
        rng = np.random.default_rng(0)
        X = rng.normal(size=(25_000, 10)).astype(np.float32)
        y = ((X[:, 0] + X[:, 1] > 0) ^ (rng.random(25_000) < 0.1)).astype(int)
        X, X_test, y, y_test = X[:20_000], X[20_000:], y[:20_000], y[20_000:]
    else:
        X, y = {"digits": load_digits, "iris": load_iris}[name](return_X_y=True)
        X, X_test, y, y_test = train_test_split(X.astype(np.float32), y, random_state=0)
    return X, y, X_test, y_test


@dataclass(frozen=True)
class Net:
    """A network and how it is trained, the same for every contender: constant rate, inputs as they come."""

    hidden: tuple[int, ...]
    solver: str = "adam"
    rate: float = 1e-3
    batch: int = 200
    epochs: int = 1
    filters: tuple[int, ...] = ()
    kernel: int = 3
    padding: str = "same"

    def ours(self):
        """Return our estimator."""
        settings: dict[str, Any] = {
            "hidden_layer_sizes": self.hidden, "solver": self.solver, "learning_rate_init": self.rate,
            "batch_size": self.batch, "max_iter": self.epochs, "learning_rate": "constant", "standardize": False,
            "alpha": 1e-4, "tol": 0.0, "n_iter_no_change": np.inf, "random_state": 0,
        }  # fmt: skip
        if not self.filters:
            return sknn_scratch.MLPClassifier(**settings)
        images = {"filters": self.filters, "kernel_size": self.kernel, "padding": self.padding}
        return sknn_scratch.ConvNetClassifier(**settings, **images)

    def sklearn(self):
        """Return scikit-learn's estimator, which has no convolution."""
        if self.filters:
            return None
        return SklearnMLPClassifier(
            self.hidden, solver=self.solver, momentum=0.0, learning_rate_init=self.rate, batch_size=self.batch,
            max_iter=self.epochs, tol=0.0, n_iter_no_change=10_000, random_state=0,
        )  # fmt: skip

    def torch(self, n_features, n_classes, channels_last):
        """Return the network as a PyTorch module."""
        from torch import channels_last as last
        from torch import nn

        layers, shape = [], (1, 28, 28) if self.filters else (n_features,)
        for n in self.filters:
            layers += [nn.Conv2d(shape[0], n, self.kernel, padding=self.padding), nn.ReLU(), nn.MaxPool2d(2)]
            lost = 0 if self.padding == "same" else self.kernel - 1
            shape = (n, (shape[1] - lost) // 2, (shape[2] - lost) // 2)
        layers += [nn.Flatten()] if self.filters else []
        sizes = (prod(shape), *self.hidden)
        for a, b in pairwise(sizes):
            layers += [nn.Linear(a, b), nn.ReLU()]
        net = nn.Sequential(*layers, nn.Linear(sizes[-1], n_classes))
        return net.to(memory_format=last) if channels_last else net

    def flops(self, n_rows, n_features, n_classes):
        """Return the operations of the matrix products of training: none towards the inputs of the first layer."""
        products, shape = [], (28, 28, 1)
        for n in self.filters:
            lost = 0 if self.padding == "same" else self.kernel - 1
            shape = (shape[0] - lost, shape[1] - lost, shape[2])
            products.append(prod(shape) * self.kernel**2 * n)
            shape = (shape[0] // 2, shape[1] // 2, n)
        sizes = (prod(shape) if self.filters else n_features, *self.hidden, n_classes)
        products += [a * b for a, b in pairwise(sizes)]
        return 2 * self.epochs * n_rows * (3 * sum(products) - products[0])


def torch_fit(module, net, X, y):
    """Train a PyTorch module in a plain loop."""
    import torch

    images, labels = as_torch(module, net, X), torch.from_numpy(y)
    make = torch.optim.Adam if net.solver == "adam" else torch.optim.SGD
    solver, loss = make(module.parameters(), net.rate), torch.nn.CrossEntropyLoss()
    for _ in range(net.epochs):
        for rows in torch.randperm(len(X)).split(net.batch):
            solver.zero_grad()
            loss(module(images[rows]), labels[rows]).backward()
            solver.step()


def torch_predict(module, net, X):
    """Return the probabilities."""
    import torch

    with torch.no_grad():
        return torch.cat([module(part).softmax(1) for part in as_torch(module, net, X).split(BATCH_OF_PREDICTION)])


def as_torch(module, net, X):
    """Return rows as the module takes them."""
    import torch

    if not net.filters:
        return torch.from_numpy(X).float()
    last = next(module.parameters()).is_contiguous(memory_format=torch.channels_last) and net.filters[0] > 1
    images = torch.from_numpy(X.reshape(-1, 1, 28, 28)).float()
    return images.to(memory_format=torch.channels_last) if last else images


def skorch(net, n_features, n_classes):
    """Return skorch's estimator."""
    import torch
    from skorch import NeuralNetClassifier

    optimizer = torch.optim.Adam if net.solver == "adam" else torch.optim.SGD
    return NeuralNetClassifier(
        net.torch(n_features, n_classes, False), criterion=torch.nn.CrossEntropyLoss, optimizer=optimizer, lr=net.rate,
        batch_size=net.batch, max_epochs=net.epochs, iterator_train__shuffle=True, train_split=None, verbose=0,
    )  # fmt: skip


@dataclass(frozen=True)
class Work:
    """Something to time: with a network, or with an estimator of `ESTIMATORS`."""

    data: str
    do: str
    net: Net | None = None
    n_rows: int | None = None
    dtype: str = "float32"
    estimator: str = ""


def layers():
    """Return the layers of a small network."""
    return [Dense(50), ReLU()]


# Of each public estimator, and of its peer in scikit-learn: how it is made, to predict a row. Digits are 8 x 8.
ESTIMATORS: dict[str, tuple[Any, Any]] = {
    "MLPClassifier": (lambda: sknn_scratch.MLPClassifier(max_iter=2), lambda: SklearnMLPClassifier(max_iter=2)),
    "MLPRegressor": (lambda: sknn_scratch.MLPRegressor(max_iter=2), lambda: SklearnMLPRegressor(max_iter=2)),
    "PerceptronClassifier": (lambda: sknn_scratch.PerceptronClassifier(max_iter=2), lambda: Perceptron(max_iter=2)),
    "NetworkClassifier": (lambda: sknn_scratch.NetworkClassifier(layers(), max_iter=2), None),
    "NetworkRegressor": (lambda: sknn_scratch.NetworkRegressor(layers(), max_iter=2), None),
    "ConvNetClassifier": (lambda: sknn_scratch.ConvNetClassifier((8,), max_iter=2), None),
    "ConvNetRegressor": (lambda: sknn_scratch.ConvNetRegressor((8,), max_iter=2), None),
    "RecurrentClassifier": (lambda: sknn_scratch.RecurrentClassifier(max_iter=2), None),
    "RecurrentRegressor": (lambda: sknn_scratch.RecurrentRegressor(max_iter=2), None),
    "HiddenFeatures": (lambda: sknn_scratch.HiddenFeatures(sknn_scratch.MLPClassifier(max_iter=2)), None),
}
LENET = Net((128,), batch=128, filters=(8, 16), kernel=5, padding="valid")
VGG = Net((128,), batch=128, filters=(32, 64))
DENSE = {
    "784-50-10, SGD, batch 100, 1,200 steps": Net((50,), "sgd", 0.1, 100, 2),
    "784-256-128-10, Adam, batch 128, 1 epoch": Net((256, 128), batch=128),
    "784-1024-1024-10, Adam, batch 256, 1 epoch": Net((1024, 1024), batch=256),
}
ONNX = "predict_proba of 1 row, by onnxruntime, 1,000 times"
WORKS = {
    **{title: Work("mnist", "fit", net) for title, net in DENSE.items()},
    **{f"{title}, float64 rows": Work("mnist", "fit", net, dtype="float64") for title, net in DENSE.items()},
    "iris, (16,), Adam, batch 15, 2,000 steps": Work("iris", "fit", Net((16,), batch=15, epochs=250)),
    "grid search on digits, 6 x 3 fits of 30 epochs": Work("digits", "search", Net((50,), batch=200, epochs=30)),
    "convnet (8, 16) 5x5 valid, 12,800 images + predict 10,000": Work("mnist", "fit and predict", LENET, 12_800),
    "convnet (32, 64) 3x3 same, 6,400 images + predict 10,000": Work("mnist", "fit and predict", VGG, 6_400),
    "perceptron, 5 epochs of MNIST": Work("mnist", "perceptron"),
    "perceptron, 5 epochs of 20,000 rows of 10 columns": Work("few columns", "perceptron"),
    "predict_proba of 1 row, 1,000 times": Work("mnist", "predict one", Net((100,)), 1_000),
    **({ONNX: Work("mnist", "predict by onnxruntime", Net((100,)), 1_000)} if find_spec("onnxruntime") else {}),
    "predict_proba of 10,000 rows": Work("mnist", "predict", Net((100,)), 1_000),
    **{f"1 row by {name}, 1,000 times": Work("digits", "predict a row", estimator=name) for name in ESTIMATORS},
    "MLPClassifier() on digits": Work("digits", "defaults"),
    "MLPClassifier() on MNIST": Work("mnist", "defaults"),
    "MLPClassifier() on 20,000 images, float64 rows": Work("mnist", "defaults", n_rows=20_000, dtype="float64"),
}
CONTENDERS = ("ours", "scikit-learn", "PyTorch", "PyTorch, channels last", "skorch")


def prepare(contender, work, mnist):
    """Return a function of no arguments that does the work, or None where this contender cannot."""
    X, y, X_test, y_test = data(work.data, mnist)
    X, y = X[: work.n_rows].astype(work.dtype, copy=False), y[: work.n_rows]
    X_test = X_test.astype(work.dtype, copy=False)
    if (work.net is None or work.do == "search") and contender not in ("ours", "scikit-learn"):
        return None
    if work.do == "predict a row":
        return prepare_row(ESTIMATORS[work.estimator][contender != "ours"], X, y)
    if work.do == "perceptron":
        make = sknn_scratch.PerceptronClassifier if contender == "ours" else Perceptron
        return lambda: make(max_iter=5, tol=None, random_state=0).fit(X, y).score(X_test, y_test)
    if work.do == "defaults":
        make = sknn_scratch.MLPClassifier if contender == "ours" else SklearnMLPClassifier
        return lambda: make(random_state=0).fit(X, y).score(X_test, y_test)
    if contender == "PyTorch, channels last" and not work.net.filters:
        return None
    estimator = {"ours": Net.ours, "scikit-learn": Net.sklearn}.get(contender, lambda net: None)(work.net)
    if contender == "skorch":
        estimator = skorch(work.net, X.shape[1], y.max() + 1)
    if contender.startswith("PyTorch"):
        return prepare_torch(contender, work, X, y, X_test)
    if estimator is None:
        return None
    if contender == "skorch" and work.net.filters:
        X, X_test = X.reshape(-1, 1, 28, 28), X_test.reshape(-1, 1, 28, 28)
    if work.do == "fit" and contender == "skorch":
        return lambda: estimator.fit(X.astype(np.float32, copy=False), y) and None
    if work.do == "fit":
        return lambda: estimator.fit(X, y) and None
    if work.do == "fit and predict":
        return lambda: estimator.fit(X, y).predict_proba(X_test) is None
    if work.do == "search":
        sizes = {"hidden_layer_sizes": [(25,), (50,), (75,), (100,), (50, 50), (100, 50)]}
        return lambda: GridSearchCV(estimator, sizes, cv=3).fit(X, y).score(X_test, y_test)
    if work.do == "predict by onnxruntime":
        return prepare_onnx(estimator.fit(X, y), X_test) if contender == "ours" else None
    estimator.fit(X, y)
    if work.do == "predict":
        return lambda: estimator.predict_proba(X_test) is None
    return lambda: [estimator.predict_proba(X_test[i : i + 1]) for i in range(1_000)] and None


def prepare_row(make, X, y):
    """Return a function that predicts one row after the other, or transforms it."""
    if make is None:
        return None
    estimator = make()
    if isinstance(estimator, sknn_scratch.RecurrentClassifier | sknn_scratch.RecurrentRegressor):
        X = X.reshape(-1, 8, 8)
    estimator.fit(X, y)
    answer = estimator.transform if hasattr(estimator, "transform") else estimator.predict
    return lambda: [answer(X[i : i + 1]) for i in range(1_000)] and None


def prepare_onnx(estimator, X):
    """Return a function that predicts one row after the other by the exported model."""
    import onnxruntime

    from sknn_scratch.onnx import to_onnx

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # there is no work for more
    session = onnxruntime.InferenceSession(to_onnx(estimator).SerializeToString(), options)
    return lambda: [session.run(["probabilities"], {"X": X[i : i + 1]}) for i in range(1_000)] and None


def prepare_torch(contender, work, X, y, X_test):
    """Return what PyTorch does for a work."""
    net = work.net

    def module():
        return net.torch(X.shape[1], y.max() + 1, contender.endswith("last"))

    if work.do == "fit":
        return lambda: torch_fit(module(), net, X, y)
    if work.do == "predict":
        fitted = module()
        return lambda: torch_predict(fitted, net, X_test) is None
    if work.do == "predict one":
        fitted = module()
        return lambda: [torch_predict(fitted, net, X_test[i : i + 1]) for i in range(1_000)] and None

    def both():
        fitted = module()
        torch_fit(fitted, net, X, y)
        torch_predict(fitted, net, X_test)

    return both
