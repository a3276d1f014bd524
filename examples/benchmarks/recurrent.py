"""Recurrent networks on problems with known answers: what they reach, and in how many seconds.

    python examples/benchmarks/recurrent.py [--series FOLDER] [--mnist FOLDER] [--seeds 3]

FOLDER of the series holds JapaneseVowels_TRAIN.ts, JapaneseVowels_TEST.ts and the same of ItalyPowerDemand, as
https://timeseriesclassification.com has them, and Airline.csv, the monthly passengers of Box and Jenkins (1976); that
of MNIST its four files. Without a folder the problems that need it are left out. Figures are means over the seeds.
tests/test_recurrent_problems.py holds the bounds.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from sknn_scratch import RecurrentClassifier, RecurrentRegressor
from sknn_scratch.datasets import load_mnist
from sknn_scratch.forecasting import windows


def xor_in_time(random_state):
    """Return the mean squared errors of the next bit where it is a, b and a xor b (Elman 1990).

    The best that can be: 1/4, 1/4, 0.
    """
    rng = np.random.default_rng(random_state)

    def sequences(n, n_steps=30):
        a, b = rng.integers(0, 2, size=(2, n, n_steps // 3 + 1))
        bits = np.stack([a, b, a ^ b], axis=-1).reshape(n, -1).astype(float)
        return bits[:, :n_steps, None], bits[:, 1 : n_steps + 1]

    reg = RecurrentRegressor((16,), cell="simple", targets="step", random_state=random_state).fit(*sequences(300))
    X, y = sequences(300)
    b, third, a = ((reg.predict(X) - y) ** 2).mean(axis=0).reshape(-1, 3).mean(axis=0)
    return np.array([a, b, third])


def adding(cell, random_state, n_steps=50):
    """Return the mean squared error of the sum of two marked numbers (Hochreiter and Schmidhuber 1997).

    Predicting the mean has 1/6.
    """
    rng = np.random.default_rng(random_state)

    def sequences(n):
        rows, half = np.arange(n), n_steps // 2
        X = np.zeros((n, n_steps, 2))
        X[..., 0] = rng.random((n, n_steps))
        first, second = rng.integers(0, half, n), rng.integers(half, n_steps, n)
        X[rows, first, 1] = X[rows, second, 1] = 1
        return X, X[rows, first, 0] + X[rows, second, 0]

    reg = RecurrentRegressor((16,), cell=cell, pooling="last", max_iter=40, random_state=random_state)
    X, y = sequences(1000)
    reg.fit(X, y)
    X, y = sequences(500)
    return ((reg.predict(X) - y) ** 2).mean()


def first_symbol(random_state, n_steps=20):
    """Return the accuracy of saying which of four symbols came first, `n_steps` steps ago."""
    rng = np.random.default_rng(random_state)

    def sequences(n):
        symbols = rng.integers(0, 4, size=(n, n_steps))
        return np.eye(4)[symbols], symbols[:, 0]

    clf = RecurrentClassifier(max_iter=25, random_state=random_state)
    return clf.fit(*sequences(2000)).score(*sequences(1000))


def read_ts(path):
    """Return the sequences, arrays of shape (steps, features), and labels of a .ts file."""
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    X, y = [], []
    for line in lines[lines.index("@data") + 1 :]:
        *features, label = line.split(":")
        X.append(np.array([np.fromstring(feature, sep=",") for feature in features]).T)
        y.append(label)
    return X, np.array(y)


def classify(folder, name, random_state):
    """Return the accuracy of the defaults on the test set."""
    clf = RecurrentClassifier(random_state=random_state).fit(*read_ts(Path(folder, f"{name}_TRAIN.ts")))
    return clf.score(*read_ts(Path(folder, f"{name}_TEST.ts")))


def passengers(folder, random_state, n_test=48, n_steps=12):
    """Return the RMSE of one month ahead on the last months, and that of y[t-12] + y[t-1] - y[t-13].

    The network predicts by how much the growth differs from that of the year before. This and alpha were chosen by
    forecasts of the last three of the eight years of training, each year from those before it.
    """
    y = np.loadtxt(Path(folder, "Airline.csv"), delimiter=",", skiprows=1, usecols=1)
    growth = np.diff(np.log(y))
    X, change = windows(growth[12:] - growth[:-12], n_steps)
    reg = RecurrentRegressor(alpha=0.1, random_state=random_state).fit(X[:-n_test], change[:-n_test])
    before = y[-n_test - 1 : -1]
    forecast = before * np.exp(growth[-n_test - 12 : -12] + reg.predict(X[-n_test:]))
    naive = y[-n_test - 12 : -12] + before - y[-n_test - 13 : -13]
    return [float(np.sqrt(((f - y[-n_test:]) ** 2).mean())) for f in (forecast, naive)]


def mnist_rows(folder, random_state):
    """Return the accuracy on MNIST of an LSTM that reads an image line by line."""
    X, y, X_test, y_test = load_mnist(folder)
    clf = RecurrentClassifier((64,), sequence_shape=(28, 28), max_iter=10, random_state=random_state)
    return clf.fit(X, y).score(X_test, y_test)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", metavar="FOLDER")
    parser.add_argument("--mnist", metavar="FOLDER")
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    problems = {
        "XOR in time, simple: errors by position": xor_in_time,
        "adding problem, 50 steps, simple: error": lambda seed: adding("simple", seed),
        "adding problem, 50 steps, lstm: error": lambda seed: adding("lstm", seed),
        "adding problem, 50 steps, gru: error": lambda seed: adding("gru", seed),
        "first symbol, 20 steps: accuracy": first_symbol,
    }
    if options.series:
        for name in ("JapaneseVowels", "ItalyPowerDemand"):
            problems[f"{name}: accuracy"] = lambda seed, name=name: classify(options.series, name, seed)
        problems["passengers, one month ahead: RMSE, naive"] = lambda seed: passengers(options.series, seed)
    if options.mnist:
        problems["MNIST line by line: accuracy"] = lambda seed: mnist_rows(options.mnist, seed)
    print(f"| {'problem':42} | {'mean':24} | seconds |\n|---|---|---|")
    for name, figures in problems.items():
        start = time.perf_counter()
        of_seeds = np.array([figures(seed) for seed in range(options.seeds)])
        seconds = (time.perf_counter() - start) / options.seeds
        mean = " / ".join(f"{value:.4g}" for value in np.atleast_1d(of_seeds.mean(axis=0)))
        print(f"| {name:42} | {mean:24} | {seconds:.1f} |", flush=True)


if __name__ == "__main__":
    main()
