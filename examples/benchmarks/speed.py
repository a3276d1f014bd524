"""How fast is training? The same networks, epochs, batches and rates, ours beside scikit-learn's, in one run.

    python examples/benchmarks/speed.py [--rounds 3] [--mnist FOLDER]

Rates are constant and inputs are taken as they come on both sides. Each round trains both in turn; the table shows
medians in seconds and how many times faster ours is. Without MNIST, random images of the same shape take its place:
the work is the same.
"""

import argparse
import statistics
import time
import warnings

import numpy as np
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier as SklearnMLPClassifier

from sknn_scratch import MLPClassifier
from sknn_scratch.datasets import load_mnist

NO_STOP = {"tol": 0.0, "n_iter_no_change": 10_000, "random_state": 0}
SGD = {"solver": "sgd", "momentum": 0.0, "learning_rate_init": 0.1}
ADAM = {"solver": "adam", "learning_rate_init": 1e-3}
ROWS = {
    "784-50-10, SGD, batch 100, 1,200 steps": (
        "mnist",
        {"hidden_layer_sizes": (50,), "batch_size": 100, "max_iter": 2} | SGD,
    ),
    "784-256-128-10, Adam, batch 128, 1 epoch": (
        "mnist",
        {"hidden_layer_sizes": (256, 128), "batch_size": 128, "max_iter": 1} | ADAM,
    ),
    "784-1024-1024-10, Adam, batch 256, 1 epoch": (
        "mnist",
        {"hidden_layer_sizes": (1024, 1024), "batch_size": 256, "max_iter": 1} | ADAM,
    ),
    "iris, (16,), Adam, batch 15, 2,000 steps": (
        "iris",
        {"hidden_layer_sizes": (16,), "batch_size": 15, "max_iter": 200} | ADAM,
    ),
}


def seconds(model, X, y):
    """Return the seconds to fit."""
    start = time.perf_counter()
    model.fit(X, y)
    return time.perf_counter() - start


def main():
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--mnist", metavar="FOLDER")
    args = parser.parse_args()
    rng = np.random.default_rng(0)
    images = rng.random((60_000, 784), dtype=np.float32), rng.integers(0, 10, 60_000)
    X, y = load_iris(return_X_y=True)
    data = {"mnist": load_mnist(args.mnist)[:2] if args.mnist else images, "iris": (X.astype(np.float32), y)}
    warnings.simplefilter("ignore", ConvergenceWarning)
    print(f"{'':45s}{'ours':>9s}{'scikit-learn':>14s}{'times faster':>14s}")
    for name, (rows, settings) in ROWS.items():
        ours = MLPClassifier(learning_rate="constant", standardize=False, alpha=1e-6, **NO_STOP | settings)
        peer = SklearnMLPClassifier(**NO_STOP | settings)
        times = [(seconds(ours, *data[rows]), seconds(peer, *data[rows])) for _ in range(args.rounds)]
        a, b = (statistics.median(column) for column in zip(*times, strict=True))
        print(f"{name:45s}{a:9.3f}{b:14.3f}{b / a:14.2f}", flush=True)


if __name__ == "__main__":
    main()
