"""How good are the defaults on images? Networks with no arguments on the first images of MNIST.

    python examples/benchmarks/images.py FOLDER [--rows 2000 10000 60000] [--seeds 3]

FOLDER has the four files of MNIST. Each line is the accuracy on the 10,000 test images, the epochs and the seconds of
one fit. scikit-learn's MLP follows a StandardScaler. "One rate" is the same learning rate in all layers.
"""

import argparse
import time
import warnings

from sklearn.base import clone
from sklearn.neural_network import MLPClassifier as SklearnMLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_scratch import ConvNetClassifier, MLPClassifier
from sknn_scratch.datasets import load_mnist

MODELS = {
    "ConvNetClassifier": ConvNetClassifier(),
    "the same, one rate": ConvNetClassifier(learning_rate_init=0.01),
    "ConvNetClassifier, 5 x 5": ConvNetClassifier(kernel_size=5),
    "the same, one rate, 5 x 5": ConvNetClassifier(kernel_size=5, learning_rate_init=0.01),
    "MLPClassifier": MLPClassifier(),
    "scikit-learn MLP": make_pipeline(StandardScaler(), SklearnMLPClassifier()),
}


def main():
    """Fit every model to so many rows, with each seed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--rows", type=int, nargs="+", default=[2000, 10_000, 60_000])
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    X, y, X_test, y_test = load_mnist(args.folder)
    warnings.simplefilter("ignore")
    for n in args.rows:
        for name, model in MODELS.items():
            for seed in range(args.seeds):
                model = clone(model)
                last = model[-1] if hasattr(model, "steps") else model
                last.set_params(random_state=seed)
                start = time.perf_counter()
                model.fit(X[:n], y[:n])
                seconds = time.perf_counter() - start
                score = model.score(X_test, y_test)
                print(
                    f"{n:6d} images  {name:26s} seed {seed}: {score:.4f} {last.n_iter_:4d} {seconds:7.1f} s", flush=True
                )


if __name__ == "__main__":
    main()
